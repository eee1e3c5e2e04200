"""The intent rows: complete, labelled as documented, and without near duplicates across parts.

Near duplicates: cosine of character 3-5-gram TF-IDF (folded, digits as one) of 0.55 or more, or cosine of
embeddings of 0.88 or more.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evals.data.jsonl import read_rows
from evals.data.splitting import near_pairs
from pipelines.embedding import Encoder

ROOT = Path(__file__).parents[2] / "datasets"
PARTS = ("train", "dev", "test")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [
        {**row, "part": part}
        for part in PARTS
        for row in read_rows(ROOT / "intents" / f"{part}.jsonl", ("id", "text", "intent", "lang"))
    ]


def test_columns_and_ids(rows: list[dict[str, Any]]) -> None:
    assert all(set(row) == {"id", "text", "intent", "lang", "part"} for row in rows)
    assert all(re.fullmatch(rf"int-{row['lang']}-\d{{4}}", row["id"]) for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)


def test_enough_of_everything(rows: list[dict[str, Any]]) -> None:
    counts = Counter((row["intent"], row["lang"]) for row in rows)
    assert min(counts.values()) >= 30
    assert {lang for _, lang in counts} == {"fr", "en", "es"}
    assert len({intent for intent, _ in counts if intent != "oos"}) >= 35
    assert sum(n for (intent, _), n in counts.items() if intent == "oos") >= 300
    # Every label is in every part of every language.
    assert len({(row["intent"], row["lang"], row["part"]) for row in rows}) == len(counts) * len(PARTS)


def test_labels_are_documented(rows: list[dict[str, Any]]) -> None:
    card = (ROOT / "cards" / "intents.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| (\w+) \| ", card, re.MULTILINE)) - {"label"}
    assert {row["intent"] for row in rows} == documented


def test_no_near_duplicates_across_parts(rows: list[dict[str, Any]]) -> None:
    texts = [row["text"] for row in rows]
    vectors = Encoder(Path(".cache"), threads=2).encode(texts)
    across = [
        (rows[i]["id"], rows[j]["id"])
        for i, j in near_pairs(texts, vectors)
        if rows[i]["part"] != rows[j]["part"]
    ]
    assert across == []
