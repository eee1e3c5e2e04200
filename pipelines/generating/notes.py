"""A hand-over note as a model wrote it, reduced to the sentences that the messages they name bear out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipelines.contracts import Message, SummarySentence
from pipelines.drafting.promises import unkept
from pipelines.generating.checking import all_facts, carried, tidy
from pipelines.understanding.language import LanguageIdentifier

SECTIONS = ("issue", "done", "resolution", "next_step")
PER_SECTION = 2
LONGEST_SENTENCE = 300


def verified_note(
    value: Mapping[str, Any], thread: Sequence[Message], restore: Callable[[str], str], lang: str,
    languages: LanguageIdentifier,
) -> dict[str, list[SummarySentence]]:  # fmt: skip
    """The sections of a note, with what holds of each.

    Args:
        value: the model's object.  thread: what was said, with the real values that ``restore`` puts back.
    """
    note: dict[str, list[SummarySentence]] = {}
    for section in SECTIONS:
        found = [_sentence(item, thread, restore, lang, languages) for item in items(value.get(section))]
        note[section] = [sentence for sentence in found if sentence is not None][:PER_SECTION]
    return note


def _sentence(
    item: Mapping[str, Any], thread: Sequence[Message], restore: Callable[[str], str], lang: str,
    languages: LanguageIdentifier,
) -> SummarySentence | None:  # fmt: skip
    """A sentence whose facts, promises and words stand in the messages that it names."""
    text = tidy(restore(text_of(item.get("text"))))
    named = {name: number for number in range(len(thread)) for name in (f"M{number + 1}", thread[number].id)}
    ids = item.get("messages")
    places = (
        sorted({named[i] for i in ids if isinstance(i, str) and i in named}) if isinstance(ids, list) else []
    )
    source = "\n".join(thread[place].text for place in places)
    if not text or len(text) > LONGEST_SENTENCE or not places or languages.identify(text, lang).lang != lang:
        return None
    if all_facts(text, lang) - all_facts(source, lang) or unkept(text, source):
        return None
    if not carried(text, lang, source, lang):
        return None
    return SummarySentence(text=text, messages=[thread[p].id or str(p) for p in places])


def items(value: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing of what is none.

    Example:
        >>> items([{"a": 1}, 2]), items("x")
        ([{'a': 1}], [])
    """
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """A text, empty where it is none.

    Example:
        >>> text_of("a"), text_of(3)
        ('a', '')
    """
    return value if isinstance(value, str) else ""
