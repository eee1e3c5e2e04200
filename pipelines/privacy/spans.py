"""A personal span, and how spans of several finders are laid side by side without overlapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

PersonalKind = Literal[
    "email", "phone", "iban", "card", "national_id", "order", "name", "address", "birth_date", "secret", "ip",
    "url", "number", "mark",
]  # fmt: skip
"""``order`` is any reference of a transaction or device; ``mark`` is a text that looks like our own marks."""

Place = tuple[int, int]
Finder = Callable[[str, str], Iterator[Place]]


@dataclass(frozen=True, slots=True)
class PersonalSpan:
    """``text[start:end]`` is personal, of the given kind.

    Example:
        >>> PersonalSpan("email", 0, 7).end
        7
    """

    kind: PersonalKind
    start: int
    end: int


def side_by_side(text: str, found: Iterable[tuple[PersonalKind, Iterable[Place]]]) -> list[PersonalSpan]:
    """Spans in order of position; where two overlap, that of the earlier finder stands."""
    taken = bytearray(len(text))
    spans = []
    for kind, places in found:
        for start, end in places:
            if start < end and not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                spans.append(PersonalSpan(kind, start, end))
    return sorted(spans, key=lambda span: span.start)
