"""Several rankings of the same candidates made one: by z-scores, or by reciprocal ranks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

RRF_CONSTANT = 60


class Channel:
    """Scores of one channel over the candidates, and the moments with which they are standardised.

    Args:
        scores: shape ``(n,)``.  mean, deviation: moments over the whole collection.
        found: which candidates the channel returned; all of them when absent.

    Example:
        >>> Channel(np.array([3.0, 0.0]), mean=1.0, deviation=2.0).z().tolist()
        [1.0, -0.5]
    """

    def __init__(
        self, scores: NDArray[np.float64], mean: float, deviation: float,
        found: NDArray[np.bool_] | None = None,
    ) -> None:  # fmt: skip
        self.scores, self.mean, self.deviation = scores, mean, deviation
        self.found = np.ones(len(scores), bool) if found is None else found

    def z(self) -> NDArray[np.float64]:
        """Standardised scores; zeros when the channel tells no passages apart."""
        if self.deviation < 1e-9:
            return np.zeros_like(self.scores)
        return (self.scores - self.mean) / self.deviation

    def reciprocal(self) -> NDArray[np.float64]:
        """``1 / (60 + rank)``, the best candidate having rank 1; zero for those not returned."""
        ranks = np.empty(len(self.scores))
        ranks[np.argsort(-self.scores, kind="stable")] = np.arange(1, len(self.scores) + 1)
        return np.where(self.found, 1 / (RRF_CONSTANT + ranks), 0.0)


def fuse(channels: Mapping[str, Channel], weights: Mapping[str, float], fusion: str) -> NDArray[np.float64]:
    """The weighted sum of the channels, shape ``(n,)``.

    Args:
        fusion: ``zscore`` or ``rrf``.

    Raises:
        ValueError: any other fusion.

    Example:
        >>> one = Channel(np.array([3.0, 0.0]), 1.0, 2.0)
        >>> fuse({"a": one, "b": one}, {"a": 1.0, "b": 0.5}, "zscore").tolist()
        [1.5, -0.75]
    """
    if fusion not in ("zscore", "rrf"):
        raise ValueError(f"unknown fusion {fusion!r}; use zscore or rrf")
    total = np.zeros_like(next(iter(channels.values())).scores)
    for name, channel in channels.items():
        if weight := weights[name]:
            total += weight * (channel.z() if fusion == "zscore" else channel.reciprocal())
    return total
