"""How much a run may spend; what it has spent stops it between two rows, never within one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from evals.rows import Usage
from pipelines.errors import DataError


@dataclass
class Budget:
    """Ceilings of calls, tokens, money and seconds; None is no ceiling.

    Example:
        >>> budget = Budget(calls=2)
        >>> budget.spend(Usage(calls=2))
        >>> budget.exhausted()
        'calls: 2 of 2'
    """

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None
    seconds: float | None = None
    used: Usage = field(default_factory=Usage)
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        for name in ("calls", "tokens", "money", "seconds"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise DataError(f"The budget of {name} is negative.", mend="Give 0 or more.")

    def spend(self, usage: Usage) -> None:
        """Count what one prediction used."""
        self.used = self.used + usage

    def exhausted(self) -> str | None:
        """Which ceiling is reached, as ``NAME: USED of LIMIT``; None while there is room."""
        spent = {
            "calls": (self.used.calls, self.calls),
            "tokens": (self.used.input_tokens + self.used.output_tokens, self.tokens),
            "money": (round(self.used.money, 6), self.money),
            "seconds": (round(time.monotonic() - self.started, 1), self.seconds),
        }
        for name, (used, limit) in spent.items():
            if limit is not None and used >= limit:
                return f"{name}: {used:g} of {limit:g}"
        return None
