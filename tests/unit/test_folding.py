"""Folding leaves nothing but letters without marks, of every script, and leaves everything else."""

from __future__ import annotations

import sys
import unicodedata

from pipelines.text import fold


def plainly(text: str) -> str:
    """What folding means, letter by letter."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae").replace("ß", "ss")
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def test_every_character_is_folded_as_it_should_be() -> None:
    for start in range(0, sys.maxunicode + 1, 64):
        block = [chr(code) for code in range(start, start + 64) if not 0xD800 <= code < 0xE000]
        text = "a".join(block) + "é and some more than a word has"
        assert fold(text) == plainly(text), hex(start)


def test_marks_alone_and_none_at_all() -> None:
    assert fold("\u0301\u0302") == ""
    assert fold("") == ""
    assert fold("a\u034fb") == "a\u034fb", "a joiner is no mark"
