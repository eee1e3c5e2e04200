"""The served language in which a thread is written, by its function words."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.contracts import LANGS, Lang, Message
from pipelines.text import STOP_WORDS, fold, words

ENOUGH = 400
"""Words that decide; more change nothing."""


def thread_language(thread: Sequence[Message], hint: Lang | None = None) -> Lang:
    """The language with most function words, the customer's counting double; else the hint, else French.

    Example:
        >>> thread_language([Message(role="customer", text="my parcel is not here")])
        'en'
    """
    votes = dict.fromkeys(LANGS, 0)
    seen = 0
    for message in thread:
        for word in words(message.text[:2_000]):
            folded = fold(word)
            for lang in LANGS:
                votes[lang] += (2 if message.role == "customer" else 1) * (folded in STOP_WORDS[lang])
            seen += 1
        if seen >= ENOUGH:
            break
    best = max(LANGS, key=lambda lang: (votes[lang], lang == hint))
    return best if votes[best] else hint or "fr"
