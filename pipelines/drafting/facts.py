"""The checkable facts of a text, in a form that compares: numbers, dates, codes, links, e-mails and phones."""

from __future__ import annotations

import re

from pipelines.text import fold

_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\"']+|\b[\w-]+(?:\.[\w-]+)+/[^\s<>()\"']*", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w+])\+?\(?\d{1,4}\)?(?:[ .\-\u202f\u00a0]\d{2,4}){3,5}\b")
_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{2,}\b")
_NUMBER = re.compile(r"\d+(?:[ \u202f\u00a0.,]\d{3})*(?:[.,]\d+)?|\d+")

_MONTHS = (
    "janvier january enero", "fevrier february febrero", "mars march marzo", "avril april abril",
    "mai may mayo", "juin june junio", "juillet july julio", "aout august agosto",
    "septembre september septiembre", "octobre october octubre", "novembre november noviembre",
    "decembre december diciembre",
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_NAMES = "|".join(_MONTH)
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:er|st|nd|rd|th)?(?: de| of)? ({_NAMES})\b|\b({_NAMES}) (\d{{1,2}})(?:st|nd|rd|th)?\b"
)

_COUNTS = {
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "en": "two three four five six seven eight nine ten eleven twelve",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
}
"""From two on: "un", "one" and "una" are articles and pronouns far more often than numbers."""
_WORDS = {lang: {word: str(n) for n, word in enumerate(text.split(), 2)} for lang, text in _COUNTS.items()}


def facts(text: str) -> set[str]:
    """Every checkable fact of ``text`` in normal form; a day with its month is a fact of its own.

    Example:
        >>> sorted(facts("4,90 € avant le 12/03, voir https://a.example/x"))
        ['12', '3', '4.9', 'https://a.example/x']
        >>> sorted(facts("le 1er mars"))
        ['1', '1 month 3', '1er']
    """
    found = {match.group(0).rstrip(".,;:!?").lower() for match in _URL.finditer(text)}
    rest = _URL.sub(" ", text)
    found |= {match.group(0).lower() for match in _EMAIL.finditer(rest)}
    rest = _EMAIL.sub(" ", rest)
    found |= {re.sub(r"\D", "", match.group(0)) for match in _PHONE.finditer(rest)}
    found |= {match.group(0).lower() for match in _CODE.finditer(rest)} | _dates(rest)
    return found | {number(match.group(0)) for match in _NUMBER.finditer(rest)}


def number_words(text: str, lang: str) -> set[str]:
    """Numbers written as words, as digits: sources may write "dix jours" where a reply writes "10 jours".

    Example:
        >>> sorted(number_words("Un retour sous dix jours.", "fr"))
        ['10']
    """
    words = _WORDS.get(lang, {})
    return {words[word] for word in re.findall(r"\w+", fold(text)) if word in words}


def links(text: str) -> list[str]:
    """Links of a text."""
    return [match.group(0).rstrip(".,;:!?") for match in _URL.finditer(text)]


def number(text: str) -> str:
    """A number in normal form: no thousands separators, a point, no trailing zeros.

    Example:
        >>> number("2 000"), number("4,90"), number("07")
        ('2000', '4.9', '7')
    """
    text = re.sub(r"[ \u202f\u00a0](?=\d{3})|[.,](?=\d{3}(?:\D|$))", "", text).replace(",", ".")
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def _dates(text: str) -> set[str]:
    found = set()
    for match in _DATE.finditer(fold(text)):
        day, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        found.add(f"{int(day)} month {_MONTH[month]}")
    return found
