"""How much a question resembles one that a passage, or its document, is known to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.contracts import Hit, Passage

UNSAID = 0.8
"""A likeness where nothing is known of any passage found: neither for it nor against it."""


class Familiar:
    """The signs of known questions for the passages of some hits.

    Args:
        known: likeness of the nearest known question of each passage.

    Example:
        >>> Familiar({}, []).best
        0.8
    """

    def __init__(self, known: Mapping[str, float], hits: Sequence[Hit]) -> None:
        self._known = known
        self._documents: dict[str, float] = {}
        for hit in hits:
            name, likeness = hit.passage.document_id, known.get(hit.passage.id, 0.0)
            self._documents[name] = max(likeness, self._documents.get(name, 0.0))
        self._says = any(self._documents.values())
        self.best = max(self._documents.values()) if self._says else UNSAID

    def signs(self, passage: Passage) -> dict[str, float]:
        """``known`` of the passage, ``known_document`` of its document and ``known_gap`` to any other."""
        if not self._says:
            return {"known": UNSAID, "known_document": UNSAID, "known_gap": 0.0}
        own = self._documents[passage.document_id]
        others = [value for name, value in self._documents.items() if name != passage.document_id]
        return {
            "known": self._known.get(passage.id, 0.0),
            "known_document": own,
            "known_gap": own - max(others, default=0.0),
        }
