"""Which sentence answers best: a linear model over the signs of :mod:`pipelines.drafting.evidence`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.drafting.evidence import FEATURES, Candidate
from pipelines.errors import ModelError

HAND_MADE = {
    "learned": 2.0, "learned_sentence": 2.0, "learned_request": 2.0, "fused": 1.0, "sentence_cosine": 2.0,
    "request_cosine": 2.0, "request_covered": 2.0, "covered_by_passage": 1.0, "intent": 1.0,
    "type_given": 0.3, "type_missing": -0.4, "other_product": -1.0,
    "intro": -1.0, "length": 0.5, "heading_covered": 0.5,
}  # fmt: skip
"""Weights of an untrained ranker, in the signs' own units."""


class Ranker:
    """Scores candidates; higher answers better.

    Args:
        weights, mean, deviation: by sign, in the order of FEATURES; shape ``(len(FEATURES),)``.

    Example:
        >>> Ranker.hand_made().weights.shape == (len(FEATURES),)
        True
    """

    def __init__(
        self, weights: NDArray[np.float64], mean: NDArray[np.float64], deviation: NDArray[np.float64]
    ) -> None:
        self.weights, self.mean, self.deviation = weights, mean, deviation

    @classmethod
    def hand_made(cls) -> Ranker:
        """The ranker before any training."""
        weights = np.array([HAND_MADE.get(name, 0.0) for name in FEATURES])
        return cls(weights, np.zeros(len(FEATURES)), np.ones(len(FEATURES)))

    def score(self, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
        """Shape ``(len(candidates),)``."""
        if not candidates:
            return np.empty(0)
        return self.score_signs(np.stack([candidate.signs for candidate in candidates]))

    def score_signs(self, signs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores of rows of signs, shape ``(n, len(FEATURES))`` -> ``(n,)``."""
        scores: NDArray[np.float64] = ((signs - self.mean) / self.deviation) @ self.weights
        return scores

    def to_json(self) -> dict[str, Any]:
        """By sign, so that a change of order does no harm."""
        columns = zip(self.weights, self.mean, self.deviation, strict=True)
        return {
            name: [round(float(v), 6) for v in values] for name, values in zip(FEATURES, columns, strict=True)
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Sequence[float]]) -> Ranker:
        """Raises ModelError when it was trained on other signs."""
        if set(value) != set(FEATURES):
            raise ModelError(
                "The answer ranker was trained on other signs.", mend="Fit it again: souffleur setup"
            )
        columns = np.array([value[name] for name in FEATURES], float)
        return cls(columns[:, 0], columns[:, 1], columns[:, 2])
