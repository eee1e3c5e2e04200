"""Sentences that are true of a neighbour of what was asked: another code, lot, place or product.

Nothing of one brand: what may not be mixed up is read from the question and from the documents themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass

from pipelines.contracts import Hit, Passage
from pipelines.drafting.naming import SentenceNames
from pipelines.drafting.page_words import PageWords, SentenceWords
from pipelines.text.runs import ranges


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question names.

    Attributes:
        codes, places, products: of the burst, else of the thread.  numbers: long ones, such as a lot's.
    """

    codes: frozenset[str]
    places: frozenset[str]
    products: frozenset[str]
    numbers: frozenset[int]


class Misfits:
    """Finds the sentences of some hits that speak of a neighbour.

    Example:
        >>> nothing = frozenset()
        >>> Misfits(Asked(frozenset({"e4"}), nothing, nothing, nothing), []).asked.codes
        frozenset({'e4'})
    """

    def __init__(self, asked: Asked, hits: Sequence[Hit]) -> None:
        self.asked = asked
        texts: dict[str, list[str]] = defaultdict(list)
        for hit in hits:
            texts[hit.passage.document_id].append(hit.passage.text)
        self._inside = {name: _inside(asked.numbers, "\n".join(parts)) for name, parts in texts.items()}

    def settles(self, passage: Passage) -> bool:
        """Whether its document says what holds for a number that was asked about, such as a lot's."""
        return self._inside[passage.document_id] is not None

    def warns(self, passage: Passage, sentence: SentenceWords) -> bool:
        """Whether a sentence says that a thing may not be used, or may, whose number was asked about."""
        names, inside = sentence.names, self._inside[passage.document_id]
        if inside is None:
            return False
        return names.forbids and not names.outside if inside else names.permits and names.outside

    def of_passage(self, passage: Passage, page: PageWords) -> list[bool]:
        """For each sentence of a passage, whether it must not be said in answer; a macro is one thing."""
        inside = self._inside[passage.document_id]
        found = [
            self._another_code(page, sentence)
            or self._another_place(sentence)
            or _another_lot(sentence.names, inside)
            for sentence in page.sentences
        ]
        return [any(found)] * len(found) if passage.kind == "macro" else found

    def _another_code(self, page: PageWords, sentence: SentenceWords) -> bool:
        """It names codes, or stands under a heading that does, and none of them is one that was asked."""
        if not self.asked.codes:
            return False
        named = sentence.names.codes or page.head_codes
        if not named:
            return False
        asked, spoken_of = self.asked.products, sentence.products
        another = bool(asked and spoken_of) and not asked & spoken_of
        return another or not named & self.asked.codes

    def _another_place(self, sentence: SentenceWords) -> bool:
        if not self.asked.places:
            return False
        names = sentence.names
        return bool(names.places) and not self.asked.places & names.places and not names.abroad


def _another_lot(names: SentenceNames, inside: bool | None) -> bool:
    """What holds outside a range is for nobody inside it; that it may be used, for others alone."""
    if names.permits and names.outside:
        return inside is not False
    if inside is None or names.lists:
        return False
    return names.outside if inside else names.forbids and not names.outside


def _inside(numbers: Set[int], text: str) -> bool | None:
    """Whether a number lies in one of the ranges of a document; None where there is nothing to compare."""
    if not numbers:
        return None
    found = [
        first <= number <= last
        for first, last in ranges(text)
        for number in numbers
        if len(str(number)) == len(str(first))
    ]
    return any(found) if found else None
