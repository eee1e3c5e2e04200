"""How sure a model of labelled questions is that a document answers, beside the others that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.contracts import Hit, Passage
from pipelines.knowledge.matcher_documents import family

UNTOLD = 0.3
"""What a document scores where nothing is known of any that was found: neither for it nor against it."""


class Familiar:
    """The signs of documents for the passages of some hits.

    Args:
        told: by document, whatever its language, how sure the model is that it answers.

    Example:
        >>> hit = Hit(Passage("refunds.fr#", "refunds.fr", "v", "fr", "t", "", "T."), 1.0, 1.0, 1.0)
        >>> Familiar({"refunds": 0.7}, [hit]).signs(hit.passage)
        {'told': 0.7, 'told_gap': 0.7}
    """

    def __init__(self, told: Mapping[str, float], hits: Sequence[Hit]) -> None:
        names = {family(hit.passage.document_id, hit.passage.lang) for hit in hits}
        self._told = {name: told.get(name, 0.0) for name in names} if names & told.keys() else {}

    def signs(self, passage: Passage) -> dict[str, float]:
        """``told`` of the passage's document, and ``told_gap`` to any other that was found."""
        if not self._told:
            return {"told": UNTOLD, "told_gap": 0.0}
        name = family(passage.document_id, passage.lang)
        others = [value for other, value in self._told.items() if other != name]
        return {"told": self._told[name], "told_gap": self._told[name] - max(others, default=0.0)}
