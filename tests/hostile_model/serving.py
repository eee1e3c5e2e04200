"""The guarded service on a socket of loopback, for what a transport in the process cannot show."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from pipelines.settings import Settings
from service.api import build_api
from service.guard import Guard
from service.runtime import Runtime


@contextmanager
def served(settings: Settings) -> Iterator[tuple[str, Runtime]]:
    """Its address and its runtime."""
    runtime = Runtime(settings)
    runtime.start()
    config = uvicorn.Config(
        Guard(build_api(runtime), runtime), host="127.0.0.1", port=0, log_level="error", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", runtime
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        runtime.stop()
