"""The frame of every scorer: what is a value, what is unmeasured, what is an error, and in which epoch."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping

from evals.rows import Example, Prediction, Score

Found = Mapping[str, float | str]
"""Name -> a value, or why there is none."""

SILENCE = "silence"
"""Why a withheld answer has no value: it is neither right nor wrong."""


class RowScorer(ABC):
    """Base of the scorers: subclasses only measure; one score comes out for each name, always.

    * a number is a ``value``; a text is the reason of ``unmeasured``, and so is a number that is not finite;
    * a prediction that failed, and a scorer that failed, are ``error``, with the type and no words of anyone.

    Example:
        >>> class Length(RowScorer):
        ...     names = ("length",)
        ...     def measure(self, example, prediction):
        ...         return {"length": len(prediction.output["text"])}
        >>> asked = Example(id="q1", inputs={})
        >>> Length().score(asked, Prediction(example_id="q1", epoch=2, output={"text": "oui"}))[0].value
        3.0
        >>> Length().score(asked, Prediction(example_id="q1"))[0].reason
        'KeyError'
    """

    names: tuple[str, ...]

    @abstractmethod
    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Values of ``names``; a name that is left out was not applicable to this row."""

    def score(self, example: Example, prediction: Prediction) -> list[Score]:
        """One score for each of ``names``, in their order, of the prediction's epoch."""
        if prediction.error is not None:
            return [self._failed(name, prediction, "prediction failed") for name in self.names]
        try:
            found = self.measure(example, prediction)
        except Exception as error:  # the row is kept, whatever a scorer meets in it
            return [self._failed(name, prediction, type(error).__name__) for name in self.names]
        return [as_score(name, found.get(name, "not applicable"), prediction) for name in self.names]

    @staticmethod
    def _failed(name: str, prediction: Prediction, why: str) -> Score:
        return Score.failed(name, prediction.example_id, why, prediction.epoch)


def as_score(name: str, value: float | str, prediction: Prediction, cost: float = 0.0) -> Score:
    """A score of a value or of the reason why there is none; NaN and infinity are no values."""
    if isinstance(value, str) or not math.isfinite(value):
        reason = value if isinstance(value, str) else "not a finite number"
        unmeasured = Score.unmeasured(name, prediction.example_id, reason, prediction.epoch)
        return unmeasured.model_copy(update={"cost": cost})
    return Score(
        name=name, example_id=prediction.example_id, epoch=prediction.epoch, value=float(value), cost=cost
    )
