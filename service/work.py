"""Pipelines are CPU work: they run in a few threads, for a bounded time, behind a bounded queue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from service.problems import ProblemError

T = TypeVar("T")
QUEUE_PER_THREAD = 32
"""At 15 ms an answer a full queue is half a second of work: beyond it, better tell a client to come back."""


class Workers:
    """A pool of ``threads``; each job is answered within ``timeout_s`` or refused.

    Example:
        >>> workers = Workers(threads=1, timeout_s=1)
        >>> asyncio.run(workers.run(len, "abc"))
        3
        >>> workers.stop()
    """

    def __init__(self, threads: int, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="souffleur")
        self._room = threads * QUEUE_PER_THREAD
        self._waiting = 0

    async def run(self, job: Callable[..., T], *args: object, timeout_s: float | None = None) -> T:
        """Run a job in a thread.

        Raises:
            ProblemError: 503 when the queue is full, 504 when it took too long.
        """
        if self._waiting >= self._room:
            raise ProblemError(503, "Too many requests are waiting.", {"Retry-After": "1"})
        self._waiting += 1
        future = self._pool.submit(job, *args)
        future.add_done_callback(lambda _: self._done())
        try:
            async with asyncio.timeout(self.timeout_s if timeout_s is None else timeout_s):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            # A job that has started cannot be stopped: it ends unseen and keeps its thread until then.
            raise ProblemError(504, f"No answer within {self.timeout_s:g} s.") from None

    def stop(self) -> None:
        """Refuse what waits and let what runs end."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self) -> None:
        self._waiting -= 1
