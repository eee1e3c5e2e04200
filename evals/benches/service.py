"""How fast the service answers over HTTP, and what it costs: varied questions, one client, then several.

Only a loopback service is measured: this sends as much as it can.
"""

from __future__ import annotations

import ipaddress
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np

from evals.benches.machine import machine_speed
from evals.benches.own_service import Memory, own_service
from evals.data.jsonl import read_rows
from pipelines.errors import DataError, SouffleurError
from pipelines.settings import Settings

WARM_UP = 30
MAX_REQUESTS = 20_000
MAX_SECONDS = 600.0
MAX_CLIENTS = 64
TIMEOUT_S = 30.0
FIRST_PASSAGES = 10_000

Tick = Callable[[str, int, int], None]
Body = dict[str, Any]


@dataclass
class Load:
    """What a stretch of requests gave; times in seconds.

    Example:
        >>> Load([0.010, 0.020], silent=1, elapsed=0.5).figures()["requests_per_s"]
        4.0
    """

    times: list[float] = field(default_factory=list)
    server_ms: list[float] = field(default_factory=list)
    silent: int = 0
    failed: int = 0
    elapsed: float = 0.0

    def figures(self) -> dict[str, Any]:
        """Milliseconds, counts and rate; a failed request counts nowhere but in ``failed``."""
        ms = np.array(self.times) * 1000
        return {
            "requests": len(self.times),
            "failed": self.failed,
            "requests_per_s": round(len(self.times) / self.elapsed, 1) if self.elapsed else None,
            "p50_ms": _percentile(ms, 50),
            "p95_ms": _percentile(ms, 95),
            "p99_ms": _percentile(ms, 99),
            "server_p50_ms": _percentile(np.array(self.server_ms), 50),
            "silent": round(self.silent / len(self.times), 3) if self.times else None,
        }


def bench_service(
    url: str | None,
    passages: int = FIRST_PASSAGES,
    seconds: float = 20.0,
    clients: int = 8,
    *,
    settings: Settings,
    key: str | None = None,
    progress: Tick | None = None,
) -> dict[str, Any]:
    """Latency with one client, rate with several, resident memory, seconds from start to ready, the machine.

    Args:
        url: a running service on this machine; None starts an own one over ``passages`` synthetic passages.
        seconds: length of each of the two stretches.

    Raises:
        DataError: the address is not loopback, or a number is out of bounds.
        SouffleurError: the service cannot be reached, or does not become ready.
    """
    if not 0 < seconds <= MAX_SECONDS or not 1 <= clients <= MAX_CLIENTS:
        raise DataError(f"Give up to {MAX_SECONDS:g} seconds and 1 to {MAX_CLIENTS} clients.")
    bodies = questions(settings.datasets)
    if url is not None:
        address, memory = loopback(url), Memory.of_port(loopback(url))
        return {"url": address, **_measure(address, bodies, seconds, clients, memory, key, progress)}
    with (
        tempfile.TemporaryDirectory(prefix="souffleur-bench-") as folder,
        own_service(settings, passages, Path(folder)) as own,
    ):
        ready = {"passages": passages, "ready_s": round(own.ready_s, 2)}
        return {**ready, **_measure(own.url, bodies, seconds, clients, own.memory, None, progress)}


def questions(datasets: Path, seed: int = 7) -> list[Body]:
    """Request bodies, all different: messages and whole threads, in every language, in a fixed order."""
    messages = read_rows(datasets / "intents" / "train.jsonl", required=("text",))
    bodies: list[Body] = [{"thread": [{"role": "customer", "text": row["text"]}]} for row in messages]
    file = datasets / "answers" / "train.jsonl"
    threads = read_rows(file, required=("thread",)) if file.exists() else []
    bodies += [{"thread": row["thread"], "context": row.get("context") or {}} for row in threads]
    Random(seed).shuffle(bodies)
    return bodies


