"""All that is personal in one text, from the most to the least specific kind."""

from __future__ import annotations

from pipelines.privacy.addresses import addresses
from pipelines.privacy.names import names
from pipelines.privacy.numbers import (
    addresses_of_machines,
    bare_numbers,
    birth_dates,
    cards,
    emails,
    ibans,
    links,
    national_ids,
    phones,
    references,
    secrets,
)
from pipelines.privacy.spans import Finder, PersonalKind, PersonalSpan, side_by_side

MAX_CHARS = 20_000
FINDERS: tuple[tuple[PersonalKind, Finder], ...] = (
    ("email", emails),
    ("url", links),
    ("secret", secrets),
    ("iban", ibans),
    ("birth_date", birth_dates),
    ("national_id", national_ids),
    ("card", cards),
    ("ip", addresses_of_machines),
    ("order", references),
    ("address", addresses),
    ("phone", phones),
    ("number", bare_numbers),
    ("name", names),
)


def personal_spans(text: str, lang: str = "fr") -> list[PersonalSpan]:
    """What is personal in ``text``, in order of position, none overlapping.

    Args:
        lang: decides which numbering plan a phone is read by first.

    Example:
        >>> [(s.kind, "écris à a@b.fr"[s.start : s.end]) for s in personal_spans("écris à a@b.fr")]
        [('email', 'a@b.fr')]
    """
    text = text[:MAX_CHARS]
    return side_by_side(text, ((kind, finder(text, lang)) for kind, finder in FINDERS))
