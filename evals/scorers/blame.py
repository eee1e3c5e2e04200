"""Which stage lost the answer: retrieval, drafting, or deciding?"""

from __future__ import annotations

from typing import Literal, get_args

from evals.rows import Example, Prediction
from evals.scorers.grounded import grade_shown
from evals.scorers.measuring import Found, RowScorer
from evals.scorers.reading import answers, gold, task

Stage = Literal["none", "retrieval", "drafting", "withheld", "misjudged"]
"""``none``: answered right. ``withheld`` and ``misjudged`` are the decision's: a right draft was not shown,
or a wrong one was shown in its stead."""

STAGES: tuple[Stage, ...] = get_args(Stage)


def blame(example: Example, prediction: Prediction) -> Stage | None:
    """The first stage after which the right answer was gone; None when the row or the record cannot tell.

    Asked in this order of an answerable row: is the best answer shown right (``none``)? Was a right draft
    made (``withheld`` when silent, else ``misjudged``)? Was a gold passage retrieved (``drafting``), or
    not (``retrieval``)? A right draft proves that its evidence was found, under whatever id.

    Reads ``output.drafts`` (``[{text, citations}]``: all that reached the decision) and ``documents``.

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"gold": ["a#x"], "quotes": [], "facts": []})
        >>> blame(asked, Prediction(example_id="q", output={"suggestions": []}, documents=("b#",)))
        'retrieval'
        >>> lost = {"suggestions": [], "drafts": []}
        >>> blame(asked, Prediction(example_id="q", output=lost, documents=("b#", "a#x")))
        'drafting'
    """
    if task(example) != "answer" or prediction.error is not None:
        return None
    shown = answers(prediction)
    if shown and grade_shown(shown[0], example) != "wrong":
        return "none"
    drafts = prediction.output.get("drafts")
    if any(grade_shown(draft, example) != "wrong" for draft in [*shown, *(drafts or [])]):
        return "misjudged" if shown else "withheld"
    if not set(gold(example)) & set(prediction.documents):
        return "retrieval"
    return None if drafts is None else "drafting"


class BlameScorer(RowScorer):
    """Each stage's share of the answerable rows: one of ``blame_STAGE`` is 1, so that their means sum to 1.

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"gold": ["a#x"]})
        >>> lost = Prediction(example_id="q", output={"suggestions": []}, documents=())
        >>> [score.name for score in BlameScorer().score(asked, lost) if score.value == 1]
        ['blame_retrieval']
    """

    names = tuple(f"blame_{stage}" for stage in STAGES)

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Values 0 or 1."""
        stage = blame(example, prediction)
        if stage is None:
            why = "no drafts recorded" if task(example) == "answer" else "another task"
            return dict.fromkeys(self.names, why)
        return {name: float(name == f"blame_{stage}") for name in self.names}
