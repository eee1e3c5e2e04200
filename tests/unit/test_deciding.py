"""Speaking or staying silent: calibrated confidence, its threshold, its file, and the reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import Draft, DraftSentence, Intent, Understanding
from pipelines.deciding.answering import Answering
from pipelines.deciding.calibration import Calibration
from pipelines.deciding.confidence import ConfidenceModel
from pipelines.deciding.decider import DETAIL, Decider, Verdict
from pipelines.deciding.features import CONFIDENCE_FEATURES
from pipelines.errors import ModelError

ZERO = dict.fromkeys(CONFIDENCE_FEATURES, 0.0)
ONE = dict.fromkeys(CONFIDENCE_FEATURES, 1.0)
MODEL = ConfidenceModel(ZERO | {"score": 1.0}, ZERO, ONE, 0.0, ((0.05, 0.8), (0.2, 0.5)), 0.6)


def draft(score: float, text: str = "Trois jours.") -> Draft:
    return Draft("answer", (DraftSentence(text, None),), "fr", features=ZERO | {"score": score})


ASKING = Draft("question", (DraftSentence("Quel vélo ?", None, factual=False),), "fr")


def understood(**changes: Any) -> Understanding:
    intent = Intent(label="delivery", confidence=0.9, out_of_scope=0.0)
    return replace(Understanding("délai ?", "délai ?", "fr", True, intent, True), **changes)


def unsure(confidence: float, out_of_scope: float) -> Understanding:
    return understood(intent=Intent(label="delivery", confidence=confidence, out_of_scope=out_of_scope))


@pytest.fixture
def decider(tmp_path: Path) -> Decider:
    replace(Answering.untrained(), confidence=MODEL).save(tmp_path / "answering.json")
    return Decider(str(tmp_path / "answering.json"), risk=0.2)


def decide(decider: Decider, drafts: list[Draft], understanding: Understanding, **more: Any) -> Verdict:
    verdict: Verdict = decider.run(drafts, more.pop("dropped", []), understanding, **more)["verdict"]
    assert bool(verdict.shown) == (verdict.silence is None)
    return verdict


def reason(verdict: Verdict) -> str | None:
    return verdict.silence.reason if verdict.silence else None


def test_probability_is_one_and_stays_inside() -> None:
    assert MODEL.probability(ZERO) == 0.5
    assert 0 < MODEL.probability(ZERO | {"score": -1e9}) < 0.5 < MODEL.probability(ZERO | {"score": 1e9}) < 1


def test_a_calibration_keeps_the_order_and_the_bounds() -> None:
    calibrated = replace(MODEL, calibration=Calibration(0.5, 1.0))
    scores = [-1e9, -5.0, -2.0, 0.0, 3.0, 1e9]
    found = [calibrated.probability(ZERO | {"score": score}) for score in scores]
    assert found == sorted(found)
    assert found[2] == 0.5, "log-odds of -2, half of it and one more"
    assert 0 < found[0] < found[-1] < 1
    assert calibrated.log_odds(ZERO | {"score": 3.0}) == 3.0


@pytest.mark.parametrize(
    ("slope", "shift"), [(0.0, 0.0), (-1.0, 0.0), (float("nan"), 0.0), (1.0, float("inf"))]
)
def test_a_map_that_is_not_monotone_is_refused(slope: float, shift: float) -> None:
    with pytest.raises(ModelError, match="monotone"):
        Calibration.from_json({"slope": slope, "shift": shift})


def test_the_threshold_follows_the_risk() -> None:
    bars = [MODEL.threshold(risk) for risk in (0.001, 0.01, 0.05, 0.1, 0.2, 0.9)]
    assert bars == sorted(bars, reverse=True)
    assert bars[2:5] == pytest.approx([0.8, 0.7, 0.5])
    assert bars[0] > 0.99
    assert bars[5] == 0.5


def test_what_is_sure_enough_is_shown(decider: Decider) -> None:
    verdict = decide(decider, [draft(3.0), draft(1.0, "Ou non."), draft(-3.0, "Non.")], understood())
    assert [d.text for d, _ in verdict.shown] == ["Trois jours.", "Ou non."]
    assert all(0.5 <= confidence < 1 for _, confidence in verdict.shown)
    assert len(decide(decider, [draft(3.0), draft(1.0)], understood(), variants=1).shown) == 1


@pytest.mark.parametrize(
    ("drafts", "understanding", "dropped", "expected"),
    [
        ([draft(-3.0)], understood(), [], "low_confidence"),
        ([], understood(), [], "no_evidence"),
        ([], understood(), ["unknown_fact"], "unsupported"),
        ([draft(-3.0)], unsure(0.1, 0.9), [], "out_of_scope"),
        ([], unsure(0.1, 0.9), [], "out_of_scope"),
        ([draft(9.0)], understood(is_request=False), [], "not_a_request"),
        ([draft(9.0)], understood(served=False, lang="de"), [], "out_of_scope"),
        ([], understood(intent=None), [], "no_evidence"),
    ],
)
def test_silence_and_its_reason(
    decider: Decider, drafts: list[Draft], understanding: Understanding, dropped: list[str], expected: str
) -> None:
    verdict = decide(decider, drafts, understanding, dropped=dropped)
    assert reason(verdict) == expected
    assert verdict.silence is not None
    assert verdict.silence.detail
    assert set(DETAIL) == {"no_evidence", "low_confidence", "out_of_scope", "unsupported", "not_a_request"}


def test_a_question_beside_an_answer_or_alone_when_sure(decider: Decider) -> None:
    beside = decide(decider, [draft(3.0)], understood(), asking=ASKING)
    assert [d.kind for d, _ in beside.shown] == ["answer", "question"]
    told = understood(request="mon vélo ne freine plus")
    alone = decide(decider, [], told, asking=ASKING)
    assert [d.kind for d, _ in alone.shown] == ["question"]
    assert reason(decide(decider, [], unsure(0.3, 0.0), asking=ASKING)) == "no_evidence"
    assert reason(decide(decider, [], unsure(0.9, 0.9), asking=ASKING)) == "out_of_scope"
    assert reason(decide(decider, [], understood(intent=None), asking=ASKING)) == "no_evidence"
    assert reason(decide(decider, [], understood(is_request=False), asking=ASKING)) == "not_a_request"


def test_a_question_that_wants_knowledge_is_not_answered_by_a_question(decider: Decider) -> None:
    """The customer's number would not answer "how long?"; it does answer "where is my order?"."""
    assert reason(decide(decider, [], understood(), asking=ASKING)) == "no_evidence"
    status = Intent(label="track_order", confidence=0.9, out_of_scope=0.0)
    alone = decide(decider, [], understood(request="il est où ?", intent=status), asking=ASKING)
    assert [d.kind for d, _ in alone.shown] == ["question"]


