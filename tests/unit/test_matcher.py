"""The catalogue of products, and the matcher that learns how customers say what a help centre writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.building import MATCHER, drop_stale_matcher
from pipelines.embedding import Encoder
from pipelines.errors import DataError, ModelError
from pipelines.index import index_folder
from pipelines.knowledge.catalogue import Catalogue, Product
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.matcher import Matcher, matcher_id, passage_text, sentence_texts
from pipelines.knowledge.matcher_features import MatcherFeatures
from pipelines.knowledge.matcher_pairs import LabelledQuestion, query_text, training_pairs
from pipelines.knowledge.matcher_training import Pairs, Training, train_matcher
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from pipelines.writing import write_json

DELAY = "livraison#combien-de-temps-prend-la-livraison"
COST = "livraison#combien-coute-la-livraison"
REFUND = "remboursement#quand-serez-vous-rembourse"
FRAME = "garantie#combien-de-temps-le-cadre-est-il-garanti"
QUESTIONS = [
    ("c koi le delai pr recevoir", DELAY, 0),
    ("ça met cb de tps à venir", DELAY, 0),
    ("jle recois quand", DELAY, 0),
    ("en urgent c possible ?", DELAY, 1),
    ("c cb les fdp", COST, 0),
    ("fdp offerts ?", COST, 1),
    ("je paye cb les fdp", COST, None),
    ("et ma thune", REFUND, 0),
    ("rendez la thune", REFUND, 0),
    ("ma thune sur la carte ?", REFUND, 1),
    ("le cadre a pété", FRAME, 0),
    ("cadre pété garanti ?", FRAME, 0),
]
QUICK = Training(epochs=30, batch=8, min_words=1, min_chars=2, dropout=0.1)
LAMPS = Catalogue(
    [
        Product("VL-BAT", "Lueur 400", {"fr": ("batterie", "accu"), "en": ("battery",)}),
        Product("VL-PRO", "Lueur 400 Pro", {"fr": ("batterie pro",)}),
    ]
)


@pytest.fixture(scope="module")
def generation(small_bundle: Path) -> Generation:
    return PassageStore(str(small_bundle / "index")).generation


@pytest.fixture(scope="module")
def pairs(generation: Generation, encoder: Encoder) -> Pairs:
    questions = [LabelledQuestion(text, gold, "fr", at) for text, gold, at in QUESTIONS]
    return training_pairs(questions, generation, Catalogue([]), encoder)


@pytest.fixture(scope="module")
def matcher(pairs: Pairs) -> Matcher:
    return train_matcher(pairs, QUICK)


def test_products_by_name_reference_and_word() -> None:
    assert LAMPS.mentions("ma Batterie est morte", "fr") == {"VL-BAT"}
    assert LAMPS.mentions("deux batteries", "fr") == {"VL-BAT"}
    assert LAMPS.mentions("la vl-bat ou la LUEUR 400", "de") == {"VL-BAT"}
    assert LAMPS.mentions("la batterie pro", "fr") == {"VL-PRO"}, "the longest name wins"
    assert LAMPS.mentions("une batteriepro", "fr") == frozenset()
    assert Catalogue([]).mentions("ma batterie", "fr") == frozenset()
    assert LAMPS.expand("ma Lueur 400 est morte", "fr") == "ma Lueur 400 est morte"


def test_a_catalogue_is_read_whole_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    assert Catalogue.load(path).products == []
    path.write_text(json.dumps([{"reference": "a", "name": "A (1)", "words": {"fr": ["x+y"]}}]))
    assert Catalogue.load(path).mentions("mon x+y", "fr") == {"a"}
    for text in (
        "{",
        "{}x",
        "[1]",
        '[{"name": "A"}]',
        '{"a": 1}',
        '[{"reference": "a", "name": "", "words": {}}]',
    ):
        path.write_text(text)
        with pytest.raises(DataError, match=r"catalogue\.json .*reference"):
            Catalogue.load(path)
    with pytest.raises(DataError):
        Catalogue.load(tmp_path)


def test_pairs_hold_passage_and_sentence(pairs: Pairs, generation: Generation) -> None:
    assert len(pairs.questions) == len(QUESTIONS)
    assert pairs.question_vectors.shape == (len(QUESTIONS), 384)
    assert pairs.answer_vectors.shape == (len(pairs.answers), 384)
    assert len(pairs.links) == sum(1 if at is None else 2 for _, _, at in QUESTIONS)
    passage = generation.passage(generation.row_of[DELAY])
    assert passage_text(passage) in pairs.answers
    assert sentence_texts(passage)[1] in pairs.answers
    assert len(set(pairs.answers)) == len(pairs.answers)
    same = [
        pairs.documents[pairs.answers.index(text)]
        for text in (passage_text(passage), sentence_texts(passage)[0])
    ]
    assert same[0] == same[1]


def test_questions_about_another_index_are_refused(generation: Generation, encoder: Encoder) -> None:
    elsewhere = [LabelledQuestion("où ?", "elsewhere#", "fr")]
    with pytest.raises(DataError, match="Index the knowledge"):
        training_pairs(elsewhere, generation, Catalogue([]), encoder)


def test_a_sentence_that_is_not_there_is_the_last(generation: Generation, encoder: Encoder) -> None:
    far = [LabelledQuestion("délai ?", DELAY, "fr", 99)]
    passage = generation.passage(generation.row_of[DELAY])
    assert training_pairs(far, generation, Catalogue([]), encoder).answers[-1] == sentence_texts(passage)[-1]


def test_words_are_read_as_everything_learned_reads_them() -> None:
    assert query_text("cb pr ma batterie", "fr", LAMPS) == "combien pour ma batterie Lueur 400"


def test_it_learns_words_that_the_articles_do_not_have(
    matcher: Matcher, pairs: Pairs, encoder: Encoder
) -> None:
    known = matcher.encode(pairs.answers, pairs.answer_vectors)
    assert known.dtype == np.float32
    assert np.allclose(np.linalg.norm(known, axis=1), 1, atol=1e-5)
    for text, wanted in (("la thune svp", "remboursement"), ("les fdp", "coûte"), ("cadre pété", "cadre")):
        asked = matcher.encode([text], encoder.encode([text]))
        assert wanted in pairs.answers[int((known @ asked[0]).argmax())].lower()


def test_the_same_pairs_give_the_same_matcher(matcher: Matcher, pairs: Pairs) -> None:
    steps: list[tuple[int, int]] = []
    again = train_matcher(pairs, QUICK, lambda done, of: steps.append((done, of)))
    assert np.array_equal(again.lexical, matcher.lexical)
    assert np.array_equal(again.dense, matcher.dense)
    assert steps[-1] == (QUICK.epochs, QUICK.epochs)


def test_before_it_learns_it_compares_as_the_embedding_does(pairs: Pairs) -> None:
    model = train_matcher(pairs, replace(QUICK, epochs=0))
    asked = model.encode(pairs.questions, pairs.question_vectors)
    alike = asked @ model.encode(pairs.answers, pairs.answer_vectors).T
    embedded = pairs.question_vectors @ pairs.answer_vectors.T
    assert np.corrcoef(alike.ravel(), embedded.ravel())[0, 1] > 0.97


def test_it_survives_its_folder(matcher: Matcher, encoder: Encoder, tmp_path: Path) -> None:
    matcher.save(tmp_path / "matcher")
    again = Matcher.load(tmp_path / "matcher")
    texts = ["ma thune", "", "😀", "mot inconnu", "x" * 5_000]
    vectors = encoder.encode(texts)
    assert np.allclose(again.encode(texts, vectors), matcher.encode(texts, vectors), atol=5e-3)
    assert len(matcher_id(tmp_path / "matcher")) == 16
    assert matcher_id(tmp_path / "nothing") == matcher_id(None) == ""


def test_no_text_is_no_row() -> None:
    features = MatcherFeatures.fit(["mon vélo", "mon vélo"], 2, 2)
    assert features.row("") == ([], [])
    nothing = Matcher(features, np.ones((features.width, 128), np.float32), np.zeros((384, 128), np.float32))
    assert nothing.encode([], np.zeros((0, 384), np.float32)).shape == (0, 128)
    assert np.isfinite(nothing.encode([""], np.zeros((1, 384), np.float32))).all()


def _head(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        head = json.loads((folder / "matcher.json").read_text())
        change(head)
        (folder / "matcher.json").write_text(json.dumps(head))

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "matcher.json").unlink(),
        lambda folder: (folder / "matcher.npz").unlink(),
        lambda folder: (folder / "matcher.json").write_text("{"),
        lambda folder: (folder / "matcher.npz").write_bytes(b"PK no"),
        lambda folder: (folder / "matcher.npz").write_bytes((folder / "matcher.npz").read_bytes()[:-40]),
        lambda folder: (folder / "matcher.npz").write_bytes((folder / "matcher.npz").read_bytes() + b"x"),
        _head(lambda head: head.update(model="another")),
        _head(lambda head: head.update(format=0)),
        _head(lambda head: head.pop("words")),
        _head(lambda head: head.pop("sha256")),
    ],
)
def test_a_damaged_one_names_the_mend(
    matcher: Matcher, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    matcher.save(tmp_path / "matcher")
    damage(tmp_path / "matcher")
    with pytest.raises(ModelError, match="souffleur setup"):
        Matcher.load(tmp_path / "matcher")


def test_an_index_remembers_its_matcher(matcher: Matcher, tmp_path: Path, small_bundle: Path) -> None:
    from small import CACHE, write_knowledge

    knowledge = write_knowledge(tmp_path / "knowledge")
    store = PassageStore(str(tmp_path / "index"))
    assert index_folder(knowledge, store, str(CACHE)).changed
    assert store.generation.learned_of(0).size == 0
    matcher.save(tmp_path / "matcher")
    report = index_folder(knowledge, store, str(CACHE), matcher=tmp_path / "matcher")
    assert (report.changed, report.embedded) == (True, 0), "a new matcher needs no new embedding"
    row = store.generation.row_of[DELAY]
    assert store.generation.learned_of(row).shape[1] == 128
    assert not index_folder(knowledge, store, str(CACHE), matcher=tmp_path / "matcher").changed


def test_a_matcher_of_another_version_is_removed_before_the_index_is_made(
    matcher: Matcher, tmp_path: Path
) -> None:
    home, said = Settings(_env_file=None, home=tmp_path), list[str]()  # type: ignore[call-arg]
    drop_stale_matcher(home, said.append)  # there is none
    folder = tmp_path / MATCHER
    matcher.save(folder)
    drop_stale_matcher(home, said.append)
    assert folder.is_dir()
    assert said == []
    head = json.loads((folder / "matcher.json").read_text(encoding="utf-8"))
    write_json(folder / "matcher.json", head | {"model": "another"})
    drop_stale_matcher(home, said.append)
    assert not folder.exists()
    assert said == ["Matcher     of another version: removed"]
