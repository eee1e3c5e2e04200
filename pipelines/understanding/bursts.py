"""Which messages are to be answered, and what to search with when they lean on earlier ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.contracts import Message
from pipelines.text import fold, terms
from pipelines.understanding.requests import words_alone

MAX_QUERY_CHARS = 2_000
FEW_WORDS = 4

_LEANING = re.compile(
    r"^(?:et|ou bien|sinon|du coup|ok mais|oui mais|mais|pour|dans ce cas|alors|and|but|or|what about"
    r"|how about|so|then|ok but|for|otherwise|y|e|pero|o sea|entonces|si no|para"
    r"|vale pero|ok pero|en ese caso)\b"
)
_POINTING_WORDS = """
    il elle ils elles le la les l ca cela ceci celui celle ceux celles lui leur y en ce c it they
    them this that these those one ones he she lo los las esto eso este esta ese esa estos estas
    ello ellos ellas
"""
_POINTING = frozenset(_POINTING_WORDS.split())


@dataclass(frozen=True, slots=True)
class Burst:
    """Consecutive customer messages, as one text.

    Attributes:
        last: index of its last message in the thread.
    """

    text: str
    last: int


def customer_bursts(messages: Sequence[Message]) -> list[Burst]:
    """The customer's turns in order, each run joined with line breaks; blank messages are left out.

    Example:
        >>> thread = [Message(role="customer", text="bjr"), Message(role="customer", text="mon colis ?")]
        >>> customer_bursts(thread)[0].text
        'bjr\\nmon colis ?'
    """
    bursts: list[Burst] = []
    current: list[str] = []
    last = -1
    for index, message in enumerate(messages):
        if message.role == "customer":
            if message.text.strip():
                current.append(message.text.strip())
            last = index
        elif last >= 0:
            bursts.append(Burst("\n".join(current), last))
            current, last = [], -1
    if last >= 0:
        bursts.append(Burst("\n".join(current), last))
    return bursts


def search_query(bursts: Sequence[Burst], lang: str) -> str:
    """The last burst, preceded by the one before it when it is short or elliptical."""
    if not bursts:
        return ""
    query = bursts[-1].text
    if is_elliptical(query, lang):
        earlier = next(
            (b.text for b in reversed(bursts[:-1]) if words_alone(b.text) and terms(b.text, lang)), ""
        )
        if earlier:
            # The words of today come last and are kept whole; the earlier ones are cut first.
            room = max(0, MAX_QUERY_CHARS - len(query) - 1)
            query = f"{earlier[:room]}\n{query}".strip()
    return query[:MAX_QUERY_CHARS]


def is_elliptical(text: str, lang: str) -> bool:
    """Whether a burst needs what came before: few content words, an opening that continues, or only pronouns.

    Example:
        >>> is_elliptical("et pour la Corse ?", "fr")
        True
    """
    content = set(terms(text[:MAX_QUERY_CHARS], lang))
    folded = fold(text[:MAX_QUERY_CHARS]).strip()
    if len(content) < FEW_WORDS or _LEANING.match(folded):
        return True
    return len(content) < FEW_WORDS + 1 and bool(_POINTING & set(re.findall(r"\w+", folded)[:4]))
