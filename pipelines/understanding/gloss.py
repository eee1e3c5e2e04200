"""French and Spanish put word by word into rough English, which is what the embedding model was taught."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from pipelines.text import fold, terms
from pipelines.understanding.language_words import mark_evidence, word_evidence

MAX_CHARS = 1_500
_FOLDER = Path(__file__).parent
_COLUMN = {"fr": 1, "es": 2}
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[?!]")
_ENCLITIC = re.compile(
    r"(\w+?(?:[aerdz]|n(?:do)?))((?:me|te|se|nos|os)?(?:l[ao]s?|le)|me|(?<!n)te|se|nos|os)"
)
_INFINITIVE = re.compile(r"[^\W_]+[aei]r")
_PRONOUN = re.compile("nos|me|l[ao]s?")
_PRONOUNS = {"me": "me", "nos": "us", "lo": "it", "la": "it", "los": "them", "las": "them"}


@lru_cache(maxsize=256)
def gloss(text: str, lang: str) -> str:
    """A rough English reading of ``text``; only French and Spanish are changed. The last ones are remembered.

    Example:
        >>> gloss("Où est mon colis ?", "fr")
        'where is my parcel ?'
    """
    return " ".join(_pieces(_tokens(text, lang), lang)) if lang in _COLUMN else text[:MAX_CHARS]


def read_terms(text: str, lang: str) -> frozenset[str]:
    """English stems of the rough reading: "frigo" and "réfrigérateur" are one word there.

    Example:
        >>> read_terms("mon frigo", "fr") == read_terms("un réfrigérateur", "fr")
        True
    """
    if lang not in _COLUMN:
        return frozenset(terms(text[:MAX_CHARS], "en"))
    return _stems(_tokens(text, lang), lang)


def read_terms_of_parts(parts: Sequence[str], lang: str) -> tuple[list[frozenset[str]], frozenset[str]]:
    """:func:`read_terms` of each part of a text, and of the text, of which they leave out nothing but spaces.

    Example:
        >>> read_terms_of_parts(["Mon colis.", "Un frigo"], "fr") == (
        ...     [read_terms("Mon colis.", "fr"), read_terms("Un frigo", "fr")],
        ...     read_terms("Mon colis. Un frigo", "fr"))
        True
    """
    if sum(map(len, parts)) + len(parts) > MAX_CHARS:
        return [read_terms(part, lang) for part in parts], read_terms(" ".join(parts), lang)
    if lang not in _COLUMN:
        read = [read_terms(part, lang) for part in parts]
        return read, frozenset().union(*read)
    tokens = [_tokens(part, lang) for part in parts]
    read = [_stems(some, lang) for some in tokens]
    if _phrase_across(tokens, lang):
        return read, _stems(list(chain.from_iterable(tokens)), lang)
    return read, frozenset().union(*read)


def _stems(tokens: Sequence[_Token], lang: str) -> frozenset[str]:
    """English stems of a reading; where no phrase begins, of its words one by one."""
    if any(following.folded in token.seconds for token, following in pairwise(tokens)):
        return frozenset().union(*map(_english_terms, _pieces(tokens, lang)))
    return frozenset().union(*[token.stems for token in tokens])


@lru_cache(maxsize=20_000)
def _english_terms(english: str) -> tuple[str, ...]:
    return tuple(terms(english, "en"))


def _tokens(text: str, lang: str) -> list[_Token]:
    return [_token(token, lang) for token in _TOKEN.findall(text[:MAX_CHARS].lower())]


def _pieces(tokens: Sequence[_Token], lang: str) -> list[str]:
    table = _dictionary(lang)
    out: list[str] = []
    last, i, count = "", 0, len(tokens)
    while i < count:
        folded, seconds, english, _ = tokens[i]
        size = 1
        if seconds and i + 1 < count and tokens[i + 1].folded in seconds:
            # Most words begin some phrase, but few go on with its second word.
            longest = table.longest[f"{folded}_{tokens[i + 1].folded}"]
            for size in range(min(longest, count - i), 0, -1):
                phrase = table.phrases.get("_".join([token.folded for token in tokens[i : i + size]]))
                if size > 1 and phrase is not None:
                    english = phrase
                    break
        if not out or last != english:
            out.append(english)
            last = english
        i += size
    return out


def _phrase_across(parts: Sequence[Sequence[_Token]], lang: str) -> bool:
    """Whether a phrase may begin in one part and end in another."""
    table = _dictionary(lang)
    filled = [part for part in parts if part]
    for part, following in pairwise(filled):
        size = len(part)
        for i in range(max(0, size - table.reach), size):
            second = part[i + 1] if i + 1 < size else following[0]
            if table.longest.get(f"{part[i].folded}_{second.folded}", 1) > size - i:
                return True
    return False


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
    """A word folded, the words that go on with a phrase it begins, its own English, and the stems of that."""

    folded: str
    seconds: frozenset[str]
    english: str
    stems: tuple[str, ...]


@lru_cache(maxsize=50_000)
def _token(word: str, lang: str) -> _Token:
    table, folded = _dictionary(lang), fold(word)
    english = table.marked.get(word) or table.phrases.get(folded)
    if english is None and lang == "es":
        english = _with_pronouns(folded)
    if english is None:
        # The Spanish list is checked without accents; French stems are truer with theirs.
        first, second = (folded, word) if lang == "es" else (word, folded)
        english = table.stems.get(_stem(first, lang)) or table.stems.get(_stem(second, lang)) or folded
    return _Token(folded, table.seconds.get(folded, frozenset()), english, _english_terms(english))


def _with_pronouns(folded: str) -> str | None:
    """English of a Spanish verb and the pronouns written onto it ("mandenmelo"); none where it is no verb."""
    match = _ENCLITIC.fullmatch(folded)
    if match is None:
        return None
    table, (verb, pronouns) = _dictionary("es"), match.groups()
    for english in (table.phrases.get(verb), table.stems.get(_stem(verb, "es"))):
        if english in table.actions:
            return " ".join([english, *(_PRONOUNS[found] for found in _PRONOUN.findall(pronouns))])
    return None


class _Dictionary(NamedTuple):
    """Exact words and phrases, single words by stem, and what is known of how phrases begin.

    Attributes:
        marked: words written with accents in the table, which tell "está" (is) from "esta" (this).
        seconds: second words of phrases, by the first.  longest: words of the longest phrase, by both.
        reach: words of the longest phrase of all, but its last.  actions: English of Spanish infinitives.
    """

    phrases: dict[str, str]
    marked: dict[str, str]
    stems: dict[str, str]
    seconds: dict[str, frozenset[str]]
    longest: dict[str, int]
    reach: int
    actions: frozenset[str]


def _entries(lang: str) -> Iterator[tuple[str, str]]:
    """English and word of each entry: the desk's table, which wins, then the general list of the language."""
    for name, column in (("gloss", _COLUMN[lang]), (f"gloss_{lang}", 1)):
        for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                cells = [cell.strip() for cell in line.split(";")]
                yield from ((cells[0].replace("_", " "), entry) for entry in cells[column].split())


@cache
def _dictionary(lang: str) -> _Dictionary:
    phrases: dict[str, str] = {}
    marked: dict[str, str] = {}
    stems: dict[str, str] = {}
    for english, entry in _entries(lang):
        phrases.setdefault(fold(entry), english)
        if fold(entry) != entry:
            marked.setdefault(entry, english)
        if "_" not in entry:
            stems.setdefault(_stem(entry, lang), english)
    longest: dict[str, int] = {}
    for phrase in phrases:
        parts = phrase.split("_")
        if len(parts) > 1:
            begin = "_".join(parts[:2])
            longest[begin] = max(longest.get(begin, 1), len(parts))
    seconds: dict[str, set[str]] = {}
    for first, _, second in (begin.partition("_") for begin in longest):
        seconds.setdefault(first, set()).add(second)
    known = {first: frozenset(words) for first, words in seconds.items()}
    actions = frozenset(english for word, english in phrases.items() if _INFINITIVE.fullmatch(word))
    return _Dictionary(phrases, marked, stems, known, longest, max(longest.values(), default=1) - 1, actions)
