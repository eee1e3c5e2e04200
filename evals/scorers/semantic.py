"""Does it mean the same? Cosine of what is said and a reference, by the embedding model that serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import language, references, said
from pipelines.understanding.gloss import gloss

if TYPE_CHECKING:
    from pipelines.embedding import Encoder


class SemanticScorer(RowScorer):
    """Cosine in [-1, 1], the best over the references; French and Spanish in their rough English reading.

    The model was born English, and near in meaning is not right ("3 days" and "5 days" are neighbours):
    reported beside the grades, fit for no gate.

    Example:
        >>> from pathlib import Path
        >>> from pipelines.embedding import Encoder
        >>> asked = Example(id="q", inputs={}, expected={"reference": "Three days.", "lang": "en"})
        >>> told = Prediction(example_id="q", output={"text": "Three days."})
        >>> round(SemanticScorer(Encoder(Path(".cache"))).score(asked, told)[0].value, 3)
        1.0
    """

    names = ("semantic_similarity",)

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """The value of one row."""
        text, wanted = said(prediction), references(example)
        if not text or not wanted:
            return {"semantic_similarity": "no reference" if text else SILENCE}
        lang = language(example) or "en"
        own, *theirs = self.encoder.encode([gloss(one, lang) for one in (text, *wanted)])
        return {"semantic_similarity": max(float(np.clip(own @ other, -1, 1)) for other in theirs)}
