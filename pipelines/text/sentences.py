"""Language-aware sentence splitting: abbreviations, decimals, times, links and bullets break no sentence."""

from __future__ import annotations

import re

_ABBREVIATED = """
    m mm mme mmes mlle mr mrs ms dr st ste sr sra srta ud uds vd art av bd bvd cf env etc ex fig inc ltd no
    nº num p pp réf ref tel tél vol min max approx i.e e.g p.ex jan feb janv févr avr juil sept oct nov déc
    dept
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_BREAK = re.compile(r"([.!?…]+[\"'»”)\]]*)(?=\s|$)|\n+")
_BULLET = re.compile(r"^[ \t]*(?:[-*•–]|\d{1,2}[.)])[ \t]+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """``(start, end)`` offsets of the sentences of ``text``, bullets and spaces left out.

    Example:
        >>> [ "Prix : 4.90 € env. par colis. Livré en 24 h."[a:b] for a, b in
        ...   sentence_spans("Prix : 4.90 € env. par colis. Livré en 24 h.") ]
        ['Prix : 4.90 € env. par colis.', 'Livré en 24 h.']
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BREAK.finditer(text):
        mark = match.group(1)
        if mark and not _ends_sentence(text, match.start(), match.end(), mark):
            continue
        _add(spans, text, start, match.end() if mark else match.start())
        start = match.end()
    _add(spans, text, start, len(text))
    return spans


def sentences(text: str) -> list[str]:
    """The sentences of ``text``."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _ends_sentence(text: str, dot: int, end: int, mark: str) -> bool:
    if not mark.startswith(".") or len(mark.rstrip("\"'»”)]")) > 1:
        return True
    # A word is short: looking back further would make long texts quadratic.
    before = re.search(r"[^\s(\[«\"']+$", text[max(0, dot - 40) : dot])
    word = before.group(0).lower() if before else ""
    if word in _ABBREVIATIONS:
        after = text[end : end + 20].lstrip()
        # "etc." and the like do end a sentence when a capital follows; a title ("M. Durand") never does.
        return word in ("etc", "env", "max", "min") and after[:1].isupper()
    if len(word) == 1 and word.isalpha() and text[dot - 1].isupper():
        return False  # an initial: "J. Martin"
    return not (
        word.isdigit() and len(word) <= 2 and text[max(0, dot - 40) : dot].rsplit("\n", 1)[-1].strip() == word
    )


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    bullet = _BULLET.match(text[start:end])
    if bullet:
        start += bullet.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        spans.append((start, end))
