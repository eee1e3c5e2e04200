"""Text made comparable: Unicode forms, spaces, accents."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_CONTROL = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
"""The combining marks that Latin letters have."""
_RARE = re.compile("[^\x00-\u0482\u2000-\u20cf]")
"""Where other combining marks may be: of scripts that we seldom read."""

WORD_CHARS = 24
"""Texts up to this long are words, whose folded form is worth remembering."""


def clean(text: str) -> str:
    """Compose Unicode, drop control and direction marks, fold spaces; line breaks stay.

    Example:
        >>> clean("Bonjour\\u00a0 !\\r\\n")
        'Bonjour !'
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = _SPACES.sub(" ", _CONTROL.sub("", text)).replace("’", "'")
    return _BLANK_LINES.sub("\n\n", "\n".join(line.strip() for line in text.split("\n"))).strip()


def fold(text: str) -> str:
    """Lower case without accents.

    Example:
        >>> fold("Où est l'Été ?")
        "ou est l'ete ?"
    """
    if text.isascii():
        return text.lower()
    return _fold_word(text) if len(text) <= WORD_CHARS else _fold(text)


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize(
        "NFD", text.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    )
    if decomposed.isascii():
        return decomposed
    decomposed = _MARKS.sub("", decomposed)
    if _RARE.search(decomposed) is None:
        return decomposed
    return "".join([char for char in decomposed if char < "\u0300" or not unicodedata.combining(char)])


# The same words are folded over and over: of queries, of passages, of tables.
_fold_word = lru_cache(maxsize=50_000)(_fold)
