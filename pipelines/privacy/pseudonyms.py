"""Consistent stand-ins for what is personal in one conversation, put back where a model used them.

A stand-in is a mark such as ``[NAME_1]``: the same value has the same mark in messages, context and passages,
so that a model can speak of it. Putting back is tolerant of how models mangle marks, and mends the French
elision that a mark hides ("de [NAME_1]" -> "d'Alice").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.contracts import Message
from pipelines.privacy.detecting import personal_spans
from pipelines.privacy.spans import PersonalKind, PersonalSpan
from pipelines.text import fold

MARKS: Mapping[PersonalKind, str] = {
    "email": "EMAIL", "phone": "PHONE", "iban": "IBAN", "card": "CARD", "national_id": "ID", "order": "REF",
    "name": "NAME", "address": "ADDRESS", "birth_date": "BIRTH", "secret": "SECRET", "ip": "IP",
    "url": "LINK", "number": "NUMBER", "mark": "TEXT",
}  # fmt: skip
CONTEXT_KINDS: Mapping[str, PersonalKind] = {
    "first_name": "name", "last_name": "name", "name": "name", "full_name": "name", "email": "email",
    "phone": "phone", "address": "address", "order_id": "order", "tracking_number": "order",
    "tracking_id": "order", "return_id": "order", "repair_id": "order", "iban": "iban",
    "customer_id": "number", "invoice_id": "order",
}  # fmt: skip
"""Facts of a context that are personal whatever they look like."""

_NAMES = "|".join(sorted(set(MARKS.values())))
LOOKALIKE = re.compile(rf"[\[(<{{]\s*(?:{_NAMES})[ _\\-]*\d+\s*[\])>}}]", re.IGNORECASE)
"""What a customer may write to forge a mark: a personal text like any other, which comes back as it was."""

MANGLED = re.compile(
    rf"(?P<elided>\b(?:d|l|qu|j|m|t|s|n|c)['’])?[\[(<{{⟦]{{0,2}}\b"
    rf"(?P<mark>{_NAMES})(?:\\?_|[ -])?(?P<number>\d{{1,4}})\b[\])>}}⟧]{{0,2}}"
)
_ELIDES = re.compile(r"(?<!\w)(?P<word>[Dd]e|[Qq]ue|[Ll]e|[Ll]a)[ ]$")
_VOWEL = re.compile(r"[aeiouyh]")


@dataclass
class Pseudonyms:
    """The stand-ins of one conversation.

    Example:
        >>> stand_ins = Pseudonyms("fr")
        >>> stand_ins.protect("je suis Alice Morel, commande CF-24871093")
        'je suis [NAME_1], commande [REF_1]'
        >>> stand_ins.restore("Bonjour [NAME_1], la commande [REF_1] part demain.")
        'Bonjour Alice Morel, la commande CF-24871093 part demain.'
    """

    lang: str = "fr"
    _by_value: dict[tuple[str, str], str] = field(default_factory=dict)
    _by_mark: dict[tuple[str, int], str] = field(default_factory=dict)

    def protect(self, text: str) -> str:
        """The text with a mark in the place of each personal span, and of each value met before."""
        spans = _with_lookalikes(text, personal_spans(text, self.lang))
        spans = self._with_known(text, spans)
        out, last = [], 0
        for span in spans:
            out += [text[last : span.start], self.mark(span.kind, text[span.start : span.end])]
            last = span.end
        return "".join([*out, text[last:]])

    def protect_messages(self, messages: Sequence[Message]) -> list[Message]:
        """Messages with marks in the place of what is personal."""
        return [message.model_copy(update={"text": self.protect(message.text)}) for message in messages]

    def protect_context(self, context: Mapping[str, str]) -> dict[str, str]:
        """A context whose personal facts are marks; call it first: its names are then known in the thread."""
        return {
            key: self.mark(CONTEXT_KINDS[key], value)
            if key in CONTEXT_KINDS and value.strip()
            else self.protect(value)
            for key, value in context.items()
        }

    def mark(self, kind: PersonalKind, value: str) -> str:
        """The mark of one value; spacing, case and accents make no other value of it."""
        name = MARKS[kind]
        key = (name, re.sub(r"[\s.()-]", "", fold(value)))
        if key not in self._by_value:
            number = sum(1 for known, _ in self._by_mark if known == name) + 1
            self._by_value[key] = f"[{name}_{number}]"
            self._by_mark[name, number] = value
        return self._by_value[key]

    def restore(self, text: str) -> str:
        """The text with each known mark replaced by its value; an unknown one stays, to be dropped later."""
        out, last = "", 0
        for match in MANGLED.finditer(text):
            value = self._by_mark.get((match["mark"].upper(), int(match["number"])))
            if value is None:
                continue
            before = out + text[last : match.start()]
            out = _joined(before, match["elided"] or "", value, match["mark"] == "NAME" and self.lang == "fr")
            last = match.end()
        return out + text[last:]

    @property
    def values(self) -> tuple[str, ...]:
        """Every value that has a mark."""
        return tuple(self._by_mark.values())

    def _with_known(self, text: str, spans: list[PersonalSpan]) -> list[PersonalSpan]:
        """Adds values that were found elsewhere: a name that context gave is hidden in lower case too."""
        taken = bytearray(len(text))
        for span in spans:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
        found = list(spans)
        for (mark, _), value in self._by_mark.items():
            if len(value) < 3:
                continue
            for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE):
                if not any(taken[match.start() : match.end()]):
                    taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                    kind = next(kind for kind, name in MARKS.items() if name == mark)
                    found.append(PersonalSpan(kind, *match.span()))
        return sorted(found, key=lambda span: span.start)


def _with_lookalikes(text: str, spans: list[PersonalSpan]) -> list[PersonalSpan]:
    marks = [PersonalSpan("mark", *match.span()) for match in LOOKALIKE.finditer(text)]
    clear = [s for s in spans if not any(m.start < s.end and s.start < m.end for m in marks)]
    return sorted([*clear, *marks], key=lambda span: span.start)


def _joined(before: str, elided: str, value: str, elides: bool) -> str:
    """What stands before a value and the value, with the elision that the value itself asks for."""
    if not elides:
        return before + elided + value
    vowel = bool(_VOWEL.match(fold(value)))
    if elided and not vowel:
        full = {"d": "de ", "l": "le ", "qu": "que "}.get(elided[:-1].lower(), elided)
        return before + (full.capitalize() if elided[0].isupper() else full) + value
    if not elided and vowel and (match := _ELIDES.search(before)):
        word = match["word"]
        if word.lower() in ("de", "que"):
            return before[: match.start()] + word[:-1] + "'" + value
    return before + elided + value
