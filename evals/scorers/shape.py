"""Can it be sent as it stands? Length, and nothing that a chat would show raw."""

from __future__ import annotations

import re

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import said, suggestions
from pipelines.drafting.filling import VARIABLE

MAX_SHOWN = 3
RAW = re.compile(
    r"</?[a-zA-Z][^<>]*>"  # HTML
    r"|\[[^\]]+\]\([^)]+\)|\*\*|^#{1,6} |^```"  # Markdown that is no WhatsApp formatting
    r"|[\u0000-\u0008\u000b-\u001f\u007f\ufffd]",  # control characters, undecoded bytes
    re.MULTILINE,
)


def sendable(text: str) -> bool:
    """Whether a text holds no variable, no markup and no control character, and is not blank.

    Example:
        >>> sendable("Bonjour {{first_name}},"), sendable("Bonjour,")
        (False, True)
    """
    return bool(text.strip()) and text == text.strip() and not VARIABLE.search(text) and not RAW.search(text)


class ShapeScorer(RowScorer):
    """Length and format of all that is shown: one bad suggestion is one that an agent may send.

    ``length_ok``: each text has at most ``max_chars`` characters; ``format_ok``: each is sendable and there
    are at most three; ``chars``: length of the text that is judged.

    Example:
        >>> told = Prediction(example_id="q", output={"suggestions": [{"text": "Voir <b>ici</b>."}]})
        >>> [score.value for score in ShapeScorer().score(Example(id="q", inputs={}), told)]
        [1.0, 0.0, 16.0]
    """

    names = ("length_ok", "format_ok", "chars")

    def __init__(self, max_chars: int = 350) -> None:
        self.max_chars = max_chars

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Two values of 0 or 1, and a number of characters."""
        text = said(prediction)
        shown = [str(one["text"]) for one in suggestions(prediction)] or ([text] if text else [])
        if not shown:
            return dict.fromkeys(self.names, SILENCE)
        return {
            "length_ok": float(all(len(one) <= self.max_chars for one in shown)),
            "format_ok": float(len(shown) <= MAX_SHOWN and all(sendable(one) for one in shown)),
            "chars": len(text) if text else "no answer",
        }
