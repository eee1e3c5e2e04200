"""What needs no answer, and what does."""

import pytest

from pipelines.understanding.intents import IntentPrediction
from pipelines.understanding.requests import is_request

THANKS = IntentPrediction((("thanks", 0.9), ("refund_status", 0.05)), 0.05)
REFUND = IntentPrediction((("refund_status", 0.8), ("thanks", 0.1)), 0.1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "👍",
        "[photo]",
        "[message vocal]",
        "<Media omitted>",
        "[nota de voz] 🙏",
        "!!!",
        "image omitted",
        "[Voice note 0:12]",
    ],
)
def test_nothing_to_read(text: str) -> None:
    assert not is_request(text, None)
    assert not is_request(text, REFUND)


def test_small_talk_is_no_request_unless_it_asks() -> None:
    assert not is_request("merci bcp", THANKS)
    assert not is_request("bonjour ça va ?", THANKS)
    assert is_request("merci, et mon colis ?", THANKS)
    assert is_request("merci CF-24871093", THANKS)
    assert is_request("remboursez moi", REFUND)


def test_a_placeholder_with_a_question_is_a_request() -> None:
    assert is_request("[photo] c'est normal ?", THANKS)
