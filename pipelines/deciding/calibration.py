"""From a raw score to a probability of being right: a monotone map with two numbers (Platt 1999)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.errors import ModelError

BOUND = 30.0
"""Log-odds are kept within this, where a probability still differs from 0 and 1."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """``slope * log-odds + shift``; the order of what it maps is kept.

    Attributes:
        slope: over 0.

    Raises:
        ModelError: the slope would turn the order round.

    Example:
        >>> Calibration().probability(0.0)
        0.5
        >>> Calibration(0.5, 1.0).probability(-2.0)
        0.5
    """

    slope: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.shift) and 0 < self.slope < math.inf):
            raise ModelError("The calibration is not monotone.", mend="Fit it again: souffleur setup")

    def probability(self, log_odds: float) -> float:
        """In (0, 1)."""
        return 1 / (1 + math.exp(-max(-BOUND, min(BOUND, self.slope * log_odds + self.shift))))

    def to_json(self) -> dict[str, float]:
        """As it is stored."""
        return {"slope": self.slope, "shift": self.shift}

    @classmethod
    def from_json(cls, value: Mapping[str, float]) -> Calibration:
        """Raises ModelError for a map that is not monotone."""
        return cls(float(value["slope"]), float(value["shift"]))
