"""Is there anything to answer, or only a greeting, thanks, a nod, an emoji or a media placeholder?"""

from __future__ import annotations

import re

from pipelines.text import fold
from pipelines.understanding.intents import OOS, IntentPrediction

SMALL_TALK = frozenset({"greeting", "thanks", "acknowledge"})
SURE = 0.5
"""Share of the labels' probability on small talk from which a message is not a request."""
FEW_WORDS = 6
"""A courtesy up to this long is one even when the model finds its words strange."""

_PLACEHOLDER = re.compile(
    r"[\[<(]\s*(?:une? |un |the )?(?:photo|image|picture|imagen|foto|video|message vocal|note vocale|vocal"
    r"|audio|voice(?: note| message)?|nota de voz|mensaje de voz|sticker|gif|document|documento|fichier|file"
    r"|archivo|piece jointe|attachment|location|localisation|ubicacion|contact|contacto|media|medias"
    r"|media omitted|media omis|multimedia omitido)[^\])>]{0,40}[\])>]"
    r"|^\s*(?:image|photo|video|audio|sticker|gif|voice message|message vocal|nota de voz)"
    r" (?:omitted|omise?|omitid[ao])\s*$",
    re.MULTILINE,
)
_IDENTIFIER = re.compile(r"\b(?:cf[\s-]?\d{6,}|rma[\s-]?\d{4,}|rep[\s-]?\d{4,}|trz\d{6,}|6a\d{8,}|\d{8,})\b")
_COURTESY_QUESTION = re.compile(
    r"\b(?:(?:comment )?(?:ca|tu|vous) va(?:s|ez)?(?: bien)?|ca va|how are you(?: doing| today)?|how r u"
    r"|hows it going|que tal(?: estas?| estais| todo)?|como (?:estas?|estais|va(?: todo)?|andas)"
    r"|ok|okay|vale)\s*\?+"
)
_LETTER = re.compile(r"[^\W_]")


def words_alone(text: str) -> str:
    """Folded text without media placeholders; empty when nothing but signs and emoji is left.

    Example:
        >>> words_alone("[Message vocal] 👍")
        ''
    """
    plain = _PLACEHOLDER.sub(" ", fold(text))
    return plain.strip() if _LETTER.search(plain) else ""


def is_request(text: str, prediction: IntentPrediction | None) -> bool:
    """Whether the burst asks for something; without a prediction only its form is judged.

    Example:
        >>> is_request("👍👍", None), is_request("CF-24871093", None)
        (False, True)
    """
    plain = words_alone(text)
    if not plain:
        return False
    if "?" in _COURTESY_QUESTION.sub(" ", plain) or "¿" in text or _IDENTIFIER.search(plain):
        return True
    if prediction is None or (prediction.decision == OOS and len(plain.split()) > FEW_WORDS):
        return True
    talk = sum(p for label, p in prediction.labels if label in SMALL_TALK)
    whole = sum(p for _, p in prediction.labels)
    return whole == 0 or talk < SURE * whole  # nothing is left where it is out of scope for certain
