"""The sign-flip permutation test of a mean difference (Good 2005, chapter 3), on whole clusters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from evals.statistics.bootstrap import CHUNK, cluster_sums

EXACT = 14
"""Up to this many clusters all sign patterns are tried."""


def sign_flip(
    differences: ArrayLike, clusters: Sequence[str] | None = None, *, draws: int = 10_000, seed: int = 0
) -> float:
    """Two-sided probability of a mean this far from 0 if each cluster's sign were a coin's.

    Args:
        differences: new minus old, shape ``(n,)``.  clusters: rows whose signs flip together.

    Example:
        >>> sign_flip([1.0, 1.0, 1.0])
        0.25
    """
    sums = cluster_sums(differences, clusters)[0]
    sums = sums[sums != 0]  # a sign changes nothing there
    size = len(sums)
    if size == 0:
        return 1.0
    seen = abs(float(sums.sum())) - 1e-12
    if size <= EXACT:
        bits = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
        return float((np.abs((2 * bits - 1) @ sums) >= seen).mean())
    random = np.random.default_rng(seed)
    step = max(1, CHUNK // size)
    extreme = 0
    for start in range(0, draws, step):
        signs = random.integers(0, 2, size=(min(step, draws - start), size), dtype=np.int8) * 2 - 1
        extreme += int((np.abs(signs @ sums) >= seen).sum())
    # The pattern that was seen is one of those that could have been drawn (Phipson and Smyth 2010).
    return (extreme + 1) / (draws + 1)
