"""The rest of a document that says which numbers a thing holds for, such as the lots of a recall.

Who names a lot must be told first what holds for it: that the thing may not be used stands in another section
than the lots, and neither need be among the passages that are found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Hit
from pipelines.knowledge.generation import Generation
from pipelines.text.runs import long_numbers, ranges


def with_rest(
    hits: Sequence[Hit], generation: Generation, allowed: NDArray[np.int64], query: str,
    vector: NDArray[np.float32], learned: NDArray[np.float32] | None = None,
) -> list[Hit]:  # fmt: skip
    """``hits`` and, where ``query`` names a long number, the rest of those documents that give a run of such.

    A passage that was not found has the fused score of the best of its document, and its own similarities.

    Args:
        allowed: rows that may be used.
        vector, learned: of the query, shapes ``(384,)`` and ``(128,)``.
    """
    if not long_numbers(query):
        return list(hits)
    found = {hit.passage.id for hit in hits}
    more: list[Hit] = []
    for document, best in _best(hits).items():
        rows = allowed[generation.columns["document_id"][allowed] == document].tolist()
        if not any(ranges(generation.passage(row).text) for row in rows):
            continue
        for row in rows:
            if generation.passage(row).id not in found:
                dense = float(generation.vectors[row] @ vector)
                known = 0.0
                if learned is not None and generation.learned is not None:
                    known = float(generation.learned[row] @ learned)
                more.append(Hit(generation.passage(row), best, 0.0, dense, known))
    return [*hits, *more]


def _best(hits: Sequence[Hit]) -> dict[str, float]:
    """The best fused score of each document."""
    best: dict[str, float] = {}
    for hit in hits:
        document = hit.passage.document_id
        best[document] = max(hit.score, best.get(document, hit.score))
    return best
