"""Which fact a desk must know before it can act, and whether the thread already holds it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipelines.contracts import Action, Draft, DraftSentence, Lang, Message, Understanding
from pipelines.drafting.phrases import Address, Fact, question_for
from pipelines.knowledge.catalogue import Catalogue
from pipelines.understanding.entities import entities

NEEDS: dict[str, tuple[Fact, ...]] = {
    "track_order": ("order_id",), "late_delivery": ("order_id",), "delivered_not_received": ("order_id",),
    "change_address": ("order_id",), "appointment": ("order_id",), "cancel_order": ("order_id",),
    "modify_order": ("order_id",), "order_confirmation": ("order_id",), "refund_status": ("rma_id",),
    "damaged": ("photos",), "wrong_item": ("photos",), "missing_part": ("order_id",),
    "product_fault": ("product", "fault_details"), "repair_status": ("repair_id",), "invoice": ("order_id",),
    "payment_problem": ("order_id",), "spare_parts": ("product",),
    "warranty_coverage": ("product", "fault_details"),
    "repair_cost": ("product",), "maintenance": ("product",), "product_use": ("product",),
}  # fmt: skip
"""Facts by intent, the first missing one is asked. Labels that a desk does not use do no harm."""

STATUS = frozenset({"track_order", "refund_status", "repair_status"})
"""Intents whose questions no help centre answers, only the customer's own file."""

_CONTEXT: dict[Fact, tuple[str, ...]] = {
    "order_id": ("order_id", "order"), "rma_id": ("rma_id", "order_id"), "repair_id": ("repair_id",),
    "product": ("product",), "address": ("address",), "serial_number": ("serial_number",),
    "photos": ("photos",), "fault_details": ("fault_details",),
}  # fmt: skip
_ENTITY: dict[Fact, tuple[str, ...]] = {
    "order_id": ("order", "tracking"), "rma_id": ("return", "order"), "repair_id": ("repair",),
    "product": ("product",),
}  # fmt: skip
_PHOTO = re.compile(r"\[(?:photo|image|vid[ée]o|foto|picture)[^\]]*\]", re.IGNORECASE)
_SERIAL = re.compile(r"\bSN\s?\d{6,}", re.IGNORECASE)
_DETAILS = re.compile(
    r"\b(?:[A-Z]{1,2}\d{1,3}|bruit|fuite|fuit|voyant|code|erreur|odeur|clignot\w*|noise|leak\w*|light|error|smell|blink\w*|ruido|fuga|luz|error|olor|parpade\w*)\b",
    re.IGNORECASE,
)


def missing_fact(
    understanding: Understanding,
    messages: Sequence[Message],
    context: Mapping[str, str],
    catalogue: Catalogue,
) -> Fact | None:
    """The first fact that the intent needs and neither the thread nor the context holds."""
    label = understanding.intent.label if understanding.intent else ""
    said = "\n".join(message.text for message in messages[-30:])
    for fact in NEEDS.get(label, ()):
        if not _known(fact, said, context, understanding.lang, catalogue):
            return fact
    return None


def reports_case(understanding: Understanding) -> bool:
    """Whether a missing fact would help: a case is told, or its status asked.

    Another question wants knowledge: where the knowledge lacks it, the customer's number would not answer it.
    """
    label = understanding.intent.label if understanding.intent else ""
    return label in STATUS or "?" not in understanding.request


def asking_draft(fact: Fact, lang: Lang, address: Address) -> Draft:
    """A clarifying question as a draft."""
    sentence = DraftSentence(question_for(fact, lang, address), None, factual=False)
    return Draft("question", (sentence,), lang, (Action(kind="ask", label=fact, value=fact),))


def _known(fact: Fact, said: str, context: Mapping[str, str], lang: str, catalogue: Catalogue) -> bool:
    if any(context.get(name) for name in _CONTEXT[fact]):
        return True
    if fact == "product" and catalogue.mentions(said, lang):
        return True
    if fact == "photos":
        return bool(_PHOTO.search(said))
    if fact == "serial_number":
        return bool(_SERIAL.search(said))
    if fact == "fault_details":
        return bool(_DETAILS.search(said))
    kinds = _ENTITY.get(fact, ())
    return bool(kinds) and any(entity.kind in kinds for entity in entities(said[-4_000:], lang))
