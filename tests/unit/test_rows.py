"""Rows: closed, frozen, without NaN, and the same text after a round trip."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from evals.rows import Example, Prediction, Score, Usage


def test_a_row_is_the_same_text_after_a_round_trip() -> None:
    example = Example(id="é1", inputs={"b": 1, "a": ["ü"]}, slices={"lang": "fr"}, cluster="c")
    assert Example.model_validate_json(example.line()).line() == example.line()
    prediction = Prediction(example_id="é1", output={"text": "oui"}, documents=("d#a",), confidence=0.25)
    assert Prediction.model_validate_json(prediction.line()) == prediction


def test_an_unknown_key_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValidationError) as caught:
        Example.model_validate({"id": "a", "inputs": {}, "secret_words": "my card is 4970"})
    assert "4970" not in str(caught.value)


def test_nan_never_enters_a_row() -> None:
    with pytest.raises(ValidationError):
        Score(name="f1", example_id="a", value=math.nan)


def test_a_score_has_a_value_exactly_when_it_was_measured() -> None:
    with pytest.raises(ValidationError):
        Score(name="f1", example_id="a")
    with pytest.raises(ValidationError):
        Score(name="f1", example_id="a", value=0.0, status="unmeasured")
    assert Score.failed("f1", "a", "ValueError").status == "error"


def test_usage_adds_up() -> None:
    total = Usage(calls=1, input_tokens=3) + Usage(calls=2, money=0.5)
    assert total == Usage(calls=3, input_tokens=3, money=0.5)
