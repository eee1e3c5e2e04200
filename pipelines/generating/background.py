"""One event loop in a thread of its own, on which all calls of models wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """A loop that is always there; cancelling a future that it gave cancels the work.

    Example:
        >>> async def one() -> int:
        ...     return 1
        >>> background().submit(one()).result()
        1
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="souffleur-llm", daemon=True).start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin some work; returns at once."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)


@cache
def background() -> Background:
    """The loop of this process, begun at first use."""
    return Background()
