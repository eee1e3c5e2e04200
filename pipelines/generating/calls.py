"""What one request may still spend on models, and what it has spent."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

FailureKind = Literal[
    "timeout", "unreachable", "unauthorised", "not_found", "rate_limited", "server", "too_long", "refused",
    "interrupted", "resting", "unreadable", "empty", "superseded", "left", "endless",
]  # fmt: skip
"""Why a model did not answer; a label of metrics, so a closed list."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One completed exchange with a model; tokens are None where the server did not count them.

    Example:
        >>> Spent("m", 10, 2).input_tokens
        10
    """

    model: str
    input_tokens: int | None
    output_tokens: int | None


@dataclass
class Call:
    """One request's dealings with models.

    Attributes:
        deadline: in the time of ``time.monotonic()``.
        begin: called before each attempt.
        worth_keeping: whether something that may be shown has been received already, so that a broken
            stream is not begun again.

    Example:
        >>> 0 < Call(time.monotonic() + 5).left() <= 5
        True
    """

    deadline: float
    begin: Callable[[], None] = lambda: None
    worth_keeping: Callable[[], bool] = lambda: False
    spent: list[Spent] = field(default_factory=list)
    failures: list[tuple[str, FailureKind]] = field(default_factory=list)
    attempts: int = 0

    def left(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self.deadline - time.monotonic())


CURRENT: ContextVar[Call | None] = ContextVar("souffleur_call", default=None)
"""The call that is being made in this task; Haystack's generators have no argument for it."""


class ModelFailure(Exception):
    """A model did not answer; ``kind`` says why, ``retry_after`` for how long to leave it alone (seconds).

    Example:
        >>> ModelFailure("timeout").kind
        'timeout'
    """

    def __init__(self, kind: FailureKind, retry_after: float | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.retry_after = retry_after
