"""The BentoML service: one process, the API mounted at ``/``, guarded from the first byte.

``bentoml serve service.app:Souffleur`` and a built Bento start here; ``souffleur serve`` comes by
:mod:`service.launch`.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

from pipelines.settings import Settings, load_settings

# Before BentoML is imported: it reads its telemetry switch then.
SETTINGS = load_settings()

import bentoml  # noqa: E402
from starlette.types import ASGIApp, Receive, Scope, Send  # noqa: E402

from pipelines.errors import SouffleurError  # noqa: E402
from service.api import build_api  # noqa: E402
from service.bundle import open_bundle  # noqa: E402
from service.guard import Guard  # noqa: E402
from service.runtime import Runtime, bundle_path  # noqa: E402

SLACK_S = 5.0
"""BentoML's own time limit comes after ours, whose answer has the error shape of the contract."""


def define(settings: Settings, runtime: Runtime | None = None) -> Any:
    """The BentoML service of some settings; nothing is loaded until it starts."""
    held = runtime or Runtime(settings)

    @bentoml.service(**_options(settings))
    @bentoml.asgi_app(_whole(build_api(held)), path="/")
    class Souffleur:
        """Suggestions, summaries and templates from one frozen bundle."""

        def __init__(self) -> None:
            try:
                held.start()
            except SouffleurError as error:
                give_up(error)

        @bentoml.on_deployment  # type: ignore[untyped-decorator]  # BentoML is not typed for us
        @staticmethod
        def check() -> None:
            """Refuse a missing or damaged bundle before any worker starts."""
            try:
                open_bundle(bundle_path(settings))
            except SouffleurError as error:
                give_up(error)

        @bentoml.on_shutdown  # type: ignore[untyped-decorator]
        def down(self) -> None:
            """Let the work end."""
            held.stop()

        async def __is_ready__(self) -> bool:
            return held.keeper.ready

    service: Any = Souffleur
    service.add_asgi_middleware(Guard, runtime=held)
    return service


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "name": "souffleur",
        "workers": 1,
        "threads": settings.threads,
        "traffic": {"timeout": settings.timeout_s + SLACK_S},
        # BentoML labels its metrics with the paths that clients ask for; ours have bounded labels.
        "metrics": {"enabled": False},
        # A span for every request would go nowhere: nothing exports it.
        "tracing": {"excluded_urls": ".*"},
        "logging": {"access": {"enabled": False}},
    }


def _whole(api: ASGIApp) -> ASGIApp:
    """The same application, hidden in a function: so it takes every path but BentoML's probes.

    BentoML's own index page and documentation, which load scripts from elsewhere, stay closed.
    """

    async def everything(scope: Scope, receive: Receive, send: Send) -> None:
        await api(scope, receive, send)

    return everything


def give_up(error: SouffleurError) -> None:
    """One clear line and the exit code of bad input; no traceback through three frameworks."""
    sys.stderr.write(f"{error}\n")
    sys.stderr.flush()
    os._exit(error.exit_code)


with warnings.catch_warnings():
    # BentoML loads most of itself at the first use, and what it loads warns of what we cannot change.
    warnings.simplefilter("ignore", DeprecationWarning)
    Souffleur = define(SETTINGS)
