"""Whether a sentence of a model may be shown: its quote, its facts, its promises, its language, its manners.

Each sentence is judged alone, as soon as it is written, so that a stream can show it at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipelines.contracts import DraftSentence, Message, Passage
from pipelines.drafting.facts import facts, links
from pipelines.drafting.number_words import in_digits
from pipelines.drafting.promises import unkept
from pipelines.drafting.verification import DropReason, Verifier
from pipelines.generating.courtesy import asks_secret, is_courtesy, is_question
from pipelines.generating.quotes import citation, find_quote
from pipelines.text import fold, terms
from pipelines.understanding.gloss import read_terms
from pipelines.understanding.language import LanguageIdentifier

SUPPORT = 0.5
"""Share of a sentence's content words that its quote must hold; words of the customer's count neither way."""
NEAR = 0.6
"""Share of the words of both from which a sentence counts as a rewording of its quote."""
LEAST_WORDS = 4
"""Words from which the language of a sentence alone can be told."""
LEAK_WORDS = 7
"""So many words in a row of the system prompt are no chance."""

_UNSEEN = re.compile(r"[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")
_BULLET = re.compile(r"^(?:[-*•]|\d{1,2}[.)])\s+")
_MARKUP = re.compile(r"</?[a-z!]|\{\{|\}\}|```|<<|>>|\]\(|[{}\[\]|\\]|&[a-z]+;|\bP\d+\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:pas|jamais|aucune?s?|ni|non|not|no|never|none|nor|cannot|\w+n't|unable|nunca|tampoco|ningun\w*|impossible"
    r"|imposible|refus\w*|exclu\w*)\b"
)
_REPLY = re.compile(r"^(?:non|not|no|pas|ne|por ahora no)\b[^,:;.]{0,30}[,:;]")
"""The "no, ..." that answers a question denies nothing of what comes after it."""
_TIME_UNITS = ("minute", "hour", "day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class Written:
    """One sentence as a model wrote it: its text, the passage it names, and what it quotes.

    Example:
        >>> Written("Bonjour !", "", "").passage
        ''
    """

    text: str
    passage: str
    quote: str


class Checker:
    """Judges the sentences of one request.

    Args:
        passages: what the model was shown, in the order of its ids ``P1`` ... ``Pn``.
        prompt: text of the system message, which may not be repeated.  mark: the word of its marks.
    """

    def __init__(
        self, passages: Sequence[Passage], messages: Sequence[Message], context: Mapping[str, str],
        lang: str, verifier: Verifier, languages: LanguageIdentifier, prompt: str = "", mark: str = "",
    ) -> None:  # fmt: skip
        self.passages = {f"P{number}": passage for number, passage in enumerate(passages, 1)}
        self.passages |= {passage.id: passage for passage in passages}
        self.lang, self.verifier, self.languages, self.mark = lang, verifier, languages, mark
        said = "\n".join(message.text for message in messages)
        self.context = "\n".join(context.values())
        self.known = all_facts(f"{said}\n{self.context}", lang)
        self.context_facts = all_facts(self.context, lang)
        self.thread_terms = frozenset(terms(f"{said}\n{self.context}", lang))
        self.thread_words = set(re.findall(r"[^\W\d_]+", fold(f"{said} {self.context}")))
        self.leaks = _grams(prompt)
        self.shown = _grams("\n".join(f"{p.title} {p.heading} {p.text}" for p in passages))

    def check(self, written: Written, number: int) -> DraftSentence | DropReason:
        """The sentence as it may be shown, at place ``number`` of its reply, or why it may not."""
        text = tidy(written.text)
        reason = self._form(text)
        if reason:
            return reason
        if not written.passage.strip() and not written.quote.strip():
            return self._uncited(text)
        passage = self.passages.get(written.passage.strip().strip("[]"))
        if passage is None:
            return "unknown_passage"
        span = find_quote(written.quote, passage)
        if span is None:
            return "quote_not_verbatim"
        reason = self._source(text, passage, passage.text[slice(*span)])
        return reason or DraftSentence(text, citation(passage, span, number))

    def _form(self, text: str) -> DropReason | None:
        """What can be said of a sentence without its source."""
        if not any(char.isalpha() for char in text):
            return "truncated"
        if self.mark and self.mark in re.sub(r"\W", "", text.lower()):
            return "leak"
        if (_grams(text) & self.leaks) - self.shown:
            return "leak"
        if _MARKUP.search(text):
            return "format"
        if len(text) > self.verifier.max_chars:
            return "length"
        if any(not self.verifier.allowed(link) for link in links(text)):
            return "link"
        if asks_secret(text) and not _grams(text, 3) & _grams_of(self.passages, 3):
            return "sensitive"
        return None if self._in_language(text) else "language"

    def _uncited(self, text: str) -> DraftSentence | DropReason:
        if asks_secret(text):
            return "sensitive"
        if is_courtesy(text, self.lang, self.thread_words) or is_question(
            in_digits(text, self.lang), self.known
        ):
            return DraftSentence(text, None, factual=False)
        return "no_citation"

    def _source(self, text: str, passage: Passage, quote: str) -> DropReason | None:
        """Whether the quoted sentences carry what the sentence says."""
        head = f"{passage.title}\n{passage.heading}"
        source = all_facts(f"{head}\n{quote}", passage.lang)
        own = all_facts(text, self.lang)
        if own - source - self.known or self._replaced(own, source):
            return "unknown_fact"
        if unkept(text, f"{head}\n{quote}\n{self.context}"):
            return "promise"
        if not carried(text, self.lang, f"{head} {quote}", passage.lang, self.thread_terms):
            return "unsupported"
        return "contradicted" if _turned(text, quote, self.lang, passage.lang) else None

    def _replaced(self, own: set[str], source: set[str]) -> bool:
        """Whether a fact of the customer's stands where the source has another one of the same unit."""
        for fact in own - source - self.context_facts:
            unit = fact.partition(" ")[2].split(" ")[0]
            rivals = {other for other in source if other.partition(" ")[2].split(" ")[0] in _alike(unit)}
            if unit and rivals and not rivals & own:
                return True
        return False

    def _in_language(self, text: str) -> bool:
        if len(re.findall(r"[^\W\d_]{2,}", text)) < LEAST_WORDS:
            return True
        guess = self.languages.identify(text, self.lang)
        return guess.lang == self.lang


