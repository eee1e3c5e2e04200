"""Questions whose passage is known, the kind that no help centre answers, and the signs made of them."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evals.fitting.sureness import Drafted, Held, with_thresholds
from evals.fitting.unwritten import fit_unwritten
from pipelines.contracts import Hit, Message, Passage
from pipelines.deciding.confidence import ConfidenceModel
from pipelines.deciding.unwritten import Unwritten, columns
from pipelines.drafting.familiar import UNSAID, Familiar
from pipelines.drafting.question import said_by_agent
from pipelines.embedding import WIDE, Encoder
from pipelines.errors import ModelError
from pipelines.knowledge.matcher import Matcher
from pipelines.knowledge.matcher_features import MatcherFeatures
from pipelines.knowledge.matcher_known import KnownQuestions

TEXTS = ["combien coûte la livraison", "how much is delivery", "où est le filtre"]
LANGS = ["fr", "en", "fr"]
PASSAGES = ["costs.fr#", "costs.en#", "filter.fr#"]


def unit(*at: int) -> np.ndarray:
    vectors = np.zeros((len(at), 384), np.float32)
    vectors[np.arange(len(at)), list(at)] = 1.0
    return vectors


@pytest.fixture
def features() -> MatcherFeatures:
    return MatcherFeatures.fit([*TEXTS, *TEXTS], 1, 1)


@pytest.fixture
def known(features: MatcherFeatures) -> KnownQuestions:
    return KnownQuestions.of(TEXTS, unit(0, 1, 2), PASSAGES, LANGS, features)


def test_the_same_question_is_as_alike_as_can_be(known: KnownQuestions, features: MatcherFeatures) -> None:
    found = known.nearest(TEXTS[0], unit(0)[0], "fr", features)
    assert found["costs.fr#"] == pytest.approx(2.0, abs=0.01)
    assert found["costs.fr#"] > found["filter.fr#"] > 0


def test_another_language_is_not_compared(known: KnownQuestions, features: MatcherFeatures) -> None:
    assert set(known.nearest(TEXTS[0], unit(0)[0], "en", features)) <= {"costs.en#"}
    assert known.nearest(TEXTS[0], unit(0)[0], "de", features) == {}


def test_strange_words_leave_the_meaning(known: KnownQuestions, features: MatcherFeatures) -> None:
    assert known.nearest("!", unit(2)[0], "fr", features)["filter.fr#"] == pytest.approx(1.0)


@pytest.fixture
def folder(tmp_path: Path, features: MatcherFeatures, known: KnownQuestions) -> Path:
    lexical = np.ones((features.width, 128), np.float32)
    Matcher(features, lexical, np.zeros((384, 128), np.float32)).save(tmp_path)
    known.save(tmp_path)
    return tmp_path


def test_they_survive_their_folder(folder: Path, known: KnownQuestions, features: MatcherFeatures) -> None:
    again = KnownQuestions.load(folder)
    one, other = (k.nearest(TEXTS[2], unit(2)[0], "fr", features) for k in (known, again))
    assert one.keys() == other.keys()
    assert all(abs(one[name] - other[name]) < 0.01 for name in one)


def test_a_folder_without_them_knows_none(tmp_path: Path, features: MatcherFeatures) -> None:
    assert KnownQuestions.load(tmp_path).nearest(TEXTS[0], unit(0)[0], "fr", features) == {}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "known.npz").write_bytes(b"cut"),
        lambda folder: (folder / "known.npz").unlink(),
        lambda folder: (folder / "matcher.npz").write_bytes(b"another"),
        lambda folder: (folder / "known.json").write_text("{"),
        lambda folder: (folder / "known.json").write_text(json.dumps({"format": 0})),
    ],
)
def test_what_was_spoiled_is_refused(folder: Path, spoil: Callable[[Path], object]) -> None:
    spoil(folder)
    with pytest.raises(ModelError, match="known questions"):
        KnownQuestions.load(folder)


def hit(identity: str) -> Hit:
    return Hit(Passage(identity, identity.split("#")[0], "v", "fr", "t", "", "T."), 1.0, 1.0, 1.0)


def test_a_document_is_as_familiar_as_its_best_passage() -> None:
    hits = [hit("a#1"), hit("a#2"), hit("b#1")]
    familiar = Familiar({"a#2": 1.2, "b#1": 0.9, "gone#": 2.0}, hits)
    assert familiar.signs(hits[0].passage) == pytest.approx(
        {"known": 0.0, "known_document": 1.2, "known_gap": 0.3}
    )
    assert familiar.signs(hits[2].passage)["known_gap"] == pytest.approx(-0.3)


def test_knowledge_without_known_questions_is_neither_praised_nor_blamed() -> None:
    found = Familiar({"elsewhere#": 2.0}, [hit("a#1")])
    assert found.signs(hit("a#1").passage) == {"known": UNSAID, "known_document": UNSAID, "known_gap": 0.0}


def test_what_the_agent_said_lately() -> None:
    turns = [Message(role=r, text=t) for r, t in (("agent", "Oui."), ("customer", "et ?"), ("agent", "Non."))]
    assert said_by_agent(turns) == "Oui.\nNon."
    assert said_by_agent([Message(role="customer", text="et ?")]) == ""


def test_questions_answered_nowhere_are_told_by_their_words() -> None:
    weights = [f"combien pèse {name}" for name in ("le four", "le frigo", "la bouilloire", "la machine")]
    prices = [f"combien coûte {name}" for name in ("le four", "le frigo", "la bouilloire", "la machine")]
    nothing = np.zeros((8, WIDE), np.float32)
    model = fit_unwritten([*weights, *prices], nothing, [True] * 4 + [False] * 4)
    assert model.score("combien pèse le robot") > 0 > model.score("combien coûte le robot")


def test_questions_answered_nowhere_are_told_by_their_meaning(encoder: Encoder) -> None:
    odd = [
        "how heavy is the oven",
        "what does the fridge weigh",
        "weight of the kettle?",
        "is the washer heavy",
    ]
    plain = ["where is my parcel", "refund me", "my order is late", "I want my money back"]
    asked, read = (
        ["poids de la bouilloire", "où est mon colis"],
        ["weight of the kettle", "where is my parcel"],
    )
    wide = encoder.encode_wide([*odd, *plain, *asked], [*odd, *plain, *read])
    model = fit_unwritten([*odd, *plain], wide[:8], [True] * 4 + [False] * 4)
    heavy, parcel = (model.score(text, vector) for text, vector in zip(asked, wide[8:], strict=True))
    assert heavy > 0 > parcel
    again = Unwritten.from_json(json.loads(json.dumps(model.to_json())))
    assert again.score(asked[0], wide[8]) == pytest.approx(heavy, abs=0.02)


def test_nothing_is_learnt_of_one_kind_alone() -> None:
    assert fit_unwritten(["où ?"], np.zeros((1, WIDE), np.float32), [False]).score("où ?") == 0
    assert columns("?!") == columns("?!")
    assert columns("") == {}
    cut = {"mean": "AAA=", "basis": "AAAA", "duals": "AAA=", "points": "AA==", "width": 3}
    for bad in ({}, {"weights": 1.0, "meanings": None}, {"weights": {"a": 1.0}, "meanings": None},
                {"weights": {}, "meanings": cut}):  # fmt: skip
        with pytest.raises((ValueError, KeyError, TypeError)):
            Unwritten.from_json(bad)


def test_a_threshold_keeps_quiet_where_the_documents_are_gone() -> None:
    def held(z: float, right: bool, answerable: bool = True, removed: bool = False) -> Held:
        return Held(Drafted({}, right, "fr", answerable, removed, 0), z, 0.5)

    said = [held(2.0 + i / 100, True) for i in range(20)]
    gone = [held(1.0 + i / 5, False, answerable=False, removed=True) for i in range(10)]
    model = with_thresholds(ConfidenceModel.untrained(), [[*said, *gone]])
    # At a risk of 0.10, not one of ten may be answered.
    assert model.threshold(0.1) > model.calibration.probability(2.8)
    without = with_thresholds(ConfidenceModel.untrained(), [said]).threshold(0.1)
    assert without < model.threshold(0.1)
    both = with_thresholds(ConfidenceModel.untrained(), [said, [*said, *gone]]).threshold(0.1)
    assert both == pytest.approx((without + model.threshold(0.1)) / 2)
