"""Hybrid search over one generation: stems, n-grams, coverage and vectors, fused by z-scores.

Each channel's scores are standardised over the whole filtered collection (a passage that a channel did not
return counts as zero there), then summed. Ranks forget by how much a passage won; z-scores keep it, which is
why this beat reciprocal rank fusion on every set measured (``souffleur bench retrieval`` prints both).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Hit
from pipelines.knowledge.centring import (
    Centre,
    all_centred_cosines,
    centre_of,
    centred_cosines,
    centred_question,
)
from pipelines.knowledge.fusing import Channel, fuse
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.halves import widened
from pipelines.knowledge.lexical import HEAD_BOOST, NOTHING, Ranked, Scope
from pipelines.knowledge.query import gram_tokens, prefix_tokens, query_words, stem_tokens
from pipelines.knowledge.scoping import Where, allowed_rows, among, span_of

__all__ = ["Channel", "Fusion", "Weights", "Where", "allowed_rows", "search"]

Fusion = Literal["zscore", "rrf"]

POOL = 100
"""Candidates of each channel: below them a BM25 score says little."""

QUERY_CHARS = 4_000
"""What is read of a query: more is no question any longer."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each channel counts in the fused score.

    Attributes:
        head: what a match in the head adds to one in the whole passage.
        expansion: weight of the synonyms of the query's words; 0 searches the words as typed.
        centre: take from vectors what all texts of the language share.

    Example:
        >>> Weights(stems=1, grams=0, dense=0, sentence=0).stems
        1
    """

    stems: float = 0.5
    grams: float = 0.5
    coverage: float = 0.5
    gram_coverage: float = 0.5
    dense: float = 1.0
    sentence: float = 1.0
    learned: float = 10.0
    head: float = HEAD_BOOST
    expansion: float = 0.3
    centre: bool = True


def search(
    generation: Generation, text: str, lang: str, vector: NDArray[np.float32], where: Where, top_k: int = 10,
    weights: Weights | None = None, fusion: Fusion = "zscore", exclude: Collection[str] = (),
    learned: NDArray[np.float32] | None = None,
) -> list[Hit]:  # fmt: skip
    """The ``top_k`` passages for a query, best first; ties go to the earlier passage.

    Args:
        vector: unit vector of the query, shape ``(384,)``.
        exclude: ids of documents that must not be found.
        learned: the matcher's vector of the query, shape ``(128,)``; used where the store has such vectors.
    """
    weights = weights or Weights()
    allowed = allowed_rows(generation, where, exclude)
    if len(allowed) == 0 or top_k < 1 or not text.strip():
        return []
    scope = Scope() if len(allowed) == generation.count else Scope(where, exclude)
    ranked = _lexical(generation, text[:QUERY_CHARS], lang, scope, weights)
    centre = centre_of(generation, lang) if weights.centre else None
    dense = _dense(generation, vector, allowed, centre)
    nearest = allowed[_top(dense, POOL)] if weights.dense else NOTHING.rows
    matched = _learned(generation, learned, allowed)
    alike = NOTHING.rows if matched is None else allowed[_top(matched, POOL)]
    rows = np.unique(np.concatenate([*(one.rows for one in ranked.values()), nearest, alike]))
    places = np.searchsorted(allowed, rows)
    channels = {name: sparse(one, rows, len(allowed)) for name, one in ranked.items()}
    channels["dense"] = _whole(dense, places)
    if matched is not None:
        channels["learned"] = _whole(matched, places)
    if weights.sentence:
        channels["sentence"] = _sentences(generation, vector, rows, centre)
    fused = fuse(channels, {name: getattr(weights, name) for name in channels}, fusion)
    best = np.argsort(-fused, kind="stable")[:top_k]
    cosines = generation.vectors[rows[best]] @ vector
    known = channels["learned"].scores if matched is not None else np.zeros(len(rows))
    columns = (rows[best], fused[best], channels["stems"].scores[best], cosines, known[best])
    return [
        Hit(generation.passage(int(row)), float(score), float(lexical), float(cosine), float(match))
        for row, score, lexical, cosine, match in zip(*columns, strict=True)
    ]


def _top(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(-scores, count)[:count]


def _whole(scores: NDArray[np.float32], places: NDArray[np.int64]) -> Channel:
    """The channel of scores that every passage has."""
    return Channel(scores[places].astype(float), float(scores.mean()), float(scores.std()))


def sparse(ranked: Ranked, rows: NDArray[np.int64], total: int) -> Channel:
    """The channel of a ranking that returned only some of ``total`` passages: the others have zero."""
    scores = np.zeros(len(rows))
    scores[np.searchsorted(rows, ranked.rows)] = ranked.scores
    mean = float(ranked.scores.sum()) / total
    variance = float((ranked.scores**2).sum()) / total - mean**2
    return Channel(scores, mean, float(np.sqrt(max(variance, 0.0))), found=scores > 0)


def _lexical(
    generation: Generation, text: str, lang: str, scope: Scope, weights: Weights
) -> dict[str, Ranked]:
    index = generation.lexical
    said = query_words(text, lang, weights.expansion, index.prefix_frequency)
    ranked = {"stems": index.bm25("terms", stem_tokens(said, lang), scope, POOL, weights.head)}
    letters = gram_tokens(said, lang)
    if weights.grams:
        ranked["grams"] = index.bm25("grams", letters, scope, POOL, weights.head)
    if weights.gram_coverage:
        ranked["gram_coverage"] = index.coverage("body_grams", letters, scope, POOL)
    if weights.coverage:
        ranked["coverage"] = index.coverage("prefixes", prefix_tokens(said), scope, POOL)
    return ranked


def _dense(
    generation: Generation, vector: NDArray[np.float32], allowed: NDArray[np.int64], centre: Centre | None
) -> NDArray[np.float32]:
    span = span_of(allowed)
    if centre is None:
        scores: NDArray[np.float32] = generation.vectors[span] @ vector
    else:
        scores = all_centred_cosines(generation, centred_question(vector, centre), centre, span)
    return among(scores, allowed)


def _learned(
    generation: Generation, learned: NDArray[np.float32] | None, allowed: NDArray[np.int64]
) -> NDArray[np.float32] | None:
    if learned is None or generation.learned is None:
        return None
    return among(generation.learned[span_of(allowed)] @ learned, allowed)


def _sentences(
    generation: Generation, vector: NDArray[np.float32], rows: NDArray[np.int64], centre: Centre | None
) -> Channel:
    """The best sentence of each candidate: a long passage may answer in one line."""
    starts, sizes = generation.spans[rows], generation.spans[rows + 1] - generation.spans[rows]
    filled = np.flatnonzero(sizes)
    scores = np.zeros(len(rows))
    if len(filled):
        first = np.concatenate([[0], np.cumsum(sizes[filled])[:-1]])
        members = np.repeat(starts[filled] - first, sizes[filled]) + np.arange(int(sizes[filled].sum()))
        parts = widened(generation.sentence_vectors[members])
        if centre is None:
            cosines = parts @ vector
        else:
            cosines = centred_cosines(parts, centred_question(vector, centre), centre)
        scores[filled] = np.maximum.reduceat(cosines, first)
    return Channel(scores, float(scores.mean()), float(scores.std()))
