"""Shares with Wilson 95 % intervals (Wilson 1927, J. Amer. Statist. Assoc. 22)."""

from __future__ import annotations

import math
from typing import Any

Z = 1.959964


def share(count: int, total: int) -> dict[str, Any]:
    """``{value, low, high, n}``; the value of nothing is None, never 0.

    Example:
        >>> share(8, 10)
        {'value': 0.8, 'low': 0.4902, 'high': 0.9433, 'n': 10}
    """
    if total == 0:
        return {"value": None, "low": None, "high": None, "n": 0}
    p = count / total
    centre = (p + Z * Z / (2 * total)) / (1 + Z * Z / total)
    half = Z * math.sqrt(p * (1 - p) / total + Z * Z / (4 * total * total)) / (1 + Z * Z / total)
    return {
        "value": round(p, 4),
        "low": round(max(0.0, centre - half), 4),
        "high": round(min(1.0, centre + half), 4),
        "n": total,
    }
