"""The words of a passage as the evidence compares them, worked out once a passage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipelines.contracts import Passage
from pipelines.drafting.answer_types import given
from pipelines.drafting.naming import codes, refers
from pipelines.drafting.places import places
from pipelines.knowledge.catalogue import Catalogue
from pipelines.text import padded_words, terms
from pipelines.understanding.gloss import read_terms

REMEMBERED = 2_048
"""Passages kept, at about 15 kB each; one that is not takes 0.3 ms to work out."""


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """One sentence: stems, padded words, stems of its English reading, what it gives and names."""

    terms: frozenset[str]
    letters: str
    read: frozenset[str]
    gives: frozenset[str]
    products: frozenset[str]
    numbers: frozenset[str]
    codes: frozenset[str]
    places: frozenset[str]
    refers: bool


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
    numbers: frozenset[str]
    head_codes: frozenset[str]
    sentences: tuple[SentenceWords, ...]


@lru_cache(maxsize=REMEMBERED)
def page_words(passage: Passage, catalogue: Catalogue) -> PageWords:
    """The words of a passage and of its sentences."""
    lang, head = passage.lang, f"{passage.title} {passage.heading}"
    head_terms, read_head = frozenset(terms(head, lang)), read_terms(head, lang)
    padded = padded_words(head, lang)
    sentences = tuple(_sentence(passage, start, end, catalogue) for start, end in passage.sentences)
    if _whole(passage):
        said = frozenset().union(*(sentence.terms for sentence in sentences))
        letters = [sentence.letters for sentence in sentences]
    else:
        said, letters = frozenset(terms(passage.text, lang)), [padded_words(passage.text, lang)]
    return PageWords(
        head_terms=head_terms,
        body_terms=head_terms | said,
        head=padded,
        body=" ".join(part for part in (padded, *letters) if part),
        read_head=read_head,
        read_body=read_head | read_terms(passage.text, lang),
        heading_terms=frozenset(terms(passage.heading, lang)),
        numbers=numbers(f"{passage.heading} {passage.text}"),
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


def _sentence(passage: Passage, start: int, end: int, catalogue: Catalogue) -> SentenceWords:
    lang, text = passage.lang, passage.text[start:end]
    return SentenceWords(
        terms=frozenset(terms(text, lang)),
        letters=padded_words(text, lang),
        read=read_terms(text, lang),
        gives=given(text),
        products=catalogue.mentions(f"{passage.title} {text}", lang),
        numbers=numbers(text),
        codes=codes(text, catalogue.parts),
        places=places(text),
        refers=refers(text),
    )


def numbers(text: str) -> frozenset[str]:
    """Words with a digit in them, bare of punctuation.

    Example:
        >>> sorted(numbers("Code E18 (page 5)."))
        ['5', 'e18']
    """
    found = [word for word in text.replace(",", ".").split() if any(map(str.isdigit, word))]
    return frozenset(word.strip(".,;:!?()«»\"'").lower() for word in found)
