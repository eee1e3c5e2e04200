"""Which labelled messages an intent model is fitted on, and which of them are scored as if unseen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.understanding.intent_kernel import STRIPE, gaussian, solve
from pipelines.understanding.intents import Kernel

Floats = NDArray[np.float32]
MAX_READ = 30_000
"""Rows over this are sampled, label by label, before anything is read."""
MAX_ROWS = 16_000
"""As many are fitted on: time grows with the cube of them, and every message is compared with each."""
FIRST = 5_000
"""Rows that a first model learns from, to tell which of the others would teach it something."""
SEARCH_ROWS = 5_000
"""Up to this many rows a small grid of kernels is searched; over it, the default kernel is used."""
JUDGED_ROWS = 3_000
"""Of more rows than are searched, so many, label by label, are scored as if unseen: the rest only teaches."""


def informative(points: Floats, onehot: Floats, judged: int) -> NDArray[np.int64]:
    """Positions of the ``MAX_ROWS`` rows to fit on, the ``judged`` last ones among them and last.

    A first model of a random few rows scores the others by their embeddings; those that it scores worst stay.
    On messages left out, two thirds chosen so did no worse than all, while as many at random lost 2 points.

    Args:
        points: unit embeddings (n, width).  onehot: labels (n, classes).

    Example:
        >>> informative(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32), 1).tolist()
        [0, 1, 2, 3]
    """
    count = len(points)
    if count <= MAX_ROWS:
        return np.arange(count)
    kernel = Kernel()
    order = np.random.default_rng(0).permutation(count - judged)
    first, others = order[:FIRST], order[FIRST:]
    duals, _ = solve(
        np.asfortranarray(gaussian(points[first] @ points[first].T, kernel)), onehot[first], kernel.ridge, 1
    )
    missed = np.empty(len(others), np.float32)
    for start in range(0, len(others), STRIPE):
        rows = others[start : start + STRIPE]
        scores = gaussian(points[rows] @ points[first].T, kernel) @ duals
        missed[start : start + STRIPE] = np.linalg.norm(onehot[rows] - scores, axis=1)
    taught = others[np.argsort(-missed, kind="stable")[: MAX_ROWS - judged - FIRST]]
    return np.concatenate([np.sort(np.concatenate([first, taught])), np.arange(count - judged, count)])


def judged_last(kept: list[int], rows: Sequence[Mapping[str, Any]]) -> tuple[list[int], int]:
    """Positions with those that are scored as if unseen at the end, and how many these are."""
    if len(kept) <= SEARCH_ROWS:
        return kept, len(kept)
    judged = {kept[i] for i in sample([str(rows[k]["intent"]) for k in kept], JUDGED_ROWS)}
    return [k for k in kept if k not in judged] + sorted(judged), len(judged)


def sample(labels: Sequence[str], limit: int) -> list[int]:
    """All positions, or a seeded sample that keeps the share of each label."""
    if len(labels) <= limit:
        return list(range(len(labels)))
    groups: dict[str, list[int]] = defaultdict(list)
    for i, label in enumerate(labels):
        groups[label].append(i)
    share = limit / len(labels)
    quota = Counter({label: max(2, int(len(group) * share)) for label, group in groups.items()})
    random = Random(0)
    return sorted(
        i for label, group in groups.items() for i in random.sample(group, min(len(group), quota[label]))
    )
