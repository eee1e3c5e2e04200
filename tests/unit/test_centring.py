"""Centred cosines: computed from stored vectors, the same as computed from moved ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals.centring import fit_centres
from pipelines.embedding import VARIANT, Encoder
from pipelines.knowledge.centring import (
    Centre,
    all_centred_cosines,
    centre_of,
    centred_cosines,
    centred_question,
    load_centres,
)
from pipelines.knowledge.generation import NO_SENTENCES, Generation, Row, write_generation
from pipelines.knowledge.search import Weights, search
from pipelines.understanding.gloss import gloss

ROOT = Path(__file__).resolve().parents[2]


def units(count: int) -> np.ndarray:
    made = np.random.default_rng(3).normal(size=(count, 384)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def generation(folder: Path, vectors: np.ndarray, variant: str = VARIANT) -> Generation:
    rows = [Row({"id": str(i), "content": "x", "lang": "fr"}, v, NO_SENTENCES) for i, v in enumerate(vectors)]
    rows.append(Row({"id": "none", "content": "x", "lang": "fr"}, None, NO_SENTENCES))
    write_generation(folder / "gen-000001", rows, variant)
    return Generation(folder / "gen-000001", variant)


def test_the_same_as_moving_every_vector(tmp_path: Path) -> None:
    vectors, (vector, *means) = units(6), units(9)[6:]
    centre = Centre(means[0] / 3, means[1] / 3)
    question = centred_question(vector, centre)
    opened = generation(tmp_path, vectors)
    found = all_centred_cosines(opened, question, centre, slice(0, 7))
    moved, asked = vectors - centre.passage, vector - centre.question
    wanted = moved @ asked / np.linalg.norm(moved, axis=1) / np.linalg.norm(asked)
    np.testing.assert_allclose(found[:-1], wanted, atol=1e-5)
    np.testing.assert_allclose(centred_cosines(vectors, question, centre), wanted, atol=1e-5)
    assert found[-1] == 0  # a passage without a vector
    part = all_centred_cosines(opened, question, centre, slice(2, 5))
    np.testing.assert_allclose(part, wanted[2:5], atol=1e-5)


def test_the_means_belong_to_one_model(tmp_path: Path) -> None:
    assert set(load_centres()) == {"en", "es", "fr"}
    assert centre_of(generation(tmp_path / "other", units(2), "another-model"), "fr") is None
    assert centre_of(generation(tmp_path / "same", units(2)), "de") is None


def test_a_hit_keeps_its_plain_cosine(tmp_path: Path) -> None:
    vectors = units(4)
    opened = generation(tmp_path, vectors)
    for weights in (Weights(), replace(Weights(), centre=False)):
        hits = search(opened, "rien", "fr", vectors[2], {}, weights=weights)
        dense = {hit.passage.id: hit.dense for hit in hits}
        assert dense["1"] == pytest.approx(float(vectors[1] @ vectors[2]), abs=1e-6)
        assert hits[0].passage.id == "2"


def test_means_are_those_of_what_is_read(tmp_path: Path) -> None:
    said = {"fr": "Où est mon colis ?", "en": "Where is my parcel?", "es": "¿Dónde está mi paquete?"}
    for lang in said:
        head = f"---\nid: colis-{lang}\ntitle: Colis\nlang: {lang}\n---\n"
        (tmp_path / f"colis.{lang}.md").write_text(f"{head}Colis paquete parcel.\n", encoding="utf-8")
    rows = "".join(json.dumps({"text": text, "lang": lang}) + "\n" for lang, text in said.items())
    (tmp_path / "said.jsonl").write_text(rows, encoding="utf-8")
    encoder = Encoder(ROOT / ".cache")
    langs = fit_centres(tmp_path, tmp_path / "said.jsonl", encoder, tmp_path / "made.npz")
    made = np.load(tmp_path / "made.npz")
    assert langs == ["fr", "en", "es"]
    assert str(made["variant"]) == VARIANT
    for lang, text in said.items():
        np.testing.assert_allclose(made[f"question_{lang}"], encoder.encode_one(gloss(text, lang)), atol=1e-5)
        assert made[f"passage_{lang}"].shape == (384,)
