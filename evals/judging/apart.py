"""Asynchronous work from ordinary code, whether an event loop runs already (a notebook) or not."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` in a loop of its own, in a thread of its own, and wait for what it returns or raises.

    Example:
        >>> run_apart(asyncio.sleep(0, "done"))
        'done'
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="judging") as pool:
        return pool.submit(asyncio.run, work).result()