def tidy(text: str) -> str:
    """One line of plain text: no unseen characters, emphasis or bullet.

    Example:
        >>> tidy("- **Bonjour**\\u200b,  Odile ")
        'Bonjour, Odile'
    """
    plain = " ".join(_UNSEEN.sub(lambda m: " " if m.group(0) in "\n\t\r" else "", text).split())
    return _BULLET.sub("", _EMPHASIS.sub(r"\2", plain)).strip()


def all_facts(text: str, lang: str) -> set[str]:
    """Facts of ``text``, those with number words too."""
    return facts(text) | facts(in_digits(text, lang))


def carried(
    text: str, lang: str, source: str, source_lang: str, neutral: frozenset[str] = frozenset()
) -> bool:
    """Whether half of the words of ``text`` stand in ``source``, as stems or in their English reading.

    Args:
        neutral: stems that count only where the source holds them too.

    Example:
        >>> carried("El envío tarda 3 días.", "es", "La livraison prend 3 jours.", "fr")
        True
    """
    own, held = set(terms(text, lang)), set(terms(source, source_lang))
    if lang == source_lang and _share(own, held, own & neutral) >= SUPPORT:
        return True
    return _share(set(read_terms(text, lang)), set(read_terms(source, source_lang)), set()) >= SUPPORT


def _alike(unit: str) -> tuple[str, ...]:
    return _TIME_UNITS if unit in _TIME_UNITS else (unit,)


def _share(own: set[str], held: set[str], neutral: set[str]) -> float:
    """Share of ``own`` that is held, what is neutral and not held left out; 0 when nothing at all is held."""
    counted = own - (neutral - held)
    return len(own & held) / len(counted) if counted and own & held else 0.0


def _turned(text: str, quote: str, lang: str, source_lang: str) -> bool:
    """Whether a sentence says nearly the words of its source, and denies it, or the reverse."""
    own, held = set(read_terms(text, lang)), set(read_terms(quote, source_lang))
    common = len(own & held)
    near = common >= NEAR * len(own) and common >= NEAR * len(held)
    return near and bool(_NEGATION.search(_negating(text))) != bool(_NEGATION.search(_negating(quote)))


def _negating(text: str) -> str:
    return _REPLY.sub("", fold(text).replace("’", "'"))


@lru_cache(maxsize=256)
def _grams(text: str, size: int = LEAK_WORDS) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", fold(text))
    return frozenset(tuple(words[i : i + size]) for i in range(len(words) - size + 1))


def _grams_of(passages: Mapping[str, Passage], size: int) -> frozenset[tuple[str, ...]]:
    return frozenset().union(*(_grams(passage.text, size) for passage in passages.values()))
