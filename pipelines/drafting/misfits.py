"""Sentences that are true of a neighbour of what was asked: another code, lot, place or product.

Nothing of one brand: what may not be mixed up is read from the question and from the documents themselves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass

from pipelines.contracts import Hit, Passage
from pipelines.drafting.naming import ranges
from pipelines.drafting.page_words import PageWords, SentenceWords
from pipelines.drafting.places import speaks_of_abroad
from pipelines.text import fold

_OUTSIDE = re.compile(
    r"\b(?:autres?|others?|any other|otr[oa]s?)\b|n'est pas (?:compris|concerne|dans)|pas dans la liste"
    r"|not (?:on|in) the list|not (?:included|affected|concerned)|no (?:esta|figura|aparece)\b|no incluid"
)
"""Of those that a list does not hold."""
_STOP = re.compile(
    r"n'utilisez (?:plus|pas)|ne l'utilisez plus|cessez|arretez de l'utiliser|stop using|do not use|don't use"
    r"|no (?:l[aeo] )?use\b|deje de usar|no utilice"
)
_GO_ON = re.compile(
    r"continuer? a (?:etre )?utilis|continuez|peut (?:etre )?utilis"
    r"|(?:go on|keep|continue) (?:on )?(?:being )?us|(?:can|may) (?:still )?be used"
    r"|se puede (?:seguir )?us|seguir us|puede seguir"
)
"""That it may be used, which whoever holds one that must not be used may never read."""


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

    def warns(self, passage: Passage, text: str) -> bool:
        """Whether a sentence forbids the use of a thing, and the number asked about is one that it is of."""
        inside = self._inside[passage.document_id]
        return bool(inside) and bool(_STOP.search(fold(text))) and not _OUTSIDE.search(fold(passage.heading))

    def of_passage(self, passage: Passage, page: PageWords) -> list[bool]:
        """For each sentence of a passage, whether it must not be said in answer; a macro is one thing."""
        found = [
            self._misfit(passage, page, sentence, passage.text[start:end])
            for sentence, (start, end) in zip(page.sentences, passage.sentences, strict=True)
        ]
        return [any(found)] * len(found) if passage.kind == "macro" else found

    def _misfit(self, passage: Passage, page: PageWords, sentence: SentenceWords, text: str) -> bool:
        return (
            self._another_code(page, sentence)
            or self._another_place(sentence, text)
            or self._another_lot(passage, text)
        )

    def _another_code(self, page: PageWords, sentence: SentenceWords) -> bool:
        """It names codes, or stands under a heading that does, and none of them is one that was asked."""
        if not self.asked.codes:
            return False
        named = sentence.codes or page.head_codes
        asked, spoken_of = self.asked.products, sentence.products
        another = bool(asked and spoken_of) and not asked & spoken_of
        return bool(named) and (another or not named & self.asked.codes)

    def _another_place(self, sentence: SentenceWords, text: str) -> bool:
        asked, named = self.asked.places, sentence.places
        return bool(asked and named) and not asked & named and not speaks_of_abroad(text)

    def _another_lot(self, passage: Passage, text: str) -> bool:
        """What holds outside a range is for nobody inside it; that it may be used, for others alone."""
        inside = self._inside[passage.document_id]
        folded, outside = fold(text), bool(_OUTSIDE.search(fold(f"{passage.heading} {text}")))
        if outside and _GO_ON.search(folded):
            return inside is not False
        if inside is None or ranges(text):
            return False
        return outside if inside else bool(_STOP.search(folded)) and not outside


def _inside(numbers: Set[int], text: str) -> bool | None:
    """Whether a number lies in one of the ranges of a document; None where there is nothing to compare."""
    found = [
        first <= number <= last
        for first, last in ranges(text)
        for number in numbers
        if len(str(number)) == len(str(first))
    ]
    return any(found) if found else None
