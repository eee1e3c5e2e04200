"""Is a reply right? Against gold passages, gold sentences and the facts of a full answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pipelines.contracts import Citation
from pipelines.text import fold

Grade = Literal["full", "partial", "wrong"]

SHORT = 12
"""Characters below which a quote inside another proves nothing."""


def grade(text: str, citations: Sequence[Citation], row: dict[str, Any]) -> Grade:
    """Grades one reply to an answerable question.

    * ``full``: it cites a gold passage and states every fact that a full answer needs;
    * ``partial``: it quotes a gold sentence verbatim, so it is true and to the point, but a fact is missing;
    * ``wrong``: anything else, however plausible.

    Args:
        row: a row of ``datasets/answers``.

    Example:
        >>> grade("Oui.", [], {"gold": ["d#a"], "quotes": ["Oui, en 3 jours."], "facts": [["3 jours"]]})
        'wrong'
    """
    cites = {citation.passage_id for citation in citations}
    quoted = any(_same(citation.quote, quote) for citation in citations for quote in row["quotes"])
    folded = fold(text)
    complete = bool(row["facts"]) and all(any(fold(a) in folded for a in options) for options in row["facts"])
    if complete and (quoted or cites & set(row["gold"])):
        return "full"
    if quoted:
        return "partial" if row["facts"] else "full"
    return "wrong"


def asks_back(kinds: Sequence[tuple[str, str]], row: dict[str, Any]) -> bool:
    """Whether one of the suggestions, as ``(kind, asked fact)``, asks for the fact that the row needs."""
    return any(kind == "question" and fact == row["ask"] for kind, fact in kinds)


def _same(one: str, other: str) -> bool:
    short, long = sorted((one.strip(), other.strip()), key=len)
    return len(short) >= SHORT and short in long
