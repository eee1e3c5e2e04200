"""Is what is personal found, and does any of it get through?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evals.rows import Example, Prediction
from evals.scorers.measuring import Found, RowScorer


def covered(text: str, gold: Sequence[Mapping[str, Any]], found: Iterable[tuple[int, int]]) -> list[bool]:
    """For each gold span ``{start, end}``, whether every letter and digit of it is inside a found span.

    The kind that was given does not matter here: a phone number that is hidden as a card is hidden.

    Example:
        >>> covered("tel 06 11", [{"start": 4, "end": 9}], [(4, 6), (7, 9)])
        [True]
    """
    inside = {i for start, end in found for i in range(start, end)}
    return [all(i in inside for i in range(span["start"], span["end"]) if text[i].isalnum()) for span in gold]


class PrivacyScorer(RowScorer):
    """Recall of personal spans, over all and by type, and the leaks of a row.

    Reads ``inputs.text``, ``expected.spans`` and ``output.spans``, each ``{start, end, type}`` in characters
    of the text, and ``output.text`` (the redacted text) when there is one.

    * ``pii_recall``, ``pii_recall_TYPE``: share of the row's gold spans that are covered;
    * ``pii_precision``: share of the found spans that touch a gold one;
    * ``pii_leak``: 1 when a gold span is not covered, or stands in the redacted text; 0 for a clean row.

    Args:
        types: gold types to report one by one.

    Example:
        >>> asked = Example(id="m", inputs={"text": "moi: a@b.fr"}, expected={"spans": [
        ...     {"start": 5, "end": 11, "type": "EMAIL"}]})
        >>> seen = Prediction(example_id="m", output={"spans": [{"start": 5, "end": 8, "type": "email"}]})
        >>> [(s.name, s.value) for s in PrivacyScorer(("EMAIL",)).score(asked, seen)]
        [('pii_recall', 0.0), ('pii_precision', 1.0), ('pii_leak', 1.0), ('pii_recall_EMAIL', 0.0)]
    """

    def __init__(self, types: Sequence[str] = ()) -> None:
        self.types = tuple(types)
        self.names = ("pii_recall", "pii_precision", "pii_leak", *(f"pii_recall_{one}" for one in self.types))

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Shares in [0, 1]; ``pii_leak`` is better low."""
        text, gold = str(example.inputs["text"]), list(example.expected.get("spans") or [])
        found = [(int(span["start"]), int(span["end"])) for span in prediction.output["spans"]]
        hit = covered(text, gold, found)
        personal = {i for span in gold for i in range(span["start"], span["end"])}
        touching = [bool(personal & set(range(start, end))) for start, end in found]
        made: dict[str, float | str] = {
            "pii_recall": sum(hit) / len(hit) if hit else "nothing personal",
            "pii_precision": sum(touching) / len(touching) if touching else "nothing found",
            "pii_leak": float(not all(hit) or _stands(text, gold, prediction.output.get("text"))),
        }
        for kind in self.types:
            own = [one for span, one in zip(gold, hit, strict=True) if span["type"] == kind]
            made[f"pii_recall_{kind}"] = sum(own) / len(own) if own else "none of this type"
        return made


def _stands(text: str, gold: Sequence[Mapping[str, Any]], redacted: str | None) -> bool:
    if redacted is None:
        return False
    values = (re.escape(text[span["start"] : span["end"]]) for span in gold)
    return any(re.search(rf"(?<!\w){value}(?!\w)", redacted) for value in values)
