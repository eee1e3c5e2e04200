"""What several epochs of the same rows show: is an answer right every time, and how much does it vary?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from statistics import fmean, pstdev

from evals.rows import Score
from evals.scorers.directions import direction

VERDICTS = frozenset({-1.0, 0.0, 1.0})
"""The values of a metric that says right or wrong; a graded one has no row that passes."""


def by_epoch(scores: Iterable[Score], metric: str) -> dict[str, list[float | None]]:
    """Example -> its value in each epoch that measured it, None where that epoch failed."""
    values: dict[str, list[float | None]] = defaultdict(list)
    for score in scores:
        if score.name == metric and (score.value is not None or score.status == "error"):
            values[score.example_id].append(score.value)
    return dict(values)


def pass_hat_k(values: Mapping[str, list[float | None]], ids: Collection[str], metric: str) -> float | None:
    """Share of examples that pass in every epoch (tau-bench's pass^k): would it be right every time?

    An epoch that failed is not passed, one without a measured value is passed over. None for a metric that
    is graded, and where nothing was measured.

    Example:
        >>> pass_hat_k({"a": [1.0, 1.0], "b": [1.0, 0.0], "c": [1.0, None]}, ("a", "b", "c"), "right")
        0.3333333333333333
    """
    found = [values[id_] for id_ in ids if id_ in values]
    if not found or any(value is not None and value not in VERDICTS for row in found for value in row):
        return None
    lower = direction(metric) == "lower"
    return fmean(
        float(all(value is not None and (value <= 0 if lower else value >= 1) for value in row))
        for row in found
    )


def spread(values: Mapping[str, list[float | None]], ids: Collection[str]) -> float | None:
    """Mean standard deviation between the epochs of one example; 0 for what always answers the same.

    Example:
        >>> spread({"a": [1.0, 0.0], "b": [1.0, 1.0]}, ("a", "b"))
        0.25
    """
    measured = [[value for value in values.get(id_, []) if value is not None] for id_ in ids]
    found = [row for row in measured if row]
    return fmean(pstdev(row) for row in found) if found else None
