"""Which document answers a question, the kind that no help centre answers, and the signs made of them."""

import json
from pathlib import Path

import numpy as np
import pytest

from evals.fitting.sureness import Drafted, Held, with_thresholds
from evals.fitting.unwritten import fit_unwritten
from pipelines.contracts import Hit, Message, Passage
from pipelines.deciding.confidence import ConfidenceModel
from pipelines.deciding.unwritten import Unwritten, columns
from pipelines.drafting.familiar import UNTOLD, Familiar
from pipelines.drafting.question import said_by_agent
from pipelines.embedding import WIDE, Encoder
from pipelines.errors import ModelError
from pipelines.knowledge.matcher_documents import load_documents, save_documents
from pipelines.knowledge.matcher_pairs import LabelledQuestion


def hit(identity: str) -> Hit:
    return Hit(Passage(identity, identity.split("#")[0], "v", "fr", "t", "", "T."), 1.0, 1.0, 1.0)


def test_knowledge_that_no_labelled_question_is_about_is_neither_praised_nor_blamed() -> None:
    neutral = {"told": UNTOLD, "told_gap": 0.0}
    assert Familiar({}, [hit("a#1")]).signs(hit("a#1").passage) == neutral
    assert Familiar({"elsewhere": 0.9}, [hit("a#1")]).signs(hit("a#1").passage) == neutral


def test_a_document_is_told_whatever_its_language_and_only_among_those_found() -> None:
    hits = [hit("refunds.fr#1"), hit("refunds.fr#2"), hit("stores.fr#")]
    found = Familiar({"refunds": 0.7, "stores": 0.2, "gone": 0.9}, hits)
    assert found.signs(hits[0].passage)["told"] == 0.7
    assert found.signs(hits[0].passage)["told_gap"] == pytest.approx(0.5)
    assert found.signs(hits[2].passage)["told_gap"] == pytest.approx(-0.5)


def test_which_document_answers_is_learnt_across_languages(tmp_path: Path, encoder: Encoder) -> None:
    asked = {
        "refunds": ["when do I get my money back", "refund delay", "quand serai-je remboursé"],
        "stores": ["where is your shop", "opening hours of the store", "vous ouvrez à quelle heure"],
    }
    questions = [
        LabelledQuestion(query, f"{name}.{lang}#", lang)
        for name, queries in asked.items()
        for query, lang in zip(queries, ("en", "en", "fr"), strict=True)
    ]
    save_documents(questions, encoder, tmp_path)
    model = load_documents(tmp_path, encoder)
    assert model is not None
    said = model.scores("cuándo me devuelven el dinero", "es")
    assert said["refunds"] > said["stores"]
    save_documents(questions[:3], encoder, tmp_path / "one")
    assert load_documents(tmp_path / "one", encoder) is None
    (tmp_path / "documents" / "intents.npz").write_bytes(b"cut")
    with pytest.raises(ModelError, match="its own hash") as caught:
        load_documents(tmp_path)
    assert "souffleur setup" in caught.value.mend


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
    many = [held(1.0 + i / 500, False, answerable=False, removed=True) for i in range(1_000)]
    bar = with_thresholds(ConfidenceModel.untrained(), [[*said, *many]]).threshold(0.1)
    answered = sum(model.calibration.probability(h.log_odds) >= bar for h in many)
    assert 30 < answered < 45, "fewer than 50 of a thousand: others may be answered more often than these"
    without = with_thresholds(ConfidenceModel.untrained(), [said]).threshold(0.1)
    assert without < model.threshold(0.1)
    both = with_thresholds(ConfidenceModel.untrained(), [said, [*said, *gone]]).threshold(0.1)
    assert both == pytest.approx((without + model.threshold(0.1)) / 2)
