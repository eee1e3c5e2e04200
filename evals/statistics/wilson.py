"""Shares with Wilson intervals (Wilson 1927, J. Amer. Statist. Assoc. 22)."""

from __future__ import annotations

import math
from typing import Any

Z = 1.959964


def share(count: int, total: int, z: float = Z) -> dict[str, Any]:
    """``{value, low, high, n}``; the value of nothing is None, never 0.

    Args:
        z: standard deviations on each side, those of 95 % unless given.

    Example:
        >>> share(8, 10)
        {'value': 0.8, 'low': 0.4902, 'high': 0.9433, 'n': 10}
    """
    if total == 0:
        return {"value": None, "low": None, "high": None, "n": 0}
    p = count / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return {
        "value": round(p, 4),
        "low": round(max(0.0, centre - half), 4),
        "high": round(min(1.0, centre + half), 4),
        "n": total,
    }
