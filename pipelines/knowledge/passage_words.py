"""The words of a passage, as questions are compared with them: worked out at indexing, read at a request.

Working them out takes 0.3 ms a passage, most of it for the English reading; a dozen passages are compared a
request, and few of a large help centre are remembered from the one before.
"""

from __future__ import annotations

from typing import NamedTuple

from pipelines.contracts import Passage
from pipelines.text import terms, terms_and_padded
from pipelines.understanding.gloss import read_terms, read_terms_of_parts

_PART, _FIELD = "\x1e", "\x1f"
"""Between parts, and between their fields: control characters, which no word holds."""


class PartWords(NamedTuple):
    """Of one part of a passage: content stems, padded words, and content stems of its English reading."""

    terms: frozenset[str]
    letters: str
    read: frozenset[str]

    @classmethod
    def of(cls, text: str, lang: str) -> PartWords:
        """The words of a text."""
        return cls(*terms_and_padded(text, lang), read_terms(text, lang))


class PassageWords(NamedTuple):
    """Of a whole passage; ``head`` is its title and heading, ``body`` its text.

    Example:
        >>> passage = Passage("a#", "a", "v", "fr", "Frais", "", "Coûte 5 €.", sentences=((0, 10),))
        >>> words = passage_words(passage)
        >>> words.sentences[0].letters, unpacked(packed(words)) == words
        ('_coute_ _5_', True)
    """

    heading: frozenset[str]
    head: PartWords
    body: PartWords
    sentences: tuple[PartWords, ...]


def passage_words(passage: Passage) -> PassageWords:
    """The words of a passage and of its sentences."""
    lang = passage.lang
    texts = [passage.text[start:end] for start, end in passage.sentences]
    read, read_whole = read_terms_of_parts(texts, lang)
    sentences = tuple(
        PartWords(*terms_and_padded(text, lang), some) for text, some in zip(texts, read, strict=True)
    )
    if _whole(passage):
        said = frozenset().union(*(sentence.terms for sentence in sentences))
        letters = " ".join(sentence.letters for sentence in sentences if sentence.letters)
        body = PartWords(said, letters, read_whole)
    else:
        body = PartWords.of(passage.text, lang)
    head = PartWords.of(f"{passage.title} {passage.heading}", lang)
    return PassageWords(frozenset(terms(passage.heading, lang)), head, body, sentences)


def packed(words: PassageWords) -> str:
    """One line of text."""
    parts = (words.head, words.body, *words.sentences)
    return _PART.join([_joined(words.heading), *(_FIELD.join(_fields(part)) for part in parts)])


def unpacked(line: str) -> PassageWords:
    """The words of a line that :func:`packed` made."""
    heading, *parts = line.split(_PART)
    head, body, *sentences = [
        PartWords(frozenset(said.split()), letters, frozenset(read.split()))
        for said, letters, read in (part.split(_FIELD) for part in parts)
    ]
    return PassageWords(frozenset(heading.split()), head, body, tuple(sentences))


def _fields(part: PartWords) -> tuple[str, str, str]:
    return _joined(part.terms), part.letters, _joined(part.read)


def _joined(words: frozenset[str]) -> str:
    return " ".join(sorted(words))


def _whole(passage: Passage) -> bool:
    """Whether nothing but white space stands outside of the sentences, and some of it between any two."""
    end = 0
    for start, stop in passage.sentences:
        between = passage.text[end:start]
        if between.strip() or (end and not between):
            return False
        end = stop
    return bool(passage.sentences) and not passage.text[end:].strip()
