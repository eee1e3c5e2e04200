"""The words of a passage as the evidence compares them, worked out once a passage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipelines.contracts import Passage
from pipelines.drafting.answer_types import given
from pipelines.drafting.naming import SentenceNames, codes
from pipelines.knowledge.catalogue import Catalogue
from pipelines.text import terms, terms_and_padded
from pipelines.understanding.gloss import read_terms, read_terms_of_parts

REMEMBERED = 2_048
"""Passages kept, at about 15 kB each; one that is not takes 0.3 ms to work out."""


class SentenceWords:
    """One sentence: stems, padded words, stems of its English reading; what it gives and names.

    The last four are worked out when they are first asked for.

    Example:
        >>> passage = Passage("a#", "a", "v", "fr", "Frais", "", "Coûte 5 €.", sentences=((0, 10),))
        >>> sorted(SentenceWords(passage, 0, 10, frozenset(), Catalogue([])).numbers)
        ['5']
    """

    __slots__ = (
        "_catalogue",
        "_gives",
        "_names",
        "_numbers",
        "_passage",
        "_products",
        "_span",
        "letters",
        "read",
        "terms",
    )

    def __init__(
        self, passage: Passage, start: int, end: int, read: frozenset[str], catalogue: Catalogue
    ) -> None:
        self._passage, self._span, self._catalogue = passage, (start, end), catalogue
        self.terms, self.letters = terms_and_padded(self._text, passage.lang)
        self.read = read
        self._gives: frozenset[str] | None = None
        self._names: SentenceNames | None = None
        self._products: frozenset[str] | None = None
        self._numbers: frozenset[str] | None = None

    @property
    def gives(self) -> frozenset[str]:
        """Types of answer that it gives."""
        if self._gives is None:
            self._gives = given(self._text)
        return self._gives

    @property
    def products(self) -> frozenset[str]:
        """Products that it, or the title above it, names."""
        if self._products is None:
            said = f"{self._passage.title} {self._text}"
            self._products = self._catalogue.mentions(said, self._passage.lang)
        return self._products

    @property
    def numbers(self) -> frozenset[str]:
        """Its words with a digit."""
        if self._numbers is None:
            self._numbers = numbers(self._text)
        return self._numbers

    @property
    def names(self) -> SentenceNames:
        """Codes and places that it names, and whom it is for."""
        if self._names is None:
            self._names = SentenceNames(self._text, self._passage.heading, self._catalogue.parts)
        return self._names

    @property
    def _text(self) -> str:
        start, end = self._span
        return self._passage.text[start:end]


@dataclass(frozen=True, slots=True)
class PageWords:
    """One passage; what is called ``head`` is of its title and heading, ``body`` of these and its text.

    Attributes:
        head, body: padded words, in which n-grams are sought.

    Example:
        >>> passage = Passage("a#", "a", "v", "fr", "Frais", "", "Coûte 5 €.", sentences=((0, 10),))
        >>> sorted(page_words(passage, Catalogue([])).sentences[0].gives)
        ['amount']
    """

    head_terms: frozenset[str]
    body_terms: frozenset[str]
    head: str
    body: str
    read_head: frozenset[str]
    read_body: frozenset[str]
    heading_terms: frozenset[str]
    head_codes: frozenset[str]
    sentences: tuple[SentenceWords, ...]


@lru_cache(maxsize=REMEMBERED)
def page_words(passage: Passage, catalogue: Catalogue) -> PageWords:
    """The words of a passage and of its sentences."""
    lang, head = passage.lang, f"{passage.title} {passage.heading}"
    head_terms, padded = terms_and_padded(head, lang)
    read_head = read_terms(head, lang)
    parts = [passage.text[start:end] for start, end in passage.sentences]
    read, read_whole = read_terms_of_parts(parts, lang)
    sentences = tuple(
        SentenceWords(passage, start, end, some, catalogue)
        for (start, end), some in zip(passage.sentences, read, strict=True)
    )
    if _whole(passage):
        said = frozenset().union(*(sentence.terms for sentence in sentences))
        letters = [sentence.letters for sentence in sentences]
    else:
        said, whole = terms_and_padded(passage.text, lang)
        letters = [whole]
        read_whole = read_terms(passage.text, lang)
    return PageWords(
        head_terms=head_terms,
        body_terms=head_terms | said,
        head=padded,
        body=" ".join(part for part in (padded, *letters) if part),
        read_head=read_head,
        read_body=read_head | read_whole,
        heading_terms=frozenset(terms(passage.heading, lang)),
        head_codes=codes(passage.heading, catalogue.parts),
        sentences=sentences,
    )


def _whole(passage: Passage) -> bool:
    """Whether nothing but white space stands outside of the sentences, and some of it between any two."""
    end = 0
    for start, stop in passage.sentences:
        between = passage.text[end:start]
        if between.strip() or (end and not between):
            return False
        end = stop
    return bool(passage.sentences) and not passage.text[end:].strip()


def page_numbers(passage: Passage) -> frozenset[str]:
    """Words with a digit in them of a passage and its heading."""
    return numbers(f"{passage.heading} {passage.text}")


def numbers(text: str) -> frozenset[str]:
    """Words with a digit in them, bare of punctuation.

    Example:
        >>> sorted(numbers("Code E18 (page 5)."))
        ['5', 'e18']
    """
    found = [word for word in text.replace(",", ".").split() if any(map(str.isdigit, word))]
    return frozenset(word.strip(".,;:!?()«»\"'").lower() for word in found)
