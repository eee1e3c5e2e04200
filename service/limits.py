"""The body of a request: JSON only, bounded, and there in time; read once, before anything looks at it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import ProblemError


class BodyLimit:
    """Pure ASGI: reads the whole body (its length announced or chunked) and hands it on as one message.

    Raises:
        ProblemError: 413 too large, 415 not JSON, 408 not there within ``timeout_s``.

    Example:
        >>> BodyLimit(None, max_bytes=1000, timeout_s=10).max_bytes
        1000
    """

    def __init__(self, app: ASGIApp | None, max_bytes: int, timeout_s: float) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check and read the body, then pass the request on."""
        assert self.app is not None
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        self._check_length(headers.get(b"content-length", b"0"))
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if kind != b"application/json" and not (kind.startswith(b"application/") and kind.endswith(b"+json")):
            raise ProblemError(415, "The body is not declared as JSON.")
        try:
            async with asyncio.timeout(self.timeout_s):
                body, gone = await self._read(receive)
        except TimeoutError:
            raise ProblemError(
                408, f"The body was not there within {self.timeout_s:g} s.", {"Connection": "close"}
            ) from None
        if gone:
            return None
        return await self.app(scope, _replay(body, receive), send)

    def _check_length(self, value: bytes) -> None:
        # A length that is no number has already been refused by the HTTP parser.
        if value.isdigit() and int(value[:20]) > self.max_bytes:
            raise self._too_large()

    async def _read(self, receive: Receive) -> tuple[bytes, bool]:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return b"", True
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > self.max_bytes:
                raise self._too_large()
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts), False

    def _too_large(self) -> ProblemError:
        # What is left of the body is not read, so the connection cannot be used again.
        return ProblemError(413, f"The body is larger than {self.max_bytes} bytes.", {"Connection": "close"})


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
