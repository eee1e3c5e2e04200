"""The words of a passage as the evidence compares them, with what its sentences give and name."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.contracts import Passage
from pipelines.drafting.answer_types import given
from pipelines.drafting.naming import SentenceNames, codes
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.passage_words import PartWords, PassageWords


class SentenceWords:
    """One sentence: stems, padded words, stems of its English reading; what it gives and names.

    The last four are worked out when they are first asked for.

    Example:
        >>> passage = Passage("a#", "a", "v", "fr", "Frais", "", "Coûte 5 €.", sentences=((0, 10),))
        >>> sorted(SentenceWords(passage, 0, 10, PartWords.of(passage.text, "fr"), Catalogue([])).numbers)
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
        self, passage: Passage, start: int, end: int, words: PartWords, catalogue: Catalogue
    ) -> None:
        self._passage, self._span, self._catalogue = passage, (start, end), catalogue
        self.terms, self.letters, self.read = words
        self._gives: dict[frozenset[str], frozenset[str]] = {}
        self._names: SentenceNames | None = None
        self._products: frozenset[str] | None = None
        self._numbers: frozenset[str] | None = None

    def gives(self, of: frozenset[str]) -> frozenset[str]:
        """Types of answer, among some, that it gives."""
        found = self._gives.get(of)
        if found is None:
            found = self._gives[of] = given(self._text, of)
        return found

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
        >>> from pipelines.knowledge.passage_words import passage_words
        >>> passage = Passage("a#", "a", "v", "fr", "Frais", "", "Coûte 5 €.", sentences=((0, 10),))
        >>> words = PageWords.of(passage, passage_words(passage), Catalogue([]))
        >>> sorted(words.sentences[0].gives(frozenset({"amount", "place"})))
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

    @classmethod
    def of(cls, passage: Passage, words: PassageWords, catalogue: Catalogue) -> PageWords:
        """Of a passage and its words."""
        head, body = words.head, words.body
        return cls(
            head_terms=head.terms,
            body_terms=head.terms | body.terms,
            head=head.letters,
            body=" ".join(part for part in (head.letters, body.letters) if part),
            read_head=head.read,
            read_body=head.read | body.read,
            heading_terms=words.heading,
            head_codes=codes(passage.heading, catalogue.parts),
            sentences=tuple(
                SentenceWords(passage, start, end, part, catalogue)
                for (start, end), part in zip(passage.sentences, words.sentences, strict=True)
            ),
        )


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
