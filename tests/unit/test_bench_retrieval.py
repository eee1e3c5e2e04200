"""The retrieval bench: metrics by hand, columns of other sets, and one real run."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from evals.benches.ranking import summarise
from evals.benches.retrieval import bench_retrieval
from evals.benches.retrieval_rows import read_corpus, read_queries
from evals.benches.synthetic import build_synthetic_store, synthetic_queries
from evals.scorers.retrieval import score
from pipelines.embedding import Encoder
from pipelines.errors import DataError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(ROOT / ".cache")


def rows(path: Path, *values: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(value) for value in values), encoding="utf-8")
    return path


def test_metrics_by_hand() -> None:
    made = score(["x", "a", "y", "b", *"0123456789"], {"a", "b", "c"})
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert made == pytest.approx(
        {
            "recall@1": 0.0, "recall@5": 2 / 3, "recall@10": 2 / 3, "mrr@10": 0.5,
            "ndcg@10": (1 / math.log2(3) + 1 / math.log2(5)) / ideal,
        }
    )  # fmt: skip
    assert score([*"0123456789", "a"], {"a"})["mrr@10"] == 0.0


def test_intervals_resample_clusters() -> None:
    scores = [{"recall@1": float(i < 50)} for i in range(100)]
    free = summarise(scores, [str(i) for i in range(100)])["intervals"]["recall@1"]
    tied = summarise(scores, [str(i // 10) for i in range(100)])["intervals"]["recall@1"]
    assert free[0] < 0.5 < free[1]
    assert tied[1] - tied[0] > 2 * (free[1] - free[0])
    assert summarise(scores, ["a"] * 100)["recall@1"] == 0.5


def test_columns_of_an_faq_and_of_a_reading_set(tmp_path: Path) -> None:
    faq = rows(tmp_path / "faq.jsonl", {"id": "a", "question": "Où ?", "answer": "Ici."})
    passage = read_corpus(faq, "fr")[0]
    assert (passage.title, passage.text) == ("Où ?", "Ici.")
    asked = rows(
        tmp_path / "q.jsonl",
        {"id": "1", "question": "où", "context_id": "a"},
        {"question": "où", "context_id": ["a"]},
    )
    assert [q.gold for q in read_queries(asked, "fr", {"a"})] == [("a",), ("a",)]


@pytest.mark.parametrize(
    ("corpus", "query", "why"),
    [
        ({"id": "a", "body": "x"}, {"query": "x", "gold": "a"}, "no column 'text' or 'answer'"),
        ({"id": "a", "text": "x"}, {"query": "secret", "gold": "b"}, "the corpus holds no 'b'"),
        ({"id": "a", "text": "x"}, {"query": "secret", "gold": []}, "neither an id nor a list"),
        ({"id": "a", "text": "x"}, {"query": "secret", "gold": 7}, "neither an id nor a list"),
        ({"id": "a", "text": "x"}, {"gold": "a"}, "no column 'query'"),
    ],
)
def test_a_wrong_row_is_named_without_its_words(
    tmp_path: Path, corpus: dict[str, Any], query: dict[str, Any], why: str
) -> None:
    files = rows(tmp_path / "c.jsonl", corpus), rows(tmp_path / "q.jsonl", query)
    with pytest.raises(DataError, match=why) as caught:
        read_queries(files[1], "fr", {p.id for p in read_corpus(files[0], "fr")})
    assert "secret" not in str(caught.value)


def test_a_double_id_is_refused(tmp_path: Path) -> None:
    twice = rows(tmp_path / "c.jsonl", {"id": "a", "text": "x"}, {"id": "a", "text": "y"})
    with pytest.raises(DataError, match="row 2: the id 'a' comes twice"):
        read_corpus(twice, "fr")


def test_a_real_run(tmp_path: Path, encoder: Encoder) -> None:
    corpus = rows(
        tmp_path / "c.jsonl",
        {"id": "price", "title": "Prix de la livraison", "text": "La livraison est offerte dès 49 €."},
        {"id": "return", "title": "Retours", "text": "Vous avez 30 jours. Le retour est gratuit."},
        {"id": "guarantee", "title": "Garantie", "text": "Deux ans, pièces et main d'œuvre."},
    )
    queries = rows(
        tmp_path / "q.jsonl",
        {"query": "combien coute la livraison", "gold": "price"},
        {"query": "retourner un article", "gold": ["return"]},
    )
    seen: list[str] = []
    made = bench_retrieval(corpus, queries, "fr", encoder, lambda stage, done, total: seen.append(stage))
    assert (made["corpus"], made["queries"], made["recall@1"]) == (3, 2, 1.0)
    assert set(made["baselines"]) == {"bm25_stems", "dense", "rrf", "zscore"}
    assert set(made["intervals"]) == {"recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10"}
    assert set(made["latency_ms"]) == {"p50", "p95"}
    assert set(seen) == {"embed", "ask"}


def test_a_synthetic_store_is_varied_and_searchable(tmp_path: Path, encoder: Encoder) -> None:
    knowledge = tmp_path / "fr"
    knowledge.mkdir()
    lines = "Votre colis arrive en trois jours ouvrés. Le retour est gratuit pendant trente jours entiers."
    (knowledge / "a.md").write_text(lines, encoding="utf-8")
    store = build_synthetic_store(tmp_path / "index", 40, encoder, knowledge)
    generation = store.generation
    texts = {generation.passage(row).text for row in range(40)}
    assert generation.count == 40
    assert len(texts) == 40
    assert len(set(synthetic_queries(store, 10))) == 10
