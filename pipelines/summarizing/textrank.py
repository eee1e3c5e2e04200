"""TextRank without building the graph: sentences vote for the sentences whose words they share.

Similarity is the cosine of tf-idf vectors. Its matrix is ``X Xᵀ``, so one step of the power iteration is two
sparse products: linear in the words of the thread, where the full matrix would be quadratic in its sentences.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

DAMPING = 0.85
STEPS = 50
TOLERANCE = 1e-7


def textrank(sentences: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Centrality of each sentence, given its terms: shape ``(len(sentences),)``, with sum 1.

    Example:
        >>> int(textrank([["colis", "retard"], ["colis", "perdu"], ["merci"]]).argmin())
        2
    """
    total = len(sentences)
    if total == 0:
        return np.empty(0)
    rows, columns, values, width = _tfidf(sentences)

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        by_term = np.bincount(columns, values * vector[rows], minlength=width)
        return np.bincount(rows, values * by_term[columns], minlength=total) - self_similarity * vector

    self_similarity = np.bincount(rows, values * values, minlength=total)
    degree = np.maximum(product(np.ones(total)), 0.0)
    share = np.divide(1.0, degree, out=np.zeros(total), where=degree > 1e-9)
    rank = np.full(total, 1 / total)
    for _ in range(STEPS):
        flow = np.maximum(product(rank * share), 0.0)
        following = (1 - DAMPING) / total + DAMPING * (flow + rank[degree <= 1e-9].sum() / total)
        following /= following.sum()
        settled = np.abs(following - rank).sum() < TOLERANCE
        rank = following
        if settled:
            break
    return rank


def _tfidf(
    sentences: Sequence[Sequence[str]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], int]:
    """Rows, columns and values of the unit tf-idf vectors, and how many terms there are."""
    vocabulary: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    for row, sentence in enumerate(sentences):
        seen: dict[int, int] = {}
        for term in sentence:
            column = vocabulary.setdefault(term, len(vocabulary))
            seen[column] = seen.get(column, 0) + 1
        rows.extend([row] * len(seen))
        columns.extend(seen)
        counts.extend(seen.values())
    row_index, column_index = np.array(rows, np.int64), np.array(columns, np.int64)
    documents = np.bincount(column_index, minlength=len(vocabulary))
    values = np.array(counts, np.float64) * np.log1p(len(sentences) / np.maximum(documents, 1))[column_index]
    norms = np.sqrt(np.bincount(row_index, values * values, minlength=len(sentences)))
    return row_index, column_index, values / np.maximum(norms[row_index], 1e-12), len(vocabulary)
