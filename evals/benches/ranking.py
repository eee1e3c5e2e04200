"""Means of ranking metrics, with an interval over clusters of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000


def summarise(
    scores: Sequence[Mapping[str, float]], clusters: Sequence[str], seed: int = 7
) -> dict[str, Any]:
    """Means, and ``intervals`` with the 95 % bootstrap interval of each.

    Clusters are resampled, not queries: questions about the same passage succeed and fail together.

    Example:
        >>> summarise([{"recall@1": 1.0}, {"recall@1": 1.0}], ["a", "b"])
        {'recall@1': 1.0, 'intervals': {'recall@1': [1.0, 1.0]}}
    """
    names = list(scores[0])
    table = np.array([[row[name] for name in names] for row in scores])
    labels, member = np.unique(np.array(clusters), return_inverse=True)
    sums = np.zeros((len(labels), len(names)))
    np.add.at(sums, member, table)
    low, high = _interval(sums, np.bincount(member).astype(float), seed)
    means = {name: round(float(value), 4) for name, value in zip(names, table.mean(axis=0), strict=True)}
    bounds = {name: [round(float(low[i]), 4), round(float(high[i]), 4)] for i, name in enumerate(names)}
    return {**means, "intervals": bounds}


def _interval(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), size=RESAMPLES)
    means = (drawn @ sums) / (drawn @ sizes)[:, None]
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return low, high