def test_it_survives_its_file(tmp_path: Path) -> None:
    made = replace(Answering.untrained(), confidence=MODEL)
    made.save(tmp_path / "a.json")
    again = Answering.load(tmp_path / "a.json")
    assert again.confidence == MODEL
    calibrated = replace(made, confidence=replace(MODEL, calibration=Calibration(0.7, -0.2)))
    calibrated.save(tmp_path / "c.json")
    assert Answering.load(tmp_path / "c.json").confidence == calibrated.confidence
    assert again.ranker.to_json() == made.ranker.to_json()
    value = json.loads((tmp_path / "a.json").read_text())
    value["confidence"]["features"] = dict(reversed(value["confidence"]["features"].items()))
    (tmp_path / "turned.json").write_text(json.dumps(value))
    assert Answering.load(tmp_path / "turned.json").confidence == MODEL


def test_yaml_round_trip() -> None:
    made = Decider("models/answering.json", risk=0.07)
    assert Decider.from_dict(made.to_dict()).to_dict() == made.to_dict()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 99}', '{"format": 1}', "\udcff"])
def test_a_damaged_file_names_the_mend(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answering.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ModelError, match=r"answering\.json .*souffleur"):
        Answering.load(path)


@pytest.mark.parametrize("part", ["ranker", "confidence"])
def test_a_file_fitted_on_other_features_is_refused(tmp_path: Path, part: str) -> None:
    path = tmp_path / "answering.json"
    Answering.untrained().save(path)
    value = json.loads(path.read_text())
    features = value["ranker"] if part == "ranker" else value["confidence"]["features"]
    features.pop(next(iter(features)))
    path.write_text(json.dumps(value))
    with pytest.raises(ModelError):
        Answering.load(path)
