"""A circuit breaker: a model that keeps failing is left alone for a while, then tried with one request."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 30.0


class Breaker:
    """Closed, open, half open; safe between threads.

    Args:
        failures: failures in a row that open it; 0 never opens it.  clock: seconds, monotonic.

    Example:
        >>> breaker = Breaker(1)
        >>> breaker.failed()
        >>> breaker.allows()
        False
    """

    def __init__(self, failures: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.failures = failures
        self._clock = clock
        self._row = 0
        self._pause = FIRST_PAUSE_S
        self._until = 0.0
        self._trying = False
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether a request may be made now; after a pause, one is let through to see."""
        with self._lock:
            if not self.failures or self._row < self.failures:
                return True
            if self._trying or self._clock() < self._until:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        """The model answered: all is well again."""
        with self._lock:
            self._row, self._pause, self._trying = 0, FIRST_PAUSE_S, False

    def failed(self, retry_after: float | None = None) -> None:
        """The model failed; ``retry_after`` is the pause that it asked for itself."""
        with self._lock:
            self._row += 1
            if self.failures and self._row >= self.failures:
                pause = min(max(self._pause, retry_after or 0.0), LONGEST_PAUSE_S)
                self._until = self._clock() + pause
                self._pause = min(self._pause * 2, LONGEST_PAUSE_S)
            self._trying = False

    def abandoned(self) -> None:
        """The request was given up by ourselves, which says nothing of the model."""
        with self._lock:
            self._trying = False
