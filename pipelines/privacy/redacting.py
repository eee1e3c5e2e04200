"""Text for logs, traces and journals: what is personal is replaced by its kind, for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.privacy.detecting import personal_spans


def redact(text: str, lang: str = "fr") -> str:
    """The text with each personal span replaced by its kind; nothing can bring it back.

    Example:
        >>> redact("Mon mail : lea.martin@mel.fr, tel 06 12 34 56 78")
        'Mon mail : [EMAIL], tel [PHONE]'
    """
    out, last = [], 0
    for span in personal_spans(text, lang):
        out += [text[last : span.start], f"[{span.kind.upper()}]"]
        last = span.end
    return "".join([*out, text[last:]])


def redact_value(value: Any, lang: str = "fr", known: dict[str, str] | None = None) -> Any:
    """The same for every text inside a value of JSON; keys and numbers stay.

    Args:
        known: texts and what became of them, filled on the way: an answer repeats its quotes and titles.
    """
    known = {} if known is None else known
    if isinstance(value, str):
        if value not in known:
            known[value] = redact(value, lang)
        return known[value]
    if isinstance(value, Mapping):
        return {key: redact_value(item, lang, known) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [redact_value(item, lang, known) for item in value]
    return value
