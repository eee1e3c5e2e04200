"""Text made comparable: Unicode forms, spaces, accents."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_CONTROL = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


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
    decomposed = unicodedata.normalize(
        "NFD", text.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    )
    return "".join(char for char in decomposed if not unicodedata.combining(char))
