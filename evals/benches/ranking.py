"""Ranking metrics of one query, and their mean with an interval over clusters of queries."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
RECALLS = (1, 5, 10)
NAMES = (*(f"recall@{k}" for k in RECALLS), f"mrr@{DEPTH}", f"ndcg@{DEPTH}")
RESAMPLES = 1_000


def score(ranked: Sequence[str], gold: Collection[str]) -> dict[str, float]:
    """The metrics of one query; ``ranked`` holds at least the ten best ids, best first.

    Several gold ids: recall is the share of them that is found; nDCG is binary.

    Example:
        >>> made = score(["x", "a", "b"], {"a", "c"})
        >>> made["recall@1"], made["recall@5"], made["mrr@10"]
        (0.0, 0.5, 0.5)
    """
    found = [rank for rank, id_ in enumerate(ranked[:DEPTH]) if id_ in gold]
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(len(gold), DEPTH)))
    made = {f"recall@{k}": sum(rank < k for rank in found) / len(gold) for k in RECALLS}
    made[f"mrr@{DEPTH}"] = 1 / (found[0] + 1) if found else 0.0
    made[f"ndcg@{DEPTH}"] = sum(1 / math.log2(rank + 2) for rank in found) / ideal
    return made


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
