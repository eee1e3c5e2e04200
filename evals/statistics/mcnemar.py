"""The exact test of McNemar on pairs of right and wrong (McNemar 1947, Psychometrika 12)."""

from __future__ import annotations

from math import comb


def mcnemar(fixed: int, broken: int) -> float:
    """Two-sided probability of a split as uneven as this if both ways were equally likely.

    Args:
        fixed: pairs wrong before and right now.  broken: the other way round.

    Example:
        >>> round(mcnemar(9, 1), 4)
        0.0215
    """
    n, least = fixed + broken, min(fixed, broken)
    if n == 0:
        return 1.0
    # Whole numbers throughout: a float would overflow at a thousand pairs.
    tail = sum(comb(n, k) for k in range(least + 1))
    return min(1.0, 2 * tail / (1 << n))
