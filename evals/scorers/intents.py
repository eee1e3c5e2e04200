"""Was the intent understood? Per class, out-of-scope and calibration figures are made of many rows."""

from __future__ import annotations

from evals.rows import Example, Prediction
from evals.scorers.measuring import Found, RowScorer

OUT_OF_SCOPE = "oos"


class IntentScorer(RowScorer):
    """Whether the label is right, whether it is right in scope, and whether the scope is.

    Reads ``expected.intent`` and ``output.intent`` (a label, or ``{label, ...}``); ``oos`` is out of scope.

    Example:
        >>> asked = Example(id="q", inputs={"text": "mon colis ?"}, expected={"intent": "tracking"})
        >>> said = Prediction(example_id="q", output={"intent": {"label": "refund", "confidence": 0.7}})
        >>> [(s.name, s.value) for s in IntentScorer().score(asked, said)]
        [('intent_correct', 0.0), ('in_scope_correct', 0.0), ('scope_correct', 1.0)]
    """

    names = ("intent_correct", "in_scope_correct", "scope_correct")

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Values 0 or 1; ``in_scope_correct`` is of in-scope rows alone."""
        wanted = example.expected.get("intent")
        if not wanted:
            return dict.fromkeys(self.names, "no gold intent")
        label = prediction.output["intent"]
        label = label["label"] if isinstance(label, dict) else label
        if label is None:
            return dict.fromkeys(self.names, "no intent given")
        outside = wanted == OUT_OF_SCOPE
        return {
            "intent_correct": float(label == wanted),
            "in_scope_correct": "out of scope" if outside else float(label == wanted),
            "scope_correct": float((label == OUT_OF_SCOPE) == outside),
        }
