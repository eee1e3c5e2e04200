"""The words of a passage as the evidence compares them, worked out once a passage."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipelines.contracts import Passage
from pipelines.drafting.answer_types import given
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.query import GRAM_SIZES
from pipelines.text import grams, terms
from pipelines.understanding.gloss import gloss

REMEMBERED = 1_024
"""Passages kept, at about 50 kB each; one that is not takes 0.2 ms to work out."""


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """One sentence: stems, n-grams, stems of its English reading, what it gives, products and numbers."""

    terms: frozenset[str]
    grams: frozenset[str]
    read: frozenset[str]
    gives: frozenset[str]
    products: frozenset[str]
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class PageWords:
    """One passage; what is called ``head`` is of its title and heading, ``body`` of these and its text.

    Example:
        >>> passage = Passage("a#", "a", "v", "fr", "Frais", "", "Coûte 5 €.", sentences=((0, 10),))
        >>> sorted(page_words(passage, Catalogue([])).sentences[0].gives)
        ['amount']
    """

    head_terms: frozenset[str]
    body_terms: frozenset[str]
    head_grams: frozenset[str]
    body_grams: frozenset[str]
    read_head: frozenset[str]
    read_body: frozenset[str]
    heading_terms: frozenset[str]
    numbers: frozenset[str]
    sentences: tuple[SentenceWords, ...]


@lru_cache(maxsize=REMEMBERED)
def page_words(passage: Passage, catalogue: Catalogue) -> PageWords:
    """The words of a passage and of its sentences."""
    lang, head = passage.lang, f"{passage.title} {passage.heading}"
    head_terms, head_grams = frozenset(terms(head, lang)), frozenset(grams(head, lang, GRAM_SIZES))
    read_head = read_terms(head, lang)
    return PageWords(
        head_terms=head_terms,
        body_terms=head_terms.union(terms(passage.text, lang)),
        head_grams=head_grams,
        body_grams=head_grams.union(grams(passage.text, lang, GRAM_SIZES)),
        read_head=read_head,
        read_body=read_head | read_terms(passage.text, lang),
        heading_terms=frozenset(terms(passage.heading, lang)),
        numbers=numbers(f"{passage.heading} {passage.text}"),
        sentences=tuple(_sentence(passage, start, end, catalogue) for start, end in passage.sentences),
    )


def _sentence(passage: Passage, start: int, end: int, catalogue: Catalogue) -> SentenceWords:
    lang, text = passage.lang, passage.text[start:end]
    return SentenceWords(
        terms=frozenset(terms(text, lang)),
        grams=frozenset(grams(text, lang, GRAM_SIZES)),
        read=read_terms(text, lang),
        gives=given(text),
        products=catalogue.mentions(f"{passage.title} {text}", lang),
        numbers=numbers(text),
    )


def read_terms(text: str, lang: str) -> frozenset[str]:
    """Stems of the English reading: "frigo" and "réfrigérateur" are one word there."""
    return frozenset(terms(gloss(text, lang), "en"))


def numbers(text: str) -> frozenset[str]:
    """Words with a digit in them, bare of punctuation.

    Example:
        >>> sorted(numbers("Code E18 (page 5)."))
        ['5', 'e18']
    """
    found = [word for word in text.replace(",", ".").split() if any(map(str.isdigit, word))]
    return frozenset(word.strip(".,;:!?()«»\"'").lower() for word in found)
