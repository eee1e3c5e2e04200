"""The checkable facts of a text: numbers, dates, amounts, links, addresses of mail, phones, in a form that compares."""

from __future__ import annotations

import re

from pipelines.text import fold

_URL = re.compile(r"(?:https?://|www\.)[^\s<>()\"']+|\b[\w-]+(?:\.[\w-]+)+/[^\s<>()\"']*", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[\w-]{3,}\b")
_NUMBER = re.compile(r"\d+(?:[ \u202f\u00a0.,]\d{3})*(?:[.,]\d+)?|\d+")
_WORDS = {
    **dict(
        zip(["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"], range(1, 13), strict=True)
    ),
    **dict(
        zip(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
            range(1, 13),
            strict=True,
        )
    ),
    **dict(
        zip(
            ["uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"],
            range(1, 13),
            strict=True,
        )
    ),
}


def facts(text: str) -> set[str]:
    """Every checkable fact of ``text`` in normal form.

    Example:
        >>> sorted(facts("4,90 € avant le 12/03, voir https://a.example/x"))
        ['12', '3', '4.9', 'https://a.example/x']
    """
    found = {match.group(0).rstrip(".,;:!?").lower() for match in _URL.finditer(text)}
    rest = _URL.sub(" ", text)
    found |= {match.group(0).lower() for match in _EMAIL.finditer(rest)}
    rest = _EMAIL.sub(" ", rest)
    found |= {match.group(0).lower() for match in _CODE.finditer(rest)}
    return found | {number(match.group(0)) for match in _NUMBER.finditer(rest)}


def number_words(text: str) -> set[str]:
    """Numbers written as words, as digits: sources may write "dix jours" where a reply writes "10 jours"."""
    return {str(_WORDS[word]) for word in re.findall(r"\w+", fold(text)) if word in _WORDS}


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
