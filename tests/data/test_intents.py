"""The intent rows: complete, labelled as documented, and without near duplicates across parts.

Near duplicates: cosine of character 3-5-gram TF-IDF (folded, digits as one) of 0.55 or more, or cosine of
embeddings of 0.88 or more.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.data.jsonl import read_rows
from evals.data.manifest import SETS
from evals.data.splitting import near_pairs
from pipelines.embedding import Encoder

ROOT = Path(__file__).parents[2] / "datasets"
PARTS = ("train", "dev", "test")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [
        {**row, "part": part, "file": path}
        for path, part in SETS["intents"].files.items()
        for row in read_rows(ROOT / path, ("id", "text", "intent", "lang"))
    ]


@pytest.fixture(scope="module")
def vectors_of() -> Callable[[list[str]], NDArray[np.float32]]:
    """Embeddings of messages, each made once: dev and test stand beside every train file."""
    encoder, known = Encoder(ROOT.parent / ".cache"), dict[str, NDArray[np.float32]]()

    def of(texts: list[str]) -> NDArray[np.float32]:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        known.update(zip(new, encoder.encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    return of


def test_columns_and_ids(rows: list[dict[str, Any]]) -> None:
    assert all(set(row) == {"id", "text", "intent", "lang", "part", "file"} for row in rows)
    assert all(re.fullmatch(rf"int-{row['lang']}-\d{{4,5}}", row["id"]) for row in rows)
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


@pytest.mark.parametrize("train", [path for path, part in SETS["intents"].files.items() if part == "train"])
def test_no_near_duplicates_across_parts(
    rows: list[dict[str, Any]], vectors_of: Callable[[list[str]], NDArray[np.float32]], train: str
) -> None:
    """Each file by itself: what an n-gram weighs depends on the rows, so one file may not judge another."""
    judged = [row for row in rows if row["part"] != "train" or row["file"] == train]
    texts = [row["text"] for row in judged]
    parts = [row["part"] for row in judged]
    split_here = train == "intents/train.jsonl"  # dev and test were parted from each other among its rows
    across = [
        (judged[i]["id"], judged[j]["id"])
        for i, j in near_pairs(texts, vectors_of(texts))
        if parts[i] != parts[j] and (split_here or "train" in (parts[i], parts[j]))
    ]
    assert across == []
