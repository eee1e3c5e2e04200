"""The intent model: learning, probabilities, saving, refusing what is damaged."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from pipelines.embedding import DIMENSION, WIDE, Encoder
from pipelines.errors import DataError, ModelError
from pipelines.understanding.intent_kernel import STRIPE, Similarities, lower_triangle, solve
from pipelines.understanding.intent_rows import JUDGED_ROWS, SEARCH_ROWS, informative, judged_last, sample
from pipelines.understanding.intent_space import ENOUGH, WIDTH, Space
from pipelines.understanding.intent_training import train_intents
from pipelines.understanding.intents import IntentModel, Kernel

EXAMPLES = {
    "track_order": [
        "où est mon colis",
        "where is my parcel",
        "suivi de commande",
        "dónde está mi paquete",
        "numéro de suivi svp",
    ],
    "refund_status": [
        "quand serai-je remboursé",
        "where is my refund",
        "mon remboursement",
        "cuándo llega mi reembolso",
        "money back when",
    ],
    "cancel_order": [
        "annuler ma commande",
        "cancel my order",
        "je veux annuler",
        "quiero cancelar el pedido",
        "stop the order",
    ],
    "oos": [
        "quel temps fait-il",
        "tell me a joke",
        "recette de crêpes",
        "quién ganó el partido",
        "capital of Peru",
    ],
}
ROWS = [{"text": text, "intent": intent} for intent, texts in EXAMPLES.items() for text in texts]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(Path(".cache"))


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> IntentModel:
    return train_intents(ROWS, encoder)


def test_learns_and_shares_probability(model: IntentModel) -> None:
    prediction = model.predict("cancel my order please")
    assert prediction.label == "cancel_order"
    assert sum(p for _, p in prediction.labels) + prediction.out_of_scope == pytest.approx(1, abs=1e-5)
    assert "oos" not in dict(prediction.labels)
    assert model.predict("recette de crêpes bretonnes").out_of_scope > prediction.out_of_scope


@pytest.mark.parametrize("text", ["", "👍", "\x00", "\ud800", "a" * 20_000, "نص", "¿?", "٣٤"])
def test_any_text_gets_an_answer(model: IntentModel, text: str) -> None:
    vector = np.zeros(WIDE, np.float32)
    assert 0 <= model.predict(text, vector).out_of_scope <= 1


def test_saves_and_loads_the_same(model: IntentModel, encoder: Encoder, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    loaded = IntentModel.load(tmp_path / "m", encoder)
    assert loaded.predict("où est mon colis ?") == model.predict("où est mon colis ?")


def test_refuses_a_damaged_or_missing_model(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    (tmp_path / "m" / "intents.npz").write_bytes(b"x")
    with pytest.raises(ModelError, match="its own hash"):
        IntentModel.load(tmp_path / "m")
    (tmp_path / "m" / "intents.json").write_text("[1")
    with pytest.raises(ModelError, match="damaged"):
        IntentModel.load(tmp_path / "m")
    with pytest.raises(ModelError, match="missing"):
        IntentModel.load(tmp_path / "none")


def test_without_out_of_scope_rows_the_labels_share_everything(encoder: Encoder) -> None:
    model = train_intents([row for row in ROWS if row["intent"] != "oos"], encoder)
    prediction = model.predict("where is my parcel")
    assert sum(p for _, p in prediction.labels) == pytest.approx(1, abs=1e-5)
    assert prediction.decision == "track_order"
    assert 0 <= prediction.out_of_scope <= 1


def test_needs_two_intents(encoder: Encoder) -> None:
    with pytest.raises(DataError, match="fewer than two"):
        train_intents([{"text": "a", "intent": "x"}, {"text": "b", "intent": "oos"}], encoder)


def test_prediction_needs_a_vector_or_an_encoder(model: IntentModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    with pytest.raises(ModelError, match="no encoder"):
        IntentModel.load(tmp_path / "m").predict("bonjour")


def test_sampling_keeps_every_label() -> None:
    kept = sample(["a"] * 90 + ["b"] * 10, 20)
    assert len(kept) == 20
    assert sum(i >= 90 for i in kept) == 2


def test_the_rows_that_the_others_foretell_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.understanding.intent_rows.FIRST", 20)
    monkeypatch.setattr("pipelines.understanding.intent_rows.MAX_ROWS", 40)
    label = np.arange(100) % 2
    points = np.eye(2, 8, dtype=np.float32)[label]
    points += 0.01 * np.random.default_rng(0).standard_normal((100, 8)).astype(np.float32)
    odd = [33, 54, 71, 88]  # they look like the one and are called the other
    label[odd] = 1 - label[odd]
    kept = informative(points, np.eye(2, dtype=np.float32)[label], judged=10)
    assert len(kept) == len(set(kept)) == 40
    assert kept[-10:].tolist() == list(range(90, 100)), "the judged ones stay, and stay last"
    assert set(odd) <= set(kept.tolist())
    few = informative(points[:40], np.eye(2, dtype=np.float32)[label[:40]], judged=10)
    assert few.tolist() == list(range(40))


def test_the_direction_that_all_messages_share_says_nothing() -> None:
    rng = np.random.default_rng(0)
    wide = rng.standard_normal((300, WIDE)).astype(np.float32)
    wide[:, DIMENSION:] += 5
    found = Space.of(wide).unit(wide)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert np.abs(found @ found.T - np.eye(300)).max() < 0.5
    many = rng.standard_normal((ENOUGH, WIDE)).astype(np.float32)
    assert Space.of(many).unit(many[:3]).shape == (3, WIDTH)


def test_the_last_rows_are_scored_as_if_left_out_without_scoring_the_others() -> None:
    random = np.random.default_rng(0)
    points = random.standard_normal((40, 6)).astype(np.float32)
    onehot = np.eye(3, dtype=np.float32)[np.arange(40) % 3]
    kernel = (points @ points.T).astype(np.float32)
    duals, every = solve(kernel.copy(), onehot, 0.5)
    same, last = solve(kernel.copy(), onehot, 0.5, judged=7)
    np.testing.assert_allclose(same, duals, rtol=1e-4)
    np.testing.assert_allclose(last, every[-7:], rtol=1e-3, atol=1e-4)
    without = np.delete(np.arange(40), 35)
    refit, _ = solve(kernel[np.ix_(without, without)], onehot[without], 0.5)
    np.testing.assert_allclose(last[2], kernel[35, without] @ refit, rtol=1e-3, atol=1e-3)


def test_rows_that_are_scored_stand_last_and_keep_every_label() -> None:
    rows = [{"intent": f"label {i % 50}"} for i in range(SEARCH_ROWS + 100)]
    kept, judged = judged_last(list(range(len(rows))), rows)
    assert sorted(kept) == list(range(len(rows)))
    assert JUDGED_ROWS - 50 <= judged <= JUDGED_ROWS
    assert {rows[i]["intent"] for i in kept[-judged:]} == {row["intent"] for row in rows}
    assert judged_last([0, 1, 2], rows) == ([0, 1, 2], 3)


def test_the_triangle_is_that_of_the_whole_kernel() -> None:
    random = np.random.default_rng(1)
    count = STRIPE + 60
    blocks = [
        csr_matrix(random.random((count, 9)) * (random.random((count, 9)) > 0.7)).astype(np.float32)
    ] * 3
    points = random.standard_normal((count, 5)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    kernel = Kernel(reading=0.5)
    whole = Similarities.of(blocks, points).joined(kernel)
    np.testing.assert_allclose(np.tril(lower_triangle(blocks, points, kernel)), np.tril(whole), atol=1e-5)


def test_training_uses_every_core_whatever_a_service_is_held_to() -> None:
    code = """
from threadpoolctl import threadpool_info
from pipelines.understanding.intent_training import all_cores
with all_cores():
    from scipy.linalg import lapack
    print(*(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"))
"""
    held = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    told = subprocess.run([sys.executable, "-c", code], env=held, capture_output=True, text=True, check=True)
    assert set(map(int, told.stdout.split())) == {os.cpu_count()}
