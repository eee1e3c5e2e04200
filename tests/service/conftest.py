"""A home with a small bundle, and the service over it in this process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tiny import Client, TinyAssistant, make_bundle

from pipelines.settings import Settings
from service.api import build_api
from service.guard import Guard
from service.runtime import Runtime


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_bundle(tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(_env_file=None, home=home)  # type: ignore[call-arg]


@pytest.fixture
def runtime_of() -> Iterator[Callable[..., Runtime]]:
    with contextlib.ExitStack() as stack:

        def make(settings: Settings, **options: Any) -> Runtime:
            runtime = Runtime(settings, **{"loader": TinyAssistant, "poll_s": 0.05, **options})
            runtime.start()
            stack.callback(runtime.stop)
            return runtime

        yield make


@pytest.fixture
def open_client(runtime_of: Callable[..., Runtime], settings: Settings) -> Client:
    """``async with open_client(host=..., client=..., **settings) as http``: the guarded API, in-process."""

    @contextlib.asynccontextmanager
    async def opened(
        client: tuple[str, int] = ("127.0.0.1", 4321), host: str = "http://127.0.0.1:3000", **changes: Any
    ) -> AsyncIterator[httpx.AsyncClient]:
        runtime = runtime_of(settings.model_copy(update=changes))
        app = Guard(build_api(runtime), runtime)
        transport = httpx.ASGITransport(app=app, client=client)
        async with httpx.AsyncClient(transport=transport, base_url=host) as http:
            http.runtime = runtime  # type: ignore[attr-defined]
            yield http

    return opened
