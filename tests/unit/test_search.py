"""Search over real generations with vectors set by hand: fusion, filters, ties, bad queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.knowledge.fusing import Channel, fuse
from pipelines.knowledge.generation import NO_SENTENCES, Generation, Row, write_generation
from pipelines.knowledge.lexical import Ranked, Scope
from pipelines.knowledge.search import Weights, search, sparse

Make = Callable[..., Generation]
NONE = Weights(
    stems=0, grams=0, coverage=0, gram_coverage=0, dense=0, sentence=0, head=0, expansion=0, centre=False
)
DENSE_ONLY = replace(NONE, dense=1)
STEMS_ONLY = replace(NONE, stems=1)


def unit(axis: int) -> NDArray[np.float32]:
    vector = np.zeros(384, np.float32)
    vector[axis] = 1
    return vector


def record(identity: str, text: str, **more: Any) -> dict[str, Any]:
    base = {"document_id": identity, "lang": "fr", "audience": "public", "kind": "article", "title": ""}
    return {"id": identity, "content": text, **base, **more}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(*rows: tuple[dict[str, Any], NDArray[np.float32] | None]) -> Generation:
        folder = tmp_path / "gen-000001"
        write_generation(folder, [Row(r, v, NO_SENTENCES) for r, v in rows], "test")
        return Generation(folder, "test")

    return made


def ids(
    generation: Generation, text: str, vector: NDArray[np.float32], where: Any = None, **more: Any
) -> list[str]:
    return [hit.passage.id for hit in search(generation, text, "fr", vector, where or {}, **more)]


def test_zscore_by_hand() -> None:
    a = Channel(np.array([4.0, 2.0, 0.0]), mean=2.0, deviation=2.0)
    b = Channel(np.array([0.1, 0.5, 0.3]), mean=0.3, deviation=0.2)
    fused = fuse({"a": a, "b": b}, {"a": 1.0, "b": 0.5}, "zscore")
    assert fused == pytest.approx([1.0 - 0.5, 0.0 + 0.5, -1.0])


def test_reciprocal_ranks_by_hand() -> None:
    a = Channel(np.array([4.0, 2.0, 0.0]), 0.0, 1.0, found=np.array([True, True, False]))
    b = Channel(np.array([0.1, 0.5, 0.3]), 0.0, 1.0)
    fused = fuse({"a": a, "b": b}, {"a": 1.0, "b": 2.0}, "rrf")
    assert fused == pytest.approx([1 / 61 + 2 / 63, 1 / 62 + 2 / 61, 2 / 62])


def test_a_channel_without_spread_has_no_say() -> None:
    flat = Channel(np.array([1.0, 1.0]), mean=1.0, deviation=0.0)
    assert flat.z().tolist() == [0.0, 0.0]


def test_moments_count_the_passages_that_were_not_returned() -> None:
    channel = sparse(Ranked(np.array([7, 3]), np.array([4.0, 2.0])), np.array([3, 5, 7]), total=4)
    assert channel.scores.tolist() == [2.0, 0.0, 4.0]
    assert channel.mean == pytest.approx(np.mean([4, 2, 0, 0]))
    assert channel.deviation == pytest.approx(np.std([4, 2, 0, 0]))
    assert channel.found.tolist() == [True, False, True]


def test_unknown_fusion_is_refused(make: Make) -> None:
    generation = make((record("a", "Livraison"), unit(0)))
    with pytest.raises(ValueError, match="unknown fusion 'borda'"):
        search(generation, "livraison", "fr", unit(0), {}, fusion="borda")  # type: ignore[arg-type]


def test_each_channel_alone_finds_its_own(make: Make) -> None:
    generation = make(
        (record("words", "Le remboursement arrive en 5 jours"), unit(1)),
        (record("vector", "Autre chose"), unit(0)),
    )
    assert ids(generation, "remboursements", unit(0), weights=STEMS_ONLY)[0] == "words"
    assert ids(generation, "remboursements", unit(0), weights=DENSE_ONLY)[0] == "vector"


def test_a_misspelt_word_is_found_by_its_letters(make: Make) -> None:
    generation = make((record("a", "Facture"), unit(1)), (record("b", "Votre remboursement"), unit(1)))
    assert ids(generation, "ranboursement", unit(2))[0] == "b"


def test_the_best_sentence_counts(tmp_path: Path) -> None:
    sentence = unit(5).astype(np.float16)[None]
    rows = [Row(record("a", "Un."), unit(1), NO_SENTENCES), Row(record("b", "Deux."), unit(1), sentence)]
    write_generation(tmp_path / "gen-000001", rows, "test")
    assert ids(Generation(tmp_path / "gen-000001", "test"), "zzz", unit(5))[0] == "b"


def test_filters_hold_in_every_channel(make: Make) -> None:
    generation = make(
        (record("fr", "colis perdu"), unit(0)),
        (record("en", "colis perdu", lang="en"), unit(0)),
        (record("note", "colis perdu", audience="agent"), unit(0)),
    )
    where = {"lang": ["fr"], "audience": ["public"]}
    for weights in (None, STEMS_ONLY, DENSE_ONLY):
        assert ids(generation, "colis perdu", unit(0), where, weights=weights) == ["fr"]
    assert ids(generation, "colis perdu", unit(0), {"lang": ["es"]}) == []


def test_a_filter_does_not_change_a_lexical_score(make: Make) -> None:
    generation = make((record("a", "colis perdu"), unit(0)), (record("b", "colis", lang="en"), unit(0)))
    free = generation.lexical.bm25("terms", {"colis": 1.0}, Scope(), 5)
    filtered = generation.lexical.bm25("terms", {"colis": 1.0}, Scope({"lang": ["fr"]}), 5)
    assert filtered.scores[0] == pytest.approx(dict(zip(free.rows, free.scores, strict=True))[0])


def test_a_filter_that_every_passage_passes_is_as_none(make: Make) -> None:
    rows = [(record("a", "colis perdu"), unit(0)), (record("b", "colis", audience="agent"), unit(0))]
    lexical = make(*rows).lexical
    free = lexical.bm25("terms", {"colis": 1.0}, Scope(), 5)
    everyone = {"lang": ["fr", "fr"], "audience": ["public", "agent", "nobody"]}
    for where in (everyone, {"lang": ["fr"]}, {"audience": ["agent", "public"]}):
        filtered = lexical.bm25("terms", {"colis": 1.0}, Scope(where), 5)
        assert filtered.rows.tolist() == free.rows.tolist()
        assert filtered.scores.tolist() == free.scores.tolist()
    assert lexical.bm25("terms", {"colis": 1.0}, Scope({"audience": ["public"]}), 5).rows.tolist() == [0]
    assert lexical.bm25("terms", {"colis": 1.0}, Scope({"audience": []}), 5).rows.tolist() == []


def test_an_unknown_filter_is_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="cannot filter on 'colour'"):
        search(make((record("a", "x"), unit(0))), "x", "fr", unit(0), {"colour": ["red"]})


def test_an_excluded_document_is_not_found(make: Make) -> None:
    generation = make(
        (record("a#1", "colis perdu", document_id="a"), unit(0)),
        (record("b#1", "colis", document_id="b"), unit(1)),
    )
    assert ids(generation, "colis perdu", unit(0), exclude=["a"]) == ["b#1"]
    assert ids(generation, "colis perdu", unit(0), exclude=["a", "b"]) == []
    assert ids(generation, "colis perdu", unit(0)) == ["a#1", "b#1"]


def test_ties_go_to_the_earlier_passage(make: Make) -> None:
    generation = make(*((record(f"p{i}", "colis perdu"), unit(0)) for i in range(5)))
    assert ids(generation, "colis perdu", unit(0)) == [f"p{i}" for i in range(5)]
    assert ids(generation, "colis perdu", unit(0), top_k=2) == ["p0", "p1"]


@pytest.mark.parametrize("text", ["", "   \n", "\u200b"])
def test_an_empty_query_finds_nothing_or_goes_by_vector(make: Make, text: str) -> None:
    found = ids(make((record("a", "colis"), unit(0))), text, unit(0))
    assert found == ([] if not text.strip() else ["a"])


@pytest.mark.parametrize(
    "text", ["😀😀😀", '") OR (', "+-*:\\~^", "le la les", "x" * 100_000, "colis " * 20_000, "\x00"]
)
def test_no_query_crashes(make: Make, text: str) -> None:
    generation = make((record("a", "colis"), unit(0)), (record("b", "retour"), unit(1)))
    assert ids(generation, text, unit(1))


def test_an_empty_store_finds_nothing(make: Make) -> None:
    assert ids(make(), "colis", unit(0)) == []


def test_passages_without_vectors_are_found_by_words(make: Make) -> None:
    assert ids(make((record("a", "facture"), None), (record("b", "colis"), None)), "colis", unit(0))[0] == "b"


def test_head_matches_add_to_the_score(make: Make) -> None:
    generation = make(
        (record("body", "garantie garantie panne"), unit(0)),
        (record("head", "panne", title="garantie"), unit(0)),
    )
    plain = generation.lexical.bm25("terms", {"garant": 1.0}, Scope(), 5, head=0.0)
    boosted = generation.lexical.bm25("terms", {"garant": 1.0}, Scope(), 5, head=3.0)
    assert (plain.rows[0], boosted.rows[0]) == (0, 1)
