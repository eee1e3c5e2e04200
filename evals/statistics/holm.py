"""Holm's step-down correction for several tests at once (Holm 1979, Scand. J. Statist. 6)."""

from __future__ import annotations

from collections.abc import Mapping


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Adjusted probabilities: all below alpha are significant with at most alpha of any false one.

    Example:
        >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
        {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    order = sorted(p, key=lambda name: p[name])
    adjusted, highest = {}, 0.0
    for rank, name in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p[name]))
        adjusted[name] = round(highest, 12)
    return {name: adjusted[name] for name in p}
