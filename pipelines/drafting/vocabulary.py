"""The words of a question, each with its weight, and how much of them a text holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pipelines.knowledge.generation import Generation


class Vocabulary:
    """Weights of a query's terms: rare in the collection, heavy.

    Example:
        >>> round(Vocabulary({"a": 3.0, "b": 1.0}).covered({"a"}), 2)
        0.75
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self.total = sum(weights.values())
        self._falling = sorted(weights, key=lambda term: -weights[term])

    @classmethod
    def of(cls, tokens: Sequence[str], generation: Generation) -> Vocabulary:
        """Inverse document frequencies of the distinct ``tokens``."""
        count = generation.count
        frequency = generation.lexical.document_frequency
        return cls({t: math.log(1 + (count + 1) / (frequency(t) + 0.5)) for t in dict.fromkeys(tokens)})

    def covered(self, found: set[str] | frozenset[str]) -> float:
        """Share of the weight that ``found`` holds, in [0, 1]; 0 for a query of stop words."""
        return sum([w for t, w in self.weights.items() if t in found]) / self.total if self.total else 0.0

    def heaviest_missing(self, found: set[str] | frozenset[str]) -> float:
        """Weight of the rarest term that ``found`` lacks, over that of the rarest of all, in [0, 1]."""
        for term in self._falling:
            if term not in found:
                return self.weights[term] / (self.weights[self._falling[0]] or 1.0)
        return 0.0
