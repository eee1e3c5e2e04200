"""One number a row for a desk: what a suggestion is worth, silence included."""

from __future__ import annotations

from evals.rows import Example, Prediction
from evals.scorers.grounded import asks_back, grade
from evals.scorers.measuring import Found, RowScorer
from evals.scorers.reading import answers, citations, suggestions, task

WRONG = -1.0
"""What a wrong reply costs, in right replies: an agent reads it, doubts, and trusts the next one less."""


class UtilityScorer(RowScorer):
    """+1 for what helps, 0 for silence where an answer exists, -1 for what misleads.

    Answerable: the first answer right +1 or wrong -1, nothing shown 0. To be asked back: the right question
    +1, an answer -1, nothing 0. Unanswerable: silence +1, anything shown -1.

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"answerable": False})
        >>> spoken = Prediction(example_id="q", output={"suggestions": [{"text": "Oui."}]})
        >>> UtilityScorer().score(asked, spoken)[0].value
        -1.0
    """

    names = ("utility", "harmless")

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """``utility`` in {-1, 0, 1}; ``harmless`` is 0 where it is -1, else 1: of every row, shown or not."""
        value = self._value(example, prediction)
        if value is None:
            return dict.fromkeys(self.names, "not applicable")
        return {"utility": value, "harmless": float(value > WRONG)}

    def _value(self, example: Example, prediction: Prediction) -> float | None:
        wanted, shown = task(example), suggestions(prediction)
        if wanted is None:
            return None
        if wanted == "silence":
            return WRONG if shown else 1.0
        if not shown:
            return 0.0
        if wanted == "ask":
            pairs = [(s.get("kind", ""), a.get("value", "")) for s in shown for a in s.get("actions") or []]
            return 1.0 if asks_back(pairs, example.expected) else WRONG
        if not (stated := answers(prediction)):
            return 0.0
        row = {"gold": [], "quotes": [], "facts": [], **example.expected}
        right = grade(stated[0]["text"], citations(stated[0]), row) != "wrong"
        return 1.0 if right else WRONG
