"""What stands before every request: id, log line, counters, access, body limit, headers, one error shape."""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass, field

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.auth import PROBES
from service.limits import BodyLimit
from service.logs import event, failure
from service.problems import ProblemError, answer
from service.runtime import Runtime

ENDPOINTS = frozenset(
    {"/", "/suggest", "/suggest/stream", "/summarize", "/template", "/health", "/metrics", "/openapi.json"}
)
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(slots=True)
class Trace:
    """What is noted of one request while it is answered; nothing in it comes from the client.

    Example:
        >>> Trace("r1").status
        500
    """

    id: str = field(default_factory=lambda: secrets.token_hex(8))
    began: float = field(default_factory=time.perf_counter)
    status: int = 500
    started: bool = False
    bundle: str | None = None
    silence: str | None = None
    error: str | None = None


class Guard:
    """Pure ASGI, so that streams are not held back."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self.runtime = runtime
        self._limited = BodyLimit(app, runtime.settings.max_body_bytes, runtime.settings.timeout_s)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens, and note it."""
        if scope["type"] == "lifespan":
            assert self._limited.app is not None
            return await self._limited.app(scope, receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1000})
        trace = scope["souffleur"] = Trace()
        try:
            await self._answer(scope, receive, _noting(trace, send))
        finally:
            self._note(scope["path"], trace)
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        trace: Trace = scope["souffleur"]
        try:
            self.runtime.access.check(scope)
            await self._limited(scope, receive, send)
        except ProblemError as problem:
            await answer(scope, problem.status, problem.detail, headers=problem.headers)(scope, receive, send)
        except Exception as error:
            trace.error = failure(error)
            if not trace.started:
                await answer(scope, 500, "Something failed inside the service.")(scope, receive, send)

    def _note(self, path: str, trace: Trace) -> None:
        if path in PROBES:
            return
        endpoint = path if path in ENDPOINTS else "/console" if path.startswith("/console/") else "other"
        seconds = time.perf_counter() - trace.began
        self.runtime.metrics.requests.labels(endpoint, str(trace.status)).inc()
        self.runtime.metrics.seconds.labels(endpoint).observe(seconds)
        level = logging.ERROR if trace.error else logging.INFO
        event(
            "request",
            level,
            id=trace.id,
            endpoint=endpoint,
            status=trace.status,
            ms=round(seconds * 1000, 1),
            bundle=trace.bundle,
            silence=trace.silence,
            error=trace.error,
        )


def _noting(trace: Trace, send: Send) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            trace.started, trace.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers["X-Request-ID"] = trace.id
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return noted
