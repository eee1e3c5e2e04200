"""chrF: character n-grams in common, which forgives endings and spelling (Popović 2015, by sacrebleu)."""

from __future__ import annotations

from collections.abc import Sequence

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import references, said


def chrf(text: str, wanted: Sequence[str]) -> float:
    """chrF2 in [0, 1], the best over the references.

    Example:
        >>> chrf("Trois jours.", ["Trois jours."])
        1.0
    """
    from sacrebleu import sentence_chrf

    # Percents of floating-point sums: a perfect score may come out a hair above 100.
    return min(1.0, float(sentence_chrf(text, list(wanted)).score) / 100)


class ChrfScorer(RowScorer):
    """chrF of what is said against the references (answers and summaries).

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"reference": "oui"})
        >>> ChrfScorer().score(asked, Prediction(example_id="q", output={"text": "xyz"}))[0].value
        0.0
    """

    names = ("chrf",)

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """The value of one row."""
        text, wanted = said(prediction), references(example)
        if text is None or not wanted:
            return {"chrf": SILENCE if text is None else "no reference"}
        return {"chrf": chrf(text, wanted)}
