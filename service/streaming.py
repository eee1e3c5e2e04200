"""Server-sent events: each verified sentence as soon as it is known, then the whole answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

from service.logs import failure
from service.problems import ProblemError, describe
from service.work import Workers

Event = tuple[str, dict[str, Any]]
END: Event = ("", {})
BROKEN = "Something failed inside the service."


def frame(event: Event) -> bytes:
    r"""One event on the wire; JSON keeps line breaks out of it.

    Example:
        >>> frame(("sentence", {"text": "a\nb"}))
        b'event: sentence\ndata: {"text":"a\\nb"}\n\n'
    """
    name, data = event
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


async def stepped(events: Iterator[Event], workers: Workers) -> AsyncGenerator[Event, None]:
    """The same events, each step worked out in a thread."""
    while (event := await workers.run(next, events, END)) is not END:
        yield event


async def frames(
    events: AsyncGenerator[Event, None],
    timeout_s: float,
    on_event: Callable[[Event], None],
    on_error: Callable[[str], None],
) -> AsyncIterator[bytes]:
    """The frames of an answer, all of them within one time limit.

    Raises:
        ProblemError: before the first frame. Once frames are out, a failure becomes a last event ``error``.
    """
    deadline = time.monotonic() + timeout_s
    started = False
    async with aclosing(events):
        while True:
            try:
                async with asyncio.timeout(max(0.001, deadline - time.monotonic())):
                    event = await anext(events)
            except StopAsyncIteration:
                return
            except Exception as error:
                known = _told(error, timeout_s)
                if not started:
                    raise known from None
                on_error(failure(error))
                yield _last(known)
                return
            on_event(event)
            started = True
            yield frame(event)


def _told(error: Exception, timeout_s: float) -> Exception:
    return (
        ProblemError(504, f"No answer within {timeout_s:g} s.") if isinstance(error, TimeoutError) else error
    )


def _last(error: Exception) -> bytes:
    status, detail = (error.status, error.detail) if isinstance(error, ProblemError) else (500, BROKEN)
    return frame(("error", describe(status, detail).model_dump(mode="json")))


async def primed(source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same frames, the first already there: a failure before it still gets its own status."""
    first = [item async for item in _take(source)]

    async def rest() -> AsyncIterator[bytes]:
        for item in first:
            yield item
        async for item in source:
            yield item

    return rest()


async def _take(source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for item in source:
        yield item
        return
