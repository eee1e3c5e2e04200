"""Bootstrap intervals of a mean that resample whole clusters (Efron and Tibshirani 1993, ch. 13-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Method = Literal["percentile", "bca"]
Floats = NDArray[np.float64]
DRAWS = 10_000
LEVEL = 0.95
CHUNK = 2_000_000
"""Drawn clusters held at once, so that a large set needs no large memory."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its interval; of nothing, all three are None.

    Example:
        >>> Interval(0.5, 0.4, 0.6, n=10, clusters=10).excludes(0.0)
        True
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int

    def excludes(self, value: float) -> bool:
        """Whether ``value`` lies outside of it."""
        return self.low is not None and self.high is not None and not self.low <= value <= self.high

    def as_dict(self) -> dict[str, Any]:
        """``{value, low, high, n, clusters}``, rounded to six digits."""
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in asdict(self).items()}


def cluster_sums(values: ArrayLike, clusters: Sequence[str] | None = None) -> tuple[Floats, Floats]:
    """Sum and count of the values of each cluster, both of shape ``(clusters,)``; alone each is its own.

    Raises:
        ValueError: a value is not finite, or there are not as many clusters as values.
    """
    array = np.asarray(values, np.float64)
    if not np.isfinite(array).all():
        raise ValueError("values must be finite: NaN is not a measurement")
    if clusters is None:
        return array, np.ones(len(array))
    if len(clusters) != len(array):
        raise ValueError("each value needs its cluster")
    member = np.unique(np.asarray(clusters, dtype=object).astype(str), return_inverse=True)[1]
    return np.bincount(member, weights=array).astype(np.float64), np.bincount(member).astype(np.float64)


def bootstrap_mean(
    values: ArrayLike,
    clusters: Sequence[str] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
    method: Method = "percentile",
) -> Interval:
    """The mean and its bootstrap interval; the same seed gives the same interval.

    Args:
        values: one a row, shape ``(n,)``.  clusters: rows that resample together; each alone when None.
        method: ``percentile``, or ``bca``: corrected for bias and skewness.

    Raises:
        ValueError: a value is not finite.

    Example:
        >>> found = bootstrap_mean([0, 1, 1, 1] * 25, draws=2_000)
        >>> found.value, found.low < 0.75 < found.high
        (0.75, True)
    """
    sums, counts = cluster_sums(values, clusters)
    if not len(sums):
        return Interval(None, None, None, 0, 0)
    mean = float(sums.sum() / counts.sum())
    if len(sums) == 1:
        return Interval(mean, None, None, int(counts.sum()), 1)
    ratios = sums / counts
    if method == "percentile" and (ratios == ratios[0]).all():
        return Interval(mean, mean, mean, int(counts.sum()), len(sums))  # every sample has this mean
    means = resampled_means(sums, counts, draws, seed)
    tail = (1 - level) / 2
    at = (tail, 1 - tail) if method == "percentile" else _bca(sums, counts, means, mean, tail)
    low, high = np.quantile(means, at)
    return Interval(mean, float(low), float(high), int(counts.sum()), len(sums))


def resampled_means(sums: Floats, counts: Floats, draws: int, seed: int) -> Floats:
    """Means of ``draws`` samples of clusters drawn with replacement, shape ``(draws,)``."""
    random = np.random.default_rng(seed)
    size = len(sums)
    step = max(1, CHUNK // size)
    alone = bool((counts == 1).all())
    out = np.empty(draws)
    for start in range(0, draws, step):
        stop = min(draws, start + step)
        drawn = random.integers(0, size, size=(stop - start, size), dtype=np.int32)
        out[start:stop] = sums[drawn].sum(1) / (size if alone else counts[drawn].sum(1))
    return out


def _bca(sums: Floats, counts: Floats, means: Floats, mean: float, tail: float) -> tuple[float, float]:
    """The quantiles to read off, from the share of means below and the jackknife's skewness."""
    normal = NormalDist()
    # Ties count half: with few distinct values the share below would be biased.
    below = float(((means < mean).mean() + (means <= mean).mean()) / 2)
    bias = normal.inv_cdf(min(max(below, 1 / (2 * len(means))), 1 - 1 / (2 * len(means))))
    left = (sums.sum() - sums) / (counts.sum() - counts)
    gap = left.mean() - left
    spread = float((gap**2).sum())
    skew = float((gap**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0

    def quantile(share: float) -> float:
        z = bias + normal.inv_cdf(share)
        return normal.cdf(bias + z / (1 - skew * z))

    return quantile(tail), quantile(1 - tail)
