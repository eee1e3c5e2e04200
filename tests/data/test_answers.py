"""The gold questions: complete, true to the passages they name, and unseen in training.

Near duplicates: cosine of character 3-5-gram TF-IDF (folded, digits as one) of 0.55 or more, or cosine of
embeddings of 0.88 or more, between what was asked last, or all that the customer wrote.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from evals.data.gold import kind
from evals.data.jsonl import read_rows
from evals.data.splitting import near_pairs
from pipelines.contracts import Message, Passage
from pipelines.embedding import Encoder
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.text import fold
from pipelines.understanding.bursts import customer_bursts

ROOT = Path(__file__).parents[2] / "datasets"
PARTS = ("train", "dev", "test")
FILES = {
    "train": "train",
    "train_desk": "train",
    "train_near": "train",
    "train_silent": "train",
    "train_more_fr": "train",
    "train_more_en": "train",
    "train_more_es": "train",
    "dev": "dev",
    "test": "test",
}
"""Files of gold questions and the part that each belongs to."""
ASKED_BACK = {
    "order_id", "rma_id", "serial_number", "product", "fault_details", "photos", "address",
}  # fmt: skip

GOLD: list[dict[str, Any]] = [
    {**row, "part": part}
    for name, part in FILES.items()
    for row in read_rows(ROOT / "answers" / f"{name}.jsonl")
]
QUESTIONS = [
    row for file in sorted((ROOT / "answers" / "questions").glob("*.jsonl")) for row in read_rows(file)
]


class Asked(NamedTuple):
    """Something a customer wrote, and the part that it belongs to."""

    part: str
    where: str
    text: str


@pytest.fixture(scope="module")
def passages() -> dict[str, Passage]:
    return {p.id: p for d in read_folder(ROOT / "knowledge").documents for p in split(d)}


@pytest.fixture(scope="module")
def asked() -> list[Asked]:
    found = [Asked("questions", f"question {n}", row["query"]) for n, row in enumerate(QUESTIONS, 1)]
    for row in GOLD:
        last = customer_bursts([Message(**turn) for turn in row["thread"]])[-1].text
        whole = "\n".join(turn["text"] for turn in row["thread"] if turn["role"] == "customer")
        found += [Asked(row["part"], row["id"], text) for text in dict.fromkeys((last, whole))]
    return found


def test_columns_and_ids() -> None:
    columns = {
        "id", "lang", "thread", "context", "answerable", "ask", "gold", "quotes", "facts", "reference",
        "why", "part",
    }  # fmt: skip
    assert all(set(row) == columns for row in GOLD)
    assert all(re.fullmatch(rf"[a-z]+-{row['lang']}-\d{{3}}", row["id"]) for row in GOLD)
    assert len({row["id"] for row in GOLD}) == len(GOLD)


def test_enough_of_everything() -> None:
    assert len(GOLD) >= 300
    for part in PARTS:
        kinds = Counter(kind(row) for row in read_rows(ROOT / "answers" / f"{part}.jsonl"))
        # A third: the clusters leave a row more or less to each part.
        assert 0.32 <= (kinds["silence"] + kinds["ask"]) / kinds.total() <= 0.35, part
        assert {row["lang"] for row in GOLD if row["part"] == part} == {"fr", "en", "es"}


def test_the_added_rows_are_hard_and_of_every_language() -> None:
    rows = read_rows(ROOT / "answers" / "train_near.jsonl")
    assert len(rows) >= 180
    kinds = Counter((row["lang"], kind(row)) for row in rows)
    for lang in ("fr", "en", "es"):
        assert kinds[lang, "answer"] >= 35
        assert kinds[lang, "silence"] >= 20
        assert kinds[lang, "ask"] >= 5


def test_rows_are_coherent() -> None:
    for row in GOLD:
        turns = [Message(**turn) for turn in row["thread"]]
        assert turns[-1].role == "customer", row["id"]
        assert len(row["gold"]) == len(row["quotes"]), row["id"]
        match kind(row):
            case "answer":
                assert row["gold"], row["id"]
                assert row["facts"], row["id"]
                assert row["reference"], row["id"]
            case "ask":
                assert row["ask"] in ASKED_BACK, row["id"]
                assert (row["facts"], bool(row["reference"])) == ([], True), row["id"]
            case _:
                assert (row["gold"], row["facts"], row["ask"]) == ([], [], None), row["id"]
                assert row["why"], row["id"]


def test_gold_passages_exist_and_hold_the_quotes(passages: dict[str, Passage]) -> None:
    for row in GOLD:
        for gold, quote in zip(row["gold"], row["quotes"], strict=True):
            assert quote in passages[gold].text, row["id"]
            assert passages[gold].lang == row["lang"], row["id"]
            assert passages[gold].audience == "public", row["id"]


def test_facts_are_in_the_quotes_and_in_the_reference() -> None:
    for row in GOLD:
        for text in (fold(" ".join(row["quotes"])), fold(row["reference"])):
            for alternatives in row["facts"]:
                assert any(fold(fact) in text for fact in alternatives), row["id"]


def test_training_questions_name_a_sentence_of_a_public_passage(passages: dict[str, Passage]) -> None:
    assert len(QUESTIONS) >= 3_000
    assert len({row["query"] for row in QUESTIONS}) == len(QUESTIONS)
    for row in QUESTIONS:
        assert set(row) == {"query", "gold", "sentence", "lang"}
        passage = passages[row["gold"]]
        assert passage.lang == row["lang"], row["gold"]
        assert 0 <= row["sentence"] < len(passage.sentences), row["gold"]


def across(asked: list[Asked], vectors: Any = None) -> set[tuple[str, str]]:
    """Near duplicates between two gold parts, and between the training questions and dev or test."""
    found = set()
    for i, j in near_pairs([item.text for item in asked], vectors):
        parts = {asked[i].part, asked[j].part}
        if len(parts) == 2 and parts != {"questions", "train"}:
            found.add((asked[i].where, asked[j].where))
    return found


def test_no_near_duplicates_by_characters(asked: list[Asked]) -> None:
    assert across(asked) == set()


def test_no_near_duplicates_by_embeddings(asked: list[Asked]) -> None:
    texts = list(dict.fromkeys(item.text for item in asked))
    encoded = Encoder(Path(__file__).parents[2] / ".cache").encode(texts)
    row_of = {text: row for row, text in enumerate(texts)}
    vectors = np.ascontiguousarray(encoded[[row_of[item.text] for item in asked]])
    assert across(asked, vectors) == set()
