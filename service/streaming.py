"""Server-sent events: each verified sentence as soon as it is known, then the whole answer."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from service.logs import failure
from service.problems import ProblemError, describe
from service.work import Workers

Event = tuple[str, dict[str, Any]]
END: Event = ("", {})


def frame(event: Event) -> bytes:
    r"""One event on the wire; JSON keeps line breaks out of it.

    Example:
        >>> frame(("sentence", {"text": "a\nb"}))
        b'event: sentence\ndata: {"text":"a\\nb"}\n\n'
    """
    name, data = event
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


async def frames(
    events: Iterator[Event],
    workers: Workers,
    on_event: Callable[[Event], None],
    on_error: Callable[[str], None],
) -> AsyncIterator[bytes]:
    """The frames of an answer; each step is worked out in a thread, all of them within one time limit.

    Raises:
        ProblemError: before the first frame. Once frames are out, a failure becomes a last event ``error``.
    """
    deadline = time.monotonic() + workers.timeout_s
    started = False
    while True:
        try:
            left = max(0.001, deadline - time.monotonic())
            event = await workers.run(next, events, END, timeout_s=left)
        except Exception as error:
            if not started:
                raise
            status, detail = (
                (error.status, error.detail)
                if isinstance(error, ProblemError)
                else (500, "Something failed inside the service.")
            )
            on_error(failure(error))
            yield frame(("error", describe(status, detail).model_dump(mode="json")))
            return
        if event is END:
            return
        on_event(event)
        started = True
        yield frame(event)


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
