"""Ranker and confidence are learnt from labelled questions, each judged by one that never saw it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small import CACHE, write_knowledge

from evals.fitting.answering import MINIMUM, Case, fit_answering, fit_ranker, gather
from evals.fitting.crossed import FOLDS, crossed_cases
from evals.fitting.home import gold_files, hard_files, matcher_files, speaks_of_index
from evals.fitting.labelled import labelled_questions
from evals.fitting.sureness import RISKS
from pipelines.assistant import Assistant
from pipelines.drafting.evidence import FEATURES
from pipelines.knowledge.matcher_pairs import LabelledQuestion
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from pipelines.suggest import SuggestParts

REFUND = "Le remboursement est fait sous 14 jours après réception du retour."
HOURS = "L'atelier est ouvert du mardi au samedi, de 9 h à 18 h."
ASKED = {
    ("livraison#combien-de-temps-prend-la-livraison", "La livraison standard prend 3 jours ouvrés."): [
        "combien de temps prend la livraison",
        "quel est le délai de livraison",
        "la livraison prend combien de jours",
        "sous combien de jours suis-je livré",
        "délai pour une livraison standard ?",
    ],
    ("livraison#combien-coute-la-livraison", "La livraison standard coûte 4,90 €."): [
        "combien coûte la livraison",
        "prix de la livraison",
        "la livraison est à combien",
        "frais de livraison ?",
        "c'est cher la livraison ?",
    ],
    ("remboursement#quand-serez-vous-rembourse", REFUND): [
        "quand serai-je remboursé",
        "délai de remboursement",
        "mon remboursement arrive quand",
        "sous combien de jours le remboursement ?",
    ],
    ("garantie#combien-de-temps-le-cadre-est-il-garanti", "Le cadre est garanti 5 ans."): [
        "combien de temps le cadre est garanti",
        "durée de la garantie du cadre",
        "le cadre est sous garantie ?",
        "garantie du vélo",
    ],
    ("batterie#combien-de-temps-dure-une-charge", "Une charge complète de la batterie dure 4 heures."): [
        "combien de temps pour charger la batterie",
        "durée de charge de la batterie",
        "charge complète en combien ?",
        "la batterie charge en combien d'heures",
    ],
    ("atelier#quels-sont-les-horaires-de-l-atelier", HOURS): [
        "horaires de l'atelier",
        "l'atelier ouvre à quelle heure",
        "ouvert le samedi ?",
        "quand ouvre l'atelier",
    ],
}
UNANSWERABLE = (
    "vendez-vous des casques",
    "le vélo pèse combien",
    "peut-on payer en plusieurs fois",
    "et la peinture ?",
)


def row(text: str, gold: str = "", quote: str = "") -> dict[str, Any]:
    return {
        "id": text, "lang": "fr", "thread": [{"role": "customer", "text": text}], "context": {}, "facts": [],
        "answerable": bool(gold), "ask": None,
        "gold": [gold] if gold else [], "quotes": [quote] if quote else [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def cases(assistant: Assistant) -> list[Case]:
    rows = [row(text, *gold) for gold, texts in ASKED.items() for text in texts] + [
        row(t) for t in UNANSWERABLE
    ]
    steps: list[tuple[int, int]] = []
    made = gather(rows, assistant.pipeline("suggest"), lambda done, of: steps.append((done, of)))
    assert steps[-1] == (len(rows), len(rows))
    return made


def test_each_question_is_asked_with_and_without_its_document(cases: list[Case]) -> None:
    asked = sum(len(texts) for texts in ASKED.values())
    assert len(cases) == 2 * asked + len(UNANSWERABLE)
    assert sum(case.answerable for case in cases) == asked
    for case in cases:
        documents = {candidate.passage.document_id for candidate in case.candidates}
        assert case.gold.shape == (len(case.candidates),)
        if case.removed or not case.row["gold"]:
            assert not case.gold.any()
        if case.removed:
            assert case.row["gold"][0].split("#")[0] not in documents
        if case.answerable:
            assert case.gold.sum() == 1


def test_what_is_fitted_tells_right_from_wrong(cases: list[Case], tmp_path: Path) -> None:
    fitted = fit_answering(cases)
    answering = fitted.answering
    found = 0
    for case in cases:
        if case.answerable:
            best = int(answering.ranker.score(case.candidates).argmax())
            found += bool(case.gold[best])
    assert found >= 0.9 * sum(case.answerable for case in cases)
    assert [risk for risk, _ in answering.confidence.thresholds] == list(RISKS)
    bars = [bar for _, bar in answering.confidence.thresholds]
    assert bars == sorted(bars, reverse=True)
    answering.save(tmp_path / "answering.json")
    again = type(answering).load(tmp_path / "answering.json")
    assert again.confidence.threshold(0.1) == answering.confidence.threshold(0.1)
    again = fit_answering(cases).answering
    assert again.confidence == answering.confidence, "the same cases, the same weights"
    told = fitted.held_out
    assert told["coverage"]["n"] == sum(case.answerable for case in cases)
    assert told["silence_without_gold"]["n"] == sum(case.removed for case in cases)
    assert told["silence_unanswerable"]["n"] == len(UNANSWERABLE)
    assert told["by_language"]["fr"]["coverage"] == told["coverage"]


def test_hard_cases_teach_but_set_no_threshold(cases: list[Case]) -> None:
    hard = [replace(case, row=case.row | {"id": f"hard {case.row['id']}"}) for case in cases]
    alone, taught = fit_answering(cases), fit_answering(cases, hard=hard)
    assert not np.allclose(alone.answering.ranker.weights, taught.answering.ranker.weights)
    for name in ("coverage", "silence_unanswerable", "silence_without_gold"):
        assert taught.held_out[name]["n"] == alone.held_out[name]["n"]


def test_order_and_copies_of_cases_say_nothing(cases: list[Case]) -> None:
    one, other = fit_ranker(cases), fit_ranker(cases[::-1])
    assert one.weights.shape == (len(FEATURES),)
    assert np.allclose(one.weights, other.weights, atol=1e-2)


def test_too_few_questions_are_refused(cases: list[Case]) -> None:
    few = [case for case in cases if case.answerable][: MINIMUM - 1]
    with pytest.raises(ValueError, match="fewer than"):
        fit_answering(few)
    with pytest.raises(ValueError, match="fewer than"):
        fit_answering([])


def test_questions_that_need_asking_back_teach_nothing(cases: list[Case]) -> None:
    asking = [replace(case, row=case.row | {"ask": "product"}) for case in cases]
    with pytest.raises(ValueError, match="fewer than"):
        fit_answering(asking)


def test_what_the_matcher_learns_from(small_bundle: Path) -> None:
    generation = PassageStore(str(small_bundle / "index")).generation
    (gold, quote), (query, *_) = next(iter(ASKED.items()))
    written = {"query": "en urgence ?", "gold": gold, "lang": "fr", "sentence": 1}
    answered = row(query, gold, quote)
    twice = answered | {"gold": [gold, gold, gold], "quotes": [quote, quote, "Texte d'ailleurs."]}
    made = labelled_questions(
        [written, written | {"gold": "nowhere#"}, answered, row("et le casque ?")], generation
    )
    assert made == [
        LabelledQuestion("en urgence ?", gold, "fr", 1), LabelledQuestion(query, gold, "fr", 0),
    ]  # fmt: skip
    assert [question.sentence for question in labelled_questions([twice], generation)] == [0, None]
    leaning = answered | {
        "thread": [
            {"role": "customer", "text": "je veux faire livrer un vélo à Lyon"},
            {"role": "agent", "text": "Bien sûr."},
            {"role": "customer", "text": "en combien de temps ?"},
        ]
    }
    [question] = labelled_questions([leaning], generation)
    assert question.query == "je veux faire livrer un vélo à Lyon\nen combien de temps ?"


def test_a_question_the_matcher_learns_from_is_seen_by_one_that_did_not(
    small_bundle: Path, tmp_path: Path
) -> None:
    rows = [row(text, *gold) for gold, texts in ASKED.items() for text in texts]
    parts = SuggestParts(
        cache=str(CACHE), index=str(small_bundle / "index"), intents=str(small_bundle / "models/intents"),
        catalogue=str(small_bundle / "catalogue.json"), answering=str(small_bundle / "models/answering.json"),
    )  # fmt: skip
    settings = Settings(_env_file=None, home=tmp_path, cache=CACHE)  # type: ignore[call-arg]
    said: list[str] = []
    knowledge = write_knowledge(tmp_path / "knowledge")
    cases = crossed_cases(rows, rows, knowledge, parts, settings, said.append)
    assert len(said) == FOLDS
    assert Counter(case.row["id"] for case in cases) == {one["id"]: 2 for one in rows}
    told = [max(case.question.told.values(), default=0.0) for case in cases]
    assert max(told) > 0.5, "others of its kind are among what the model of documents learnt from"


def test_files_and_whether_they_speak_of_the_index(small_bundle: Path, tmp_path: Path) -> None:
    made = Settings(_env_file=None, home=small_bundle, datasets=tmp_path, cache=CACHE)  # type: ignore[call-arg]
    assert matcher_files(made) == []
    assert [path.name for path in gold_files(made)] == ["train.jsonl", "train_desk.jsonl", "dev.jsonl"]
    assert hard_files(made) == []
    (tmp_path / "answers").mkdir()
    for name in ("train", "train_near", "train_desk", "train_more_en", "dev", "test"):
        (tmp_path / "answers" / f"{name}.jsonl").write_text("", encoding="utf-8")
    assert [path.name for path in hard_files(made)] == ["train_more_en.jsonl", "train_near.jsonl"]
    taught = [path.stem for path in matcher_files(made)]
    assert taught == ["train", "train_desk", "train_more_en", "train_near"], "never dev or test"
    ours, theirs = tmp_path / "ours.jsonl", tmp_path / "theirs.jsonl"
    ours.write_text('{"gold": "garantie#combien-de-temps-le-cadre-est-il-garanti"}\n', encoding="utf-8")
    theirs.write_text('{"gold": ["elsewhere#"]}\n{"gold": []}\n', encoding="utf-8")
    assert speaks_of_index([ours], made)
    assert not speaks_of_index([theirs], made)
    assert not speaks_of_index([tmp_path / "none.jsonl"], made)
    assert not speaks_of_index([], made)
