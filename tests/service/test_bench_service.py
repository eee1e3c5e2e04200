"""The service bench against a real service on loopback, and the addresses it refuses."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from evals.benches.own_service import Memory
from evals.benches.service import bench_service, loopback, questions
from pipelines.errors import DataError, SouffleurError
from pipelines.settings import Settings

HERE = Path(__file__).resolve().parent
DATASETS = HERE.parents[1] / "datasets"


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def url(home: Path, unused_port: int) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "serve_tiny.py"), str(home), str(unused_port)], stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{unused_port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(url + "/readyz", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.server
def test_a_running_service_is_measured(url: str) -> None:
    settings = Settings(_env_file=None, datasets=DATASETS)  # type: ignore[call-arg]
    stages: list[tuple[str, int, int]] = []
    result = bench_service(
        url, seconds=1.0, clients=4, settings=settings, progress=lambda *tick: stages.append(tick)
    )
    for stretch in (result["one_client"], result["many_clients"]):
        assert stretch["failed"] == 0
        assert stretch["requests"] > 10
        assert 0 < stretch["p50_ms"] <= stretch["p95_ms"] <= stretch["p99_ms"]
    assert result["peak_rss_mb"] >= result["rss_mb"] > 20
    assert all(value > 0 for value in result["machine"].values())
    assert {stage for stage, _, _ in stages} == {"one client", "4 clients"}
    json.dumps(result, allow_nan=False)


def test_questions_are_all_different_and_in_a_fixed_order() -> None:
    bodies = questions(DATASETS)
    assert len(bodies) > 1_000
    assert len({json.dumps(body, sort_keys=True) for body in bodies}) > 0.99 * len(bodies)
    assert bodies == questions(DATASETS)


@pytest.mark.parametrize(
    "address",
    ["http://example.com", "http://192.168.1.2:3000", "ftp://127.0.0.1", "127.0.0.1:3000", "http://", "",
     "http://[::1",
     "http://127.0.0.1:99999", "http://user@127.0.0.1", "http://127.0.0.1.example.com", "http://127.0.0.1/suggest"],
)  # fmt: skip
def test_only_this_machine_is_measured(address: str) -> None:
    with pytest.raises(DataError):
        loopback(address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:3000", "http://localhost:1", "http://[::1]:3000", "http://127.9.9.9:1/"]
)
def test_loopback_addresses_are_taken(address: str) -> None:
    assert loopback(address) == address.rstrip("/")


@pytest.mark.parametrize(
    ("seconds", "clients"), [(0, 8), (-1, 8), (601, 8), (1, 0), (1, 65), (float("nan"), 8)]
)
def test_bounds(seconds: float, clients: int) -> None:
    with pytest.raises(DataError):
        bench_service(
            "http://127.0.0.1:1", seconds=seconds, clients=clients, settings=Settings(_env_file=None)
        )  # type: ignore[call-arg]


def test_nobody_there_is_one_clear_error(unused_port: int) -> None:
    settings = Settings(_env_file=None, datasets=DATASETS)  # type: ignore[call-arg]
    with pytest.raises(SouffleurError, match="No answer"):
        bench_service(f"http://127.0.0.1:{unused_port}", seconds=1, settings=settings)


def test_memory_of_nothing_is_unmeasured() -> None:
    memory = Memory(None)
    with memory.watched():
        pass
    assert memory.rss_mb is None
