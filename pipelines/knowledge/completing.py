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

OF = ("document_id", "lang", "audience")
"""What the passages share that are brought along: none for another audience."""


def with_rest(
    hits: Sequence[Hit], generation: Generation, query: str, vector: NDArray[np.float32],
    learned: NDArray[np.float32] | None = None,
) -> list[Hit]:  # fmt: skip
    """``hits`` and, where ``query`` names a long number, the rest of those documents that give a run of such.

    A passage that was not found has the fused score of the best of its document, and its own similarities.

    Args:
        vector, learned: of the query, shapes ``(384,)`` and ``(128,)``.
    """
    if not long_numbers(query):
        return list(hits)
    found = {hit.passage.id for hit in hits}
    more: list[Hit] = []
    for document, best in _best(hits).items():
        same = [generation.columns[name] == value for name, value in zip(OF, document, strict=True)]
        rows = np.flatnonzero(np.logical_and.reduce(same)).tolist()
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


def _best(hits: Sequence[Hit]) -> dict[tuple[str, ...], float]:
    """The best fused score of each document, of the columns ``OF``."""
    best: dict[tuple[str, ...], float] = {}
    for hit in hits:
        document = tuple(getattr(hit.passage, name) for name in OF)
        best[document] = max(hit.score, best.get(document, hit.score))
    return best
