"""Was what answers the question found, and how far up? By passage and by document."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Literal

from evals.rows import Example, Prediction
from evals.scorers.measuring import Found, RowScorer
from evals.scorers.reading import document_of, gold

DEPTH = 10
RECALLS = (1, 5, 10)
NAMES = (*(f"recall@{k}" for k in RECALLS), f"mrr@{DEPTH}", f"ndcg@{DEPTH}")


def score(ranked: Sequence[str], relevant: Collection[str]) -> dict[str, float]:
    """The metrics of one query, each in [0, 1]; ``ranked`` holds at least the ten best ids, best first.

    Several gold ids: recall is the share of them that is found; nDCG is binary. An id that is ranked twice
    counts where it stands first.

    Example:
        >>> made = score(["x", "a", "b"], {"a", "c"})
        >>> made["recall@1"], made["recall@5"], made["mrr@10"]
        (0.0, 0.5, 0.5)
    """
    wanted = set(relevant)
    once = list(dict.fromkeys(ranked))[:DEPTH]
    found = [rank for rank, id_ in enumerate(once) if id_ in wanted]
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(len(wanted), DEPTH)))
    made = {f"recall@{k}": sum(rank < k for rank in found) / len(wanted) for k in RECALLS}
    made[f"mrr@{DEPTH}"] = 1 / (found[0] + 1) if found else 0.0
    made[f"ndcg@{DEPTH}"] = sum(1 / math.log2(rank + 2) for rank in found) / ideal
    return made


class RetrievalScorer(RowScorer):
    """Recall, MRR and nDCG of ``documents`` against ``expected.gold``.

    Args:
        by: ``passage`` as the ids stand; ``document`` takes the part before ``#`` of both, and its names
            begin with ``document_``.

    Example:
        >>> asked = Example(id="q", inputs={"query": "délai ?"}, expected={"gold": ["a#x"]})
        >>> found = Prediction(example_id="q", documents=("a#y", "a#x"))
        >>> RetrievalScorer().score(asked, found)[0].value
        0.0
        >>> RetrievalScorer("document").score(asked, found)[0].value
        1.0
    """

    def __init__(self, by: Literal["passage", "document"] = "passage") -> None:
        self.by = by
        self.prefix = "document_" if by == "document" else ""
        self.names = tuple(f"{self.prefix}{name}" for name in NAMES)

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Values of one query; a row without gold has nothing to be found."""
        wanted, ranked = gold(example), list(prediction.documents)
        if not wanted:
            return dict.fromkeys(self.names, "no gold passage")
        if self.by == "document":
            wanted, ranked = [document_of(one) for one in wanted], [document_of(one) for one in ranked]
        return {f"{self.prefix}{name}": value for name, value in score(ranked, wanted).items()}
