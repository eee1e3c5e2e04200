"""Drafts of a language model for HTTP: awaited without holding a thread, and ended when the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import TYPE_CHECKING, TypeVar

from starlette.requests import ClientDisconnect, Request

from pipelines.contracts import SuggestAnswer, SuggestRequest
from service.runtime import Runtime
from service.streaming import END, Event
from service.swapping import Assistant

if TYPE_CHECKING:
    from pipelines.generating.drafting import Drafting

T = TypeVar("T")


async def drafted(
    runtime: Runtime, assistant: Assistant, drafting: Drafting, body: SuggestRequest, request: Request
) -> SuggestAnswer:
    """The model's verified replies, or the extracted ones.

    Raises:
        ClientDisconnect: the client left; the model's call was ended.
        ProblemError: what came before the model found no room or no time.
    """
    prepared = await runtime.workers.run(assistant.prepare, body)
    return await while_connected(request, asyncio.wrap_future(drafting.submit(prepared)))


async def drafted_events(
    runtime: Runtime, assistant: Assistant, drafting: Drafting, body: SuggestRequest
) -> AsyncGenerator[Event, None]:
    """Each verified sentence as the model writes it, then the whole answer; closing it ends the call."""
    prepared = await runtime.workers.run(assistant.prepare, body)
    loop, events = asyncio.get_running_loop(), asyncio.Queue[Event]()
    future = drafting.submit(prepared, lambda event: _put(loop, events, event))
    future.add_done_callback(lambda _: _put(loop, events, END))
    try:
        while (event := await events.get()) is not END:
            yield event
        future.result()
    finally:
        future.cancel()


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """The result of some work, which is cancelled when the client leaves.

    Raises:
        ClientDisconnect: the client left first.
    """
    task = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        task.cancel()
        leaving.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _put(loop: asyncio.AbstractEventLoop, events: asyncio.Queue[Event], event: Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(events.put_nowait, event)
