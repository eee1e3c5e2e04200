"""Rows that a run asks: of a file or of a set, wrong ones named, and each look at a test part counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.data.examples import as_examples, load_file, load_set, reference
from evals.data.jsonl import write_rows
from evals.data.openings import openings, record_opening
from pipelines.errors import DataError
from pipelines.settings import Settings


def test_rows_of_anyones_file(tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [{"query": "où ?", "gold": ["d#a"], "answerable": True}])
    made, data = load_file(tmp_path / "a.jsonl", "answers", "fr")
    assert made[0].inputs["thread"][0]["text"] == "où ?"
    assert made[0].slices == {"lang": "fr", "task": "answer"}
    assert (data.split, data.rows) == ("all", 1)
    (tmp_path / "b.jsonl").write_text(json.dumps({"text": "x", "intent": "a", "lang": "en"}) + "\n")
    assert load_file(tmp_path / "b.jsonl", "intents")[0][0].expected["intent"] == "a"


@pytest.mark.parametrize(
    ("rows", "kind", "says"),
    [
        ([], "intents", "empty"),
        (
            [{"id": "a", "text": "x", "intent": "b"}] * 2,
            "intents",
            "row 2: the id 'a' stands twice, first in row 1",
        ),
        ([{"text": "x"}], "intents", "row 1: the column 'intent'"),
        ([{"gold": []}], "answers", "row 1: neither"),
        ([{"summary": "s"}], "summaries", "row 1: neither"),
    ],
)
def test_wrong_rows_are_named(rows: list[dict[str, Any]], kind: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        as_examples(rows, kind, "f.jsonl")


def test_a_set_is_read_by_its_manifest_and_its_test_part_is_counted(settings: Settings) -> None:
    made, data = load_set("answers", "dev", settings.datasets)
    assert data.rows == len(made) > 0
    assert reference("other name", "dev", [{"a": 1}]).sha256 == reference("x", "all", [{"a": 1}]).sha256
    opened: list[str] = []
    load_set("answers", "test", settings.datasets, opened.append)
    assert opened == ["answers"]
    with pytest.raises(DataError, match="no set 'nope'"):
        load_set("nope", "dev", settings.datasets)
    assert record_opening(settings.home, "answers", "a test") == 1
    assert record_opening(settings.home, "answers", "a test") == 2
    with (settings.home / "openings.jsonl").open("a") as stream:
        stream.write("torn")
    assert openings(settings.home) == {"answers": 2}
