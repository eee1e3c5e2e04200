"""How much of a reference is said: token F1, with accents and in any alphabet."""

from __future__ import annotations

from collections import Counter

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import references, said
from pipelines.text import words


def token_f1(text: str, reference: str) -> float:
    """Harmonic mean of the shares of common words, in [0, 1]; two texts without words are the same.

    Example:
        >>> round(token_f1("sous trois jours", "trois jours ouvrés"), 3)
        0.667
    """
    ours, theirs = words(text), words(reference)
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs))


class OverlapScorer(RowScorer):
    """Token F1 of what is said, the best over the references (each is a right answer in its own words).

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"reference": ["Oui.", "Trois jours."]})
        >>> OverlapScorer().score(asked, Prediction(example_id="q", output={"text": "trois jours"}))[0].value
        1.0
    """

    names = ("token_f1",)

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """The value of one row."""
        text, wanted = said(prediction), references(example)
        if text is None or not wanted:
            return {"token_f1": SILENCE if text is None else "no reference"}
        return {"token_f1": max(token_f1(text, reference) for reference in wanted)}
