"""Hybrid search over one generation: stems, character n-grams and vectors, fused by z-scores.

Each channel's scores are standardised over the whole filtered collection (a passage that a channel did not return
counts as zero there), then summed. Ranks forget by how much a passage won; z-scores keep it, which is why this beat
reciprocal rank fusion on every set measured (``souffleur bench retrieval`` prints both).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Hit
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.lexical import RAW_FIELDS, Ranked

Where = Mapping[str, Sequence[str]]
"""Allowed values by raw field: ``{"lang": ["fr"], "audience": ["public"]}``."""

Fusion = Literal["zscore", "rrf"]

POOL = 100
"""Candidates of each channel: below them a BM25 score says little."""

RERANK = 100
RRF_CONSTANT = 60


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each channel counts in the fused score.

    Example:
        >>> Weights(stems=1, grams=0, dense=0, sentence=0).stems
        1
    """

    stems: float = 1.0
    grams: float = 1.0
    dense: float = 0.5
    sentence: float = 0.5


class Channel:
    """Scores of one channel over the candidates, and the moments with which they are standardised.

    Example:
        >>> Channel(np.array([3.0, 0.0]), mean=1.0, deviation=2.0).z().tolist()
        [1.0, -0.5]
    """

    def __init__(self, scores: NDArray[np.float64], mean: float, deviation: float) -> None:
        self.scores, self.mean, self.deviation = scores, mean, deviation

    def z(self) -> NDArray[np.float64]:
        """Standardised scores; zeros when the channel found nothing."""
        return np.zeros_like(self.scores) if self.deviation < 1e-9 else (self.scores - self.mean) / self.deviation

    def ranks(self) -> NDArray[np.int64]:
        """0-based ranks, best first."""
        ranks = np.empty(len(self.scores), np.int64)
        ranks[np.argsort(-self.scores, kind="stable")] = np.arange(len(self.scores))
        return ranks


def search(
    generation: Generation, text: str, lang: str, vector: NDArray[np.float32], where: Where, top_k: int = 10,
    weights: Weights | None = None, fusion: Fusion = "zscore",
) -> list[Hit]:  # fmt: skip
    """The ``top_k`` passages for a query, best first; ties go to the earlier passage.

    Args:
        vector: unit vector of the query, shape ``(384,)``.
    """
    weights = weights or Weights()
    allowed = allowed_rows(generation, where)
    if len(allowed) == 0 or not text.strip():
        return []
    dense = _dense(generation, vector, allowed)
    stems = generation.lexical.search_terms(text, lang, where, POOL)
    grams = generation.lexical.search_grams(text, lang, where, POOL) if weights.grams else _NOTHING
    best = allowed[np.argpartition(-dense, min(POOL, len(dense) - 1))[:POOL]]
    rows = np.unique(np.concatenate([stems.rows, grams.rows, best]))
    position = np.searchsorted(allowed, rows)
    channels = {
        "stems": _sparse(stems, rows, len(allowed)),
        "grams": _sparse(grams, rows, len(allowed)),
        "dense": Channel(dense[position].astype(float), float(dense.mean()), float(dense.std())),
        "sentence": _sentence(generation, vector, rows),
    }
    fused = _fuse(channels, weights, fusion)
    order = np.argsort(-fused, kind="stable")[:top_k]
    return [
        Hit(generation.passage(int(rows[i])), float(fused[i]), float(channels["stems"].scores[i]), float(channels["dense"].scores[i]))
        for i in order
    ]


def allowed_rows(generation: Generation, where: Where) -> NDArray[np.int64]:
    """Rows that pass the filter, ascending."""
    mask = np.ones(generation.count, bool)
    for field, values in where.items():
        if field not in RAW_FIELDS:
            raise ValueError(f"cannot filter on {field!r}; use one of {', '.join(RAW_FIELDS)}")
        mask &= np.isin(generation.columns[field], list(values))
    return np.flatnonzero(mask)


_NOTHING = Ranked(np.empty(0, np.int64), np.empty(0))


def _dense(generation: Generation, vector: NDArray[np.float32], allowed: NDArray[np.int64]) -> NDArray[np.float32]:
    everything = generation.vectors @ vector if generation.count else np.empty(0, np.float32)
    return everything if len(allowed) == generation.count else everything[allowed]


def _sparse(ranked: Ranked, rows: NDArray[np.int64], total: int) -> Channel:
    scores = np.zeros(len(rows))
    if len(ranked.rows):
        scores[np.searchsorted(rows, ranked.rows)] = ranked.scores
    mean = float(ranked.scores.sum()) / total
    variance = float((ranked.scores**2).sum()) / total - mean**2
    return Channel(scores, mean, float(np.sqrt(max(variance, 0.0))))


def _sentence(generation: Generation, vector: NDArray[np.float32], rows: NDArray[np.int64]) -> Channel:
    """The best sentence of each candidate: a long passage may answer in one line."""
    scores = np.zeros(len(rows))
    for i, row in enumerate(rows):
        start, end = generation.spans[row], generation.spans[row + 1]
        if end > start:
            scores[i] = float((generation.sentence_vectors[start:end].astype(np.float32) @ vector).max())
    return Channel(scores, float(scores.mean()), float(scores.std()))


def _fuse(channels: Mapping[str, Channel], weights: Weights, fusion: Fusion) -> NDArray[np.float64]:
    parts = [(getattr(weights, name), channel) for name, channel in channels.items()]
    total = np.zeros_like(parts[0][1].scores)
    for weight, channel in parts:
        if weight and fusion == "zscore":
            total += weight * channel.z()
        elif weight:
            total += weight / (RRF_CONSTANT + channel.ranks())
    return total
