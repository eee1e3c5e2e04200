"""ROUGE with a tokenizer for every alphabet: the stock one keeps ASCII letters only and splits at accents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import references, said

MEASURES = ("rouge1", "rouge2", "rougeL")


class UnicodeTokenizer:
    """Lower-case words and numbers of any alphabet.

    Example:
        >>> UnicodeTokenizer().tokenize("Délai : 3 jours")
        ['délai', '3', 'jours']
    """

    def tokenize(self, text: str) -> list[str]:
        """Words of ``text``; no stemming."""
        return re.findall(r"\w+", text.lower())


def rouge(prediction: str, references: Sequence[str]) -> dict[str, float]:
    """F-measures in [0, 1], each the mean over the references."""
    scorer = _scorer()
    scores = [scorer.score(reference, prediction) for reference in references]
    return {name: sum(score[name].fmeasure for score in scores) / len(scores) for name in MEASURES}


@lru_cache(maxsize=1)
def _scorer() -> Any:
    from rouge_score import rouge_scorer  # type: ignore[import-untyped]

    return rouge_scorer.RougeScorer(list(MEASURES), use_stemmer=False, tokenizer=UnicodeTokenizer())


class RougeScorer(RowScorer):
    """ROUGE-1, ROUGE-2 and ROUGE-L of what is said against the references (answers and summaries).

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"reference": "Délai : 3 jours"})
        >>> told = Prediction(example_id="q", output={"text": "3 jours"})
        >>> round(RougeScorer().score(asked, told)[0].value, 3)
        0.8
    """

    names = MEASURES

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """F-measures in [0, 1], means over the references."""
        text, wanted = said(prediction), references(example)
        if text is None or not wanted:
            return dict.fromkeys(self.names, SILENCE if text is None else "no reference")
        return rouge(text, wanted)