def loopback(url: str) -> str:
    """The address, without a trailing slash.

    Raises:
        DataError: it is not http on this machine.

    Example:
        >>> loopback("http://127.0.0.1:3000/")
        'http://127.0.0.1:3000'
    """
    mend = "For instance: --url http://127.0.0.1:3000"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DataError("The --url cannot be read.", mend=mend) from None
    if parts.scheme != "http" or not host or parts.username or parts.path.strip("/"):
        raise DataError("The --url must be http://HOST:PORT and nothing more.", mend=mend)
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise DataError("Only a service on this machine is measured.", mend=mend)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def _measure(
    url: str,
    bodies: Sequence[Body],
    seconds: float,
    clients: int,
    memory: Memory,
    key: str | None,
    progress: Tick | None,
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    turn = _Turn(bodies)
    try:
        with memory.watched():
            warm = _one(url, headers, turn, float("inf"), WARM_UP)
            alone = _stretch(url, headers, turn, seconds, 1, "one client", progress)
            together = _stretch(url, headers, turn, seconds, clients, f"{clients} clients", progress)
    except httpx.HTTPError as error:
        raise SouffleurError(
            f"No answer from {url} ({type(error).__name__}).", mend="Is it running? Start it: souffleur serve"
        ) from None
    if not alone.times:
        raise SouffleurError(
            f"{url} refused every request.", mend="Give its key: --key-file FILE" if not key else ""
        )
    return {
        "machine": machine_speed(),
        "first_request_ms": round(warm.times[0] * 1000, 1) if warm.times else None,
        "one_client": alone.figures(),
        "clients": clients,
        "many_clients": together.figures(),
        "rss_mb": memory.rss_mb,
        "peak_rss_mb": memory.peak_mb,
        "questions_available": len(bodies),
        "questions_repeated": max(0, turn.taken - len(bodies)),
    }


class _Turn:
    """Deals out the bodies, each once before any comes again."""

    def __init__(self, bodies: Sequence[Body]) -> None:
        self._bodies, self._next, self._lock = bodies, count(), threading.Lock()
        self.taken = 0

    def __call__(self) -> Body:
        with self._lock:
            self.taken = next(self._next) + 1
            return self._bodies[(self.taken - 1) % len(self._bodies)]


def _stretch(
    url: str,
    headers: dict[str, str],
    turn: _Turn,
    seconds: float,
    clients: int,
    stage: str,
    progress: Tick | None,
) -> Load:
    began = time.perf_counter()
    end = began + seconds
    loads: list[Load] = []
    lost: list[httpx.HTTPError] = []

    def work() -> None:
        try:
            loads.append(_one(url, headers, turn, end, MAX_REQUESTS // clients))
        except httpx.HTTPError as error:
            lost.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        threads[0].join(timeout=0.5) if threads[0].is_alive() else time.sleep(0.1)
        if progress:
            progress(stage, min(int(time.perf_counter() - began), int(seconds) - 1), int(seconds))
    elapsed = time.perf_counter() - began
    if progress:
        progress(stage, int(seconds), int(seconds))
    if lost:
        raise lost[0]
    return Load(
        [t for load in loads for t in load.times], [t for load in loads for t in load.server_ms],
        sum(load.silent for load in loads), sum(load.failed for load in loads), elapsed,
    )  # fmt: skip


def _one(url: str, headers: dict[str, str], turn: _Turn, end: float, limit: int) -> Load:
    """One client, one request after the other, until ``end`` or ``limit``."""
    load = Load()
    with httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False) as client:
        for _ in range(limit):
            began = time.perf_counter()
            if began >= end:
                break
            response = client.post("/suggest", json=turn())
            took = time.perf_counter() - began
            if response.status_code != 200:
                load.failed += 1
                continue
            load.times.append(took)
            answer = response.json()
            load.silent += answer["silence"] is not None
            load.server_ms.append(float(answer["timing_ms"].get("total", 0.0)))
    return load


def _percentile(values: Any, share: float) -> float | None:
    return round(float(np.percentile(values, share)), 2) if len(values) else None
