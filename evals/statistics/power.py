"""How small a difference a set can show: said before a run, so that nobody waits for what it cannot tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, variance

from evals.statistics.bootstrap import cluster_sums

ALPHA = 0.05
POWER = 0.8


def detectable_difference(
    n: int, spread: float, *, alpha: float = ALPHA, power: float = POWER, two_sided: bool = True
) -> float | None:
    """The true mean difference that ``n`` independent pairs show with the given power; None below 2 pairs.

    Args:
        spread: standard deviation of the paired differences.

    Source: the normal approximation of the paired test (Cohen 1988, chapter 2).

    Example:
        >>> round(detectable_difference(300, spread=0.5), 3)
        0.081
    """
    if n < 2:
        return None
    normal = NormalDist()
    reach = normal.inv_cdf(1 - alpha / (2 if two_sided else 1)) + normal.inv_cdf(power)
    return reach * spread / math.sqrt(n)


def expected_spread(changed: float = 0.2) -> float:
    """Standard deviation of 0/1 differences when a share of the rows changes, half of them each way.

    Example:
        >>> round(expected_spread(0.25), 3)
        0.5
    """
    return math.sqrt(changed)


def effective_pairs(differences: Sequence[float], clusters: Sequence[str]) -> tuple[int, float]:
    """Clusters, and the standard deviation of their mean differences as if each were one pair."""
    sums, counts = cluster_sums(differences, clusters)
    if len(sums) < 2:
        return len(sums), 0.0
    scaled = sums / (counts.sum() / len(counts))
    return len(sums), math.sqrt(variance(scaled.tolist()))
