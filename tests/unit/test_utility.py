"""Utility: what helps, what is withheld, what misleads."""

from __future__ import annotations

from typing import Any

import pytest

from evals.rows import Example, Prediction
from evals.scorers.utility import UtilityScorer

GOLD = {"answerable": True, "gold": ["d#a"], "quotes": ["Sous 3 jours."], "facts": [["3 jours"]]}
RIGHT = {
    "text": "Sous 3 jours.",
    "kind": "answer",
    "citations": [{"passage_id": "d#a", "quote": "Sous 3 jours."}],
}
WRONG = {"text": "Demain.", "kind": "answer", "citations": []}
QUESTION = {"text": "Quel numéro ?", "kind": "question", "actions": [{"kind": "ask", "value": "order"}]}


@pytest.mark.parametrize(
    ("expected", "shown", "value"),
    [
        (GOLD, [RIGHT], 1.0),
        (GOLD, [WRONG], -1.0),
        (GOLD, [], 0.0),
        (GOLD, [QUESTION], 0.0),
        ({"answerable": False}, [], 1.0),
        ({"answerable": False}, [QUESTION], -1.0),
        ({"answerable": True, "ask": "order"}, [QUESTION], 1.0),
        ({"answerable": True, "ask": "order"}, [WRONG], -1.0),
        ({"answerable": True, "ask": "order"}, [], 0.0),
        ({}, [], None),
    ],
)
def test_what_a_suggestion_is_worth(expected: dict[str, Any], shown: list[Any], value: float | None) -> None:
    example = Example(id="q", inputs={}, expected=expected)
    scores = UtilityScorer().score(example, Prediction(example_id="q", output={"suggestions": shown}))
    assert scores[0].value == value
    assert scores[1].value == (None if value is None else float(value > -1))
