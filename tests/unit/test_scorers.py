"""The scorers on rows worked out by hand: values, what is unmeasured, errors, epochs and ranges."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.rows import Example, Prediction, Score
from evals.scorers.blame import BlameScorer
from evals.scorers.chrf import ChrfScorer
from evals.scorers.citing import CitationScorer
from evals.scorers.fidelity import FidelityScorer
from evals.scorers.grounded import GroundedScorer
from evals.scorers.intents import IntentScorer
from evals.scorers.measuring import Found, RowScorer, as_score
from evals.scorers.overlap import OverlapScorer
from evals.scorers.reading import references, said, task
from evals.scorers.retrieval import RetrievalScorer
from evals.scorers.rouge import RougeScorer
from evals.scorers.silence import SilenceScorer
from evals.scorers.summaries import SummaryScorer
from evals.scorers.unsupported import UnsupportedScorer

QUOTE = "La livraison standard prend 3 jours ouvrés."
EXPECTED: dict[str, Any] = {
    "answerable": True, "ask": None, "gold": ["livraison#delai"], "quotes": [QUOTE], "facts": [["3 jours"]],
    "reference": "Trois jours ouvrés.",
}  # fmt: skip


def asked(**expected: Any) -> Example:
    return Example(id="q", inputs={"query": "délai ?"}, expected=expected)


def shown(*suggestions: dict[str, Any], **fields: Any) -> Prediction:
    return Prediction(example_id="q", output={"suggestions": list(suggestions), "silence": None}, **fields)


def quiet(reason: str = "no_evidence") -> Prediction:
    return Prediction(example_id="q", output={"suggestions": [], "silence": {"reason": reason}})


def reply(
    text: str = QUOTE, quote: str = QUOTE, passage: str = "livraison#delai", **more: Any
) -> dict[str, Any]:
    return {"text": text, "kind": "answer", "citations": [{"passage_id": passage, "quote": quote}], **more}


def values(scorer: RowScorer, example: Example, prediction: Prediction) -> dict[str, float | None]:
    return {score.name: score.value for score in scorer.score(example, prediction)}


def reasons(scores: list[Score]) -> set[str]:
    return {score.reason for score in scores}


ALL: list[RowScorer] = [
    RetrievalScorer(), RetrievalScorer("document"), IntentScorer(), GroundedScorer(), SilenceScorer(),
    RougeScorer(), OverlapScorer(), ChrfScorer(), CitationScorer(), UnsupportedScorer(), FidelityScorer(),
    SummaryScorer(), BlameScorer(),
]  # fmt: skip


@pytest.mark.parametrize("scorer", ALL, ids=lambda s: f"{type(s).__name__}-{s.names[0]}")
def test_a_failed_prediction_is_an_error_in_its_epoch_and_never_a_zero(scorer: RowScorer) -> None:
    scores = scorer.score(asked(**EXPECTED), Prediction(example_id="q", epoch=3, error="TimeoutError: retry"))
    assert [score.name for score in scores] == list(scorer.names)
    assert {(score.status, score.epoch, score.value) for score in scores} == {("error", 3, None)}


@pytest.mark.parametrize("scorer", ALL, ids=lambda s: f"{type(s).__name__}-{s.names[0]}")
@given(
    expected=st.fixed_dictionaries(
        {},
        optional={
            "gold": st.lists(st.sampled_from(["a#x", "a#y", "b#"]), max_size=3),
            "intent": st.sampled_from(["refund", "oos", ""]),
            "answerable": st.booleans(),
            "ask": st.sampled_from([None, "order_id"]),
            "quotes": st.lists(st.text(max_size=30), max_size=2),
            "reference": st.text(max_size=40),
        },
    ),
    texts=st.lists(st.text(max_size=40), max_size=3),
    documents=st.lists(st.sampled_from(["a#x", "a#y", "b#", "c#"]), max_size=12),
    label=st.sampled_from(["refund", "oos", None]),
)
@settings(max_examples=40, deadline=None)
def test_every_value_is_between_zero_and_one(
    scorer: RowScorer, expected: Any, texts: list[str], documents: list[str], label: str | None
) -> None:
    output = {"suggestions": [reply(text) for text in texts], "silence": None, "intent": label}
    prediction = Prediction(example_id="q", output=output, documents=tuple(documents))
    scores = scorer.score(asked(**expected), prediction)
    assert [score.name for score in scores] == list(scorer.names)
    for score in scores:
        assert score.status != "error", score.reason
        assert (score.value is None and score.reason) or 0 <= (score.value or 0) <= 1


def test_what_is_not_a_number_never_leaves() -> None:
    class Odd(RowScorer):
        names = ("nan", "infinite", "left_out", "fine")

        def measure(self, example: Example, prediction: Prediction) -> Found:
            return {"nan": math.nan, "infinite": -math.inf, "fine": True}

    scores = Odd().score(asked(), quiet())
    assert [score.status for score in scores] == ["unmeasured", "unmeasured", "unmeasured", "value"]
    assert [score.reason for score in scores[:3]] == ["not a finite number"] * 2 + ["not applicable"]
    assert as_score("judged", "refused", quiet(), cost=0.25).cost == 0.25


def test_a_scorer_that_breaks_names_its_error_and_no_words() -> None:
    class Broken(RowScorer):
        names = ("broken",)

        def measure(self, example: Example, prediction: Prediction) -> Found:
            raise ValueError("the customer said: Marie Curie")

    (score,) = Broken().score(asked(), quiet())
    assert (score.status, score.reason) == ("error", "ValueError")


def test_retrieval_by_passage_and_by_document() -> None:
    example = asked(gold=["a#x", "b#y"])
    prediction = Prediction(example_id="q", documents=("c#", "a#other", "a#x", "a#x", "b#y"))
    passages = values(RetrievalScorer(), example, prediction)
    assert passages["recall@1"] == 0
    assert passages["recall@5"] == 1
    assert passages["mrr@10"] == pytest.approx(1 / 3)
    ideal = 1 + 1 / math.log2(3)
    assert passages["ndcg@10"] == pytest.approx((1 / math.log2(4) + 1 / math.log2(5)) / ideal)
    documents = values(RetrievalScorer("document"), example, prediction)
    assert documents["document_mrr@10"] == 0.5
    assert documents["document_ndcg@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(4)) / ideal)
    assert reasons(RetrievalScorer().score(asked(), prediction)) == {"no gold passage"}
    assert values(RetrievalScorer(), example, Prediction(example_id="q"))["recall@10"] == 0


@pytest.mark.parametrize(
    ("wanted", "label", "expected"),
    [
        ("refund", "refund", (1, 1, 1)),
        ("refund", "returns", (0, 0, 1)),
        ("refund", "oos", (0, 0, 0)),
        ("oos", "oos", (1, None, 1)),
        ("oos", "refund", (0, None, 0)),
        ("", "refund", (None, None, None)),
        ("refund", None, (None, None, None)),
    ],
)
def test_intents(wanted: str, label: str | None, expected: tuple[float | None, ...]) -> None:
    for output in ({"intent": label}, {"intent": {"label": label, "confidence": 0.5}}):
        made = values(IntentScorer(), asked(intent=wanted), Prediction(example_id="q", output=output))
        assert tuple(made.values()) == expected


@pytest.mark.parametrize(
    ("expected", "prediction", "right"),
    [
        (EXPECTED, shown(reply()), (1, 1, 1)),
        (EXPECTED | {"facts": [["3 jours"], ["4,90"]]}, shown(reply()), (1, 0, 1)),
        (EXPECTED, shown(reply("Cinq jours.", "Cinq jours ouvrés.")), (0, 0, 0)),
        (EXPECTED, quiet(), (None, None, None)),
        (EXPECTED, shown({"text": "Quel article ?", "kind": "question"}), (None, None, None)),
        ({"answerable": False}, shown(reply()), (None, None, 0)),
        ({"answerable": False}, quiet(), (None, None, None)),
        (EXPECTED | {"ask": "order_id"}, shown(reply()), (None, None, None)),
        ({}, shown(reply()), (None, None, None)),
    ],
)
def test_grades_of_what_is_shown(
    expected: dict[str, Any], prediction: Prediction, right: tuple[Any, ...]
) -> None:
    assert tuple(values(GroundedScorer(), asked(**expected), prediction).values()) == right


QUESTION = {"text": "Votre numéro ?", "kind": "question", "actions": [{"kind": "ask", "value": "order_id"}]}


@pytest.mark.parametrize(
    ("expected", "prediction", "made"),
    [
        (EXPECTED, shown(reply()), {"answered": 1}),
        (EXPECTED, quiet(), {"answered": 0, "silence_explained": 1}),
        (EXPECTED, shown(QUESTION), {"answered": 0}),
        ({"answerable": False}, quiet(), {"refusal_correct": 1, "silence_explained": 1}),
        ({"answerable": False}, quiet(""), {"refusal_correct": 1, "silence_explained": 0}),
        ({"answerable": False}, shown(reply()), {"refusal_correct": 0}),
        (EXPECTED | {"ask": "order_id"}, shown(QUESTION), {"asked_back": 1}),
        (EXPECTED | {"ask": "product"}, shown(QUESTION), {"asked_back": 0}),
        ({}, quiet(), {"silence_explained": 1}),
    ],
)
def test_silence_is_measured_on_its_own_rows(
    expected: dict[str, Any], prediction: Prediction, made: dict[str, float]
) -> None:
    found = values(SilenceScorer(), asked(**expected), prediction)
    assert {name: value for name, value in found.items() if value is not None} == made


def test_a_text_along_with_a_reason_for_silence_is_a_fault() -> None:
    both = Prediction(example_id="q", output={"suggestions": [reply()], "silence": {"reason": "no_evidence"}})
    assert values(SilenceScorer(), asked(**EXPECTED), both)["silence_explained"] == 0


def test_rouge_reads_accents_and_leaves_silence_out() -> None:
    example = asked(reference=["été à élève", "autre"])
    made = values(RougeScorer(), example, shown(reply("Été à élève")))
    assert made == {"rouge1": 0.5, "rouge2": 0.5, "rougeL": 0.5}
    assert reasons(RougeScorer().score(example, quiet())) == {"silence"}
    assert reasons(RougeScorer().score(asked(), shown(reply()))) == {"no reference"}


def test_what_is_said_by_kind_of_system() -> None:
    summary = {
        "issue": [{"text": "Panne."}],
        "done": [{"text": "Envoi.", "messages": ["2"]}],
        "resolution": [],
    }
    assert said(Prediction(example_id="q", output=summary)) == "Panne. Envoi."
    assert said(Prediction(example_id="q", output={"text": "oui"})) == "oui"
    assert said(Prediction(example_id="q")) is None
    assert said(shown(QUESTION, reply())) == QUOTE
    assert references(asked(summary={"issue": "Panne.", "done": "", "next_step": "Suite."})) == [
        "Panne. Suite."
    ]
    assert [task(asked(gold="a")), task(asked()), task(asked(answerable=False, gold=["a"]))] == [
        "answer", None, "silence",
    ]  # fmt: skip
