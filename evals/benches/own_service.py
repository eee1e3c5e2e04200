"""A service of one's own, for a measurement: its bundle, its process, its memory."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from pipelines.contracts import LANGS
from pipelines.errors import SouffleurError
from pipelines.settings import Settings

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 20.0

# Keys of the operator's settings are left out: this service is on loopback, for a moment, for us.
_SERVE = """
import sys
from pathlib import Path
from pipelines.settings import load_settings
settings = load_settings(api_keys="", bundle=Path(sys.argv[1]))
from service.launch import serve
serve(settings, "127.0.0.1", int(sys.argv[2]))
"""


class Memory:
    """Resident memory of a process and its children, in MB (10^6 bytes); None where it cannot be read.

    Example:
        >>> Memory(None).rss_mb is None
        True
    """

    def __init__(self, pid: int | None, poll_s: float = 0.25) -> None:
        self._pid = pid
        self._poll_s = poll_s
        self.peak_mb: float | None = None
        self.rss_mb: float | None = None

    @classmethod
    def of_port(cls, url: str) -> Memory:
        """Of whatever listens on the port of ``url``, when the system lets us see it."""
        import psutil

        port = urlsplit(url).port or 80
        try:
            listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
            return cls(next((c.pid for c in listening if getattr(c.laddr, "port", None) == port), None))
        except psutil.Error:
            pass
        return cls(None)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keep the last value and the highest one while the block runs."""
        stop = threading.Event()
        thread = threading.Thread(target=self._watch, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _watch(self, stop: threading.Event) -> None:
        while True:
            value = self._read()
            if value is not None:
                self.rss_mb = value
                self.peak_mb = max(value, self.peak_mb or 0.0)
            if stop.wait(self._poll_s):
                return

    def _read(self) -> float | None:
        if self._pid is None:
            return None
        import psutil

        try:
            process = psutil.Process(self._pid)
            family = [process, *process.children(recursive=True)]
            return round(float(sum(member.memory_info().rss for member in family)) / 1e6, 1)
        except psutil.Error:
            return None


@dataclass(frozen=True, slots=True)
class OwnService:
    """A running service: where it answers, how long it took to be ready, and what it holds in memory.

    Example:
        >>> OwnService("http://127.0.0.1:1", 1.5, Memory(None)).ready_s
        1.5
    """

    url: str
    ready_s: float
    memory: Memory


@contextmanager
def own_service(settings: Settings, passages: int, folder: Path) -> Iterator[OwnService]:
    """Serve the current bundle, with ``passages`` synthetic passages for its knowledge, until the block ends.

    All else is the bundle's own: understanding, matcher, ranker, confidence, templates.

    Raises:
        BundleError: there is no current bundle to take the models from.
        SouffleurError: the service does not become ready.
    """
    with serving(_bundle(settings, passages, folder), folder) as service:
        yield service


@contextmanager
def serving(bundle: Path, folder: Path, code: Path | None = None) -> Iterator[OwnService]:
    """Serve a bundle on a free port of loopback until the block ends.

    Args:
        folder: where the service's log goes.  code: folder of the packages to serve with, instead of ours.

    Raises:
        SouffleurError: the service does not become ready; it says what the log said last.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    log = folder / "service.log"
    began = time.perf_counter()
    with log.open("wb") as stream:
        command = [sys.executable, "-c", _SERVE, str(bundle.resolve()), str(port)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, cwd=code)
    try:
        _wait(process, url, began, log)
        yield OwnService(url, time.perf_counter() - began, Memory(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, began: float, log: Path) -> None:
    with httpx.Client(timeout=2.0, trust_env=False) as client:
        while time.perf_counter() - began < READY_WITHIN_S:
            if process.poll() is not None:
                break
            try:
                if client.get(url + "/readyz").status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.02)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise SouffleurError(
        "The service to measure did not become ready.", mend=f"It said last: {' '.join(last)[:300]}"
    )


def _bundle(settings: Settings, passages: int, folder: Path) -> Path:
    from evals.benches.synthetic import build_synthetic_store
    from evals.building import INDEX, MATCHER
    from pipelines.embedding import Encoder
    from service.bundle import MANIFEST, open_bundle
    from service.freezing import freeze

    current = open_bundle(settings.bundle_dir)
    store = folder / "index"
    encoder, knowledge = Encoder(settings.cache, threads=2), settings.datasets / "knowledge"
    build_synthetic_store(store, passages, encoder, knowledge, current.root / MATCHER, LANGS)
    parts = {part.name: part for part in current.root.iterdir() if part.name not in (MANIFEST, INDEX)}
    return freeze({**parts, INDEX: store}, folder, model=current.model, prompts=current.prompts)
