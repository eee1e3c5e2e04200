"""Public sets through Hugging Face's own reader, from small local copies; licences hold."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from evals.cli.app import run
from evals.data.jsonl import read_rows, write_rows
from evals.data.public import NOTICE, load_public, public_rows, refuse_untrainable, write_public
from pipelines.errors import DataError

pytestmark = pytest.mark.filterwarnings("ignore")  # of the reader's own dependencies


def banking(folder: Path) -> Path:
    folder.mkdir()
    with (folder / "test.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerows([("text", "category"), ("my card is late", "card_arrival"), ("é ?", "other")])
    return folder


def test_a_local_copy_is_read_in_our_columns(tmp_path: Path) -> None:
    examples, data = load_public("banking77", "test", tmp_path / "cache", banking(tmp_path / "copy"))
    assert [example.expected["intent"] for example in examples] == ["card_arrival", "other"]
    assert (data.name, data.split, data.rows) == ("banking77", "test", 2)


def test_several_references_become_a_list(tmp_path: Path) -> None:
    rows = [{"fname": "d1", "dialogue": "#A#: hi\n#B#: yes", "summary1": "one", "summary2": "two"}]
    write_rows(tmp_path / "test.jsonl", rows)
    made = public_rows("dialogsum", "test", tmp_path / "cache", tmp_path)
    assert made[0]["summary"] == ["one", "two"]


def test_what_may_only_measure_never_trains(tmp_path: Path) -> None:
    write_rows(tmp_path / "train.jsonl", [{"instruction": "cancel it", "intent": "cancel_order"}])
    with pytest.raises(DataError, match="CDLA-Sharing"):
        public_rows("bitext", "train", tmp_path / "cache", tmp_path, train=True)
    target = tmp_path / "rows.jsonl"
    assert write_public("bitext", "train", target, tmp_path / "cache", tmp_path) == 1
    assert read_rows(target)[0]["text"] == "cancel it"
    with pytest.raises(DataError, match="may not be trained on"):
        refuse_untrainable([target])
    target.with_name(target.name + NOTICE).write_text("{}")
    with pytest.raises(DataError, match="no notice"):
        refuse_untrainable([target])


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    for name, split, says in (("nope", "test", "no public set"), ("banking77", "dev", "no split 'dev'")):
        with pytest.raises(DataError, match=says):
            public_rows(name, split, tmp_path, tmp_path)
    with pytest.raises(DataError, match="no file of the split"):
        public_rows("banking77", "test", tmp_path, tmp_path)
    (tmp_path / "test.jsonl").write_text(json.dumps({"other": 1}) + "\n")
    with pytest.raises(DataError, match="row 1: none of the columns"):
        public_rows("banking77", "test", tmp_path / "cache", tmp_path / "test.jsonl")


def test_without_network_the_mend_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give a local copy"):
        public_rows("massive-fr", "test", tmp_path)


def test_fetch_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], own_home: Path
) -> None:
    copy = banking(tmp_path / "copy")
    to = tmp_path / "rows.jsonl"
    arguments = [
        "data",
        "fetch",
        "banking77",
        "--split",
        "test",
        "--from",
        str(copy),
        "--to",
        str(to),
        "--json",
    ]
    assert run(arguments) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 2
    assert run(["data", "openings", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"openings": {}}
