"""French and Spanish put word by word into rough English, which is what the embedding model was taught."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from pipelines.text import fold, terms
from pipelines.understanding.language_words import mark_evidence, word_evidence

MAX_CHARS = 1_500
_TABLE = Path(__file__).with_name("gloss.txt")
_COLUMN = {"fr": 1, "es": 2}
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[?!]")


def gloss(text: str, lang: str) -> str:
    """A rough English reading of ``text``; only French and Spanish are changed.

    Example:
        >>> gloss("Où est mon colis ?", "fr")
        'where is my parcel ?'
    """
    return " ".join(_pieces(text, lang)) if lang in _COLUMN else text[:MAX_CHARS]


def read_terms(text: str, lang: str) -> frozenset[str]:
    """English stems of the rough reading: "frigo" and "réfrigérateur" are one word there.

    Example:
        >>> read_terms("mon frigo", "fr") == read_terms("un réfrigérateur", "fr")
        True
    """
    if lang not in _COLUMN:
        return frozenset(terms(text[:MAX_CHARS], "en"))
    return frozenset().union(*map(_english_terms, _pieces(text, lang)))


@lru_cache(maxsize=20_000)
def _english_terms(english: str) -> tuple[str, ...]:
    return tuple(terms(english, "en"))


def _pieces(text: str, lang: str) -> list[str]:
    phrases = _dictionary(lang).phrases
    tokens = [_token(token, lang) for token in _TOKEN.findall(text[:MAX_CHARS].lower())]
    out: list[str] = []
    i = 0
    while i < len(tokens):
        _, longest, english = tokens[i]
        size = min(longest, len(tokens) - i)
        while size > 1:
            phrase = phrases.get("_".join([token.folded for token in tokens[i : i + size]]))
            if phrase is not None:
                english = phrase
                break
            size -= 1
        if not out or out[-1] != english:
            out.append(english)
        i += max(size, 1)
    return out


def likely_language(text: str) -> str:
    """French, Spanish or English, by function words and the words of this table; else English.

    Example:
        >>> likely_language("paquete roto"), likely_language("colis casse"), likely_language("broken parcel")
        ('es', 'fr', 'en')
    """
    scores = {"en": 0.01, "fr": 0.0, "es": 0.0}
    for word in _TOKEN.findall(fold(text[:MAX_CHARS])):
        for known in (word_evidence(), _vocabulary()):
            langs = [lang for lang in known.get(word, ()) if lang in scores]
            for lang in langs:
                scores[lang] += 1.0 / len(langs)
    for lang, count in mark_evidence(text).items():
        if lang in scores:
            scores[lang] += 0.5 * min(count, 3)
    return max(scores, key=lambda lang: scores[lang])


@cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    """``{word: languages of the table that hold it}``."""
    found: dict[str, set[str]] = {}
    for lang in _COLUMN:
        for phrase, english in _dictionary(lang).phrases.items():
            for word in phrase.split("_"):
                found.setdefault(word, set()).add(lang)
            for word in english.split():
                found.setdefault(word, set()).add("en")
    return {word: tuple(sorted(langs)) for word, langs in found.items() if len(langs) < 3}


def _stem(word: str, lang: str) -> str:
    found = terms(word, lang)
    return found[0] if found else fold(word)


class _Token(NamedTuple):
    """A word folded, how many words the longest phrase has that it begins, and its own English."""

    folded: str
    longest: int
    english: str


@lru_cache(maxsize=50_000)
def _token(word: str, lang: str) -> _Token:
    table, folded = _dictionary(lang), fold(word)
    exact = table.phrases.get(folded)
    english = table.stems.get(_stem(word, lang), folded) if exact is None else exact
    return _Token(folded, table.longest.get(folded, 1), english)


class _Dictionary(NamedTuple):
    """Exact words and phrases, single words by stem, and by first word the words of its longest phrase."""

    phrases: dict[str, str]
    stems: dict[str, str]
    longest: dict[str, int]


@cache
def _dictionary(lang: str) -> _Dictionary:
    phrases: dict[str, str] = {}
    stems: dict[str, str] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(";")]
        english = cells[0].replace("_", " ")
        for entry in cells[_COLUMN[lang]].split():
            phrases.setdefault(fold(entry), english)
            if "_" not in entry:
                stems.setdefault(_stem(entry, lang), english)
    longest: dict[str, int] = {}
    for phrase in phrases:
        first = phrase.split("_", 1)[0]
        longest[first] = max(longest.get(first, 1), phrase.count("_") + 1)
    return _Dictionary(phrases, stems, longest)
