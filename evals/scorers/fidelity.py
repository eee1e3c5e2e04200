"""Is the customer answered in their own language?"""

from __future__ import annotations

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import language, said
from pipelines.understanding.language import LanguageIdentifier


class FidelityScorer(RowScorer):
    """Whether what is said is in the row's language; a text too short to tell is unmeasured.

    Example:
        >>> asked = Example(id="q", inputs={}, slices={"lang": "fr"})
        >>> told = Prediction(example_id="q", output={"text": "Your parcel arrives tomorrow morning."})
        >>> FidelityScorer().score(asked, told)[0].value
        0.0
    """

    names = ("language_match",)

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier()

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """The value, 0 or 1, of one row."""
        text, wanted = said(prediction), language(example)
        if not text or wanted is None:
            return {"language_match": "no language given" if text else SILENCE}
        guess = self._identifier.identify(text)
        return {"language_match": float(guess.lang == wanted) if guess.reliable else "too short to tell"}
