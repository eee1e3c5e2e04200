"""Does a probability mean what it says? Calibration error, Brier score, reliability and ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 15
Edges = Literal["width", "mass"]


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a reliability diagram: mean confidence, share that was right, and how many rows."""

    confidence: float
    accuracy: float
    count: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far confidences are from the truth.

    Attributes:
        ece: expected calibration error (Guo et al. 2017).  brier: mean squared error (Brier 1950).
        reliability, resolution, uncertainty: its parts, Murphy 1973; brier is close to the first less the
            second plus the third, exactly so when a bin holds equal confidences.
    """

    ece: float
    brier: float
    reliability: float
    resolution: float
    uncertainty: float
    bins: tuple[Bin, ...]


def calibration(
    confidence: ArrayLike, right: ArrayLike, bins: int = BINS, edges: Edges = "width"
) -> Calibration:
    """Calibration of probabilities, both of shape ``(n,)``.

    Args:
        edges: bins of equal ``width``, or of equal ``mass`` (as many rows in each).

    Raises:
        ValueError: there are no rows, or a confidence is outside of [0, 1].

    Example:
        >>> calibration([0.8] * 5, [1, 1, 1, 1, 0]).ece
        0.0
    """
    sure, hit = np.asarray(confidence, np.float64), np.asarray(right, np.float64)
    if not len(sure) or not ((sure >= 0) & (sure <= 1)).all():
        raise ValueError("confidences must be probabilities, and there must be some")
    member = _members(sure, bins, edges)
    groups = [np.flatnonzero(member == number) for number in range(bins)]
    made = [Bin(float(sure[g].mean()), float(hit[g].mean()), len(g)) for g in groups if len(g)]
    total, base = len(sure), float(hit.mean())
    return Calibration(
        ece=round(sum(abs(b.confidence - b.accuracy) * b.count for b in made) / total, 6),
        brier=round(float(((sure - hit) ** 2).mean()), 6),
        reliability=round(sum((b.confidence - b.accuracy) ** 2 * b.count for b in made) / total, 6),
        resolution=round(sum((b.accuracy - base) ** 2 * b.count for b in made) / total, 6),
        uncertainty=round(base * (1 - base), 6), bins=tuple(made),
    )  # fmt: skip


def auroc(score: ArrayLike, positive: Sequence[bool] | ArrayLike) -> float | None:
    """Probability that a positive outranks a negative, ties counted half; None when one side is empty.

    Example:
        >>> auroc([0.9, 0.5, 0.5], [True, True, False])
        0.75
    """
    values, sign = np.asarray(score, np.float64), np.asarray(positive, bool)
    if sign.all() or not sign.any():
        return None
    above = values[sign][:, None] - values[~sign][None, :]
    return round(float((above > 0).mean() + 0.5 * (above == 0).mean()), 4)


def _members(sure: NDArray[np.float64], bins: int, edges: Edges) -> NDArray[np.int64]:
    if edges == "width":
        return np.minimum((sure * bins).astype(np.int64), bins - 1)
    order = np.argsort(sure, kind="stable")
    member = np.empty(len(sure), np.int64)
    member[order] = np.arange(len(sure)) * bins // len(sure)
    return member
