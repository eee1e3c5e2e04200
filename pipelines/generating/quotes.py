"""A model's quote found in its passage, and widened to whole sentences."""

from __future__ import annotations

import re

from pipelines.contracts import Citation, Passage

SHORTEST = 8
"""Characters below which a quote could stand anywhere."""

_SAME = str.maketrans({
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-",
    "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "\n": " ",
})  # fmt: skip
"""One character for one: models retype quotation marks and spaces; offsets stay true."""


def find_quote(quote: str, passage: Passage) -> tuple[int, int] | None:
    """``(start, end)`` of the sentences of ``passage`` that hold ``quote`` word for word, or None.

    Typographic quotation marks, dashes and the width of spaces may differ; letters, digits and case may not.

    Example:
        >>> text = "Il coûte 5 €. Il est là."
        >>> passage = Passage("a#", "a", "v", "fr", "", "", text, sentences=((0, 13), (14, 24)))
        >>> find_quote("coûte 5 €", passage), find_quote("coûte 6 €", passage)
        ((0, 13), None)
    """
    wanted = quote.translate(_SAME).strip(' "…').removesuffix("...").strip()
    if len(wanted) < SHORTEST or not any(char.isalnum() for char in wanted):
        return None
    held = passage.text.translate(_SAME)
    start = held.find(wanted)
    end = start + len(wanted)
    if start < 0:
        match = re.search(r"\s+".join(map(re.escape, wanted.split())), held)
        if match is None:
            return None
        start, end = match.span()
    if _cuts_word(held, start, end):
        return None
    touched = [(a, b) for a, b in passage.sentences if a < end and start < b]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)


def citation(passage: Passage, span: tuple[int, int], sentence: int) -> Citation:
    """The citation of a span of a passage."""
    return Citation(
        sentence=sentence, passage_id=passage.id, document_id=passage.document_id, version=passage.version,
        title=passage.title, url=passage.url, quote=passage.text[slice(*span)], start=span[0], end=span[1],
    )  # fmt: skip


def _cuts_word(text: str, start: int, end: int) -> bool:
    """Whether the span begins or ends inside a word: "8 jours" is no quote of "18 jours"."""
    return (text[start - 1 : start].isalnum() and text[start].isalnum()) or (
        text[end : end + 1].isalnum() and text[end - 1].isalnum()
    )
