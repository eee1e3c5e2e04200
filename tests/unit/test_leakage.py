"""Leaks between splits: by letters, by plain letters, by characters and by meaning; and the demo's sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.cli.app import run
from evals.data.jsonl import write_rows
from evals.data.leakage import Side, check_files, check_set, leaks
from pipelines.embedding import Encoder
from pipelines.errors import DataError
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PADDING = ["le chat dort sur le canapé", "my invoice shows the wrong address", "quiero cambiar la talla"]


def side(name: str, *texts: str) -> Side:
    return Side.of(name, [{"id": f"{name}{n}", "text": text} for n, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("Où est mon colis ?", "Où est\u00a0mon colis ?", "exact"),
        ("Où est mon colis 12 ?", "ou est mon colis... 345", "normalised"),
        ("où est ma commande s'il vous plaît", "ou est donc ma commande, s'il vous plait", "characters"),
    ],
)
def test_the_strictest_likeness_is_told(one: str, other: str, likeness: str) -> None:
    found = leaks(side("a", one, PADDING[0]), side("b", PADDING[1], other))
    assert [(leak.left_id, leak.right_id, leak.likeness) for leak in found] == [("a0", "b1", likeness)]


def test_the_same_in_other_words_is_found_by_meaning_alone(encoder: Encoder) -> None:
    left, right = side("a", "I forgot my password"), side("b", "I don't remember my password", *PADDING)
    assert leaks(left, right) == []
    assert [(leak.right_id, leak.likeness) for leak in leaks(left, right, encoder.encode)] == [
        ("b0", "meaning")
    ]


def test_texts_of_signs_alone_resemble_nothing() -> None:
    assert leaks(side("a", "12 !"), side("b", "345 ?")) == []


def test_the_customer_is_compared_and_not_the_agent() -> None:
    rows = [{"turns": [{"role": "customer", "text": "où ?"}, {"role": "agent", "text": "Bonjour"}]}]
    assert Side.of("x", rows).texts == ("où ?",)
    assert Side.of("x", rows).ids == ("row 1",)
    with pytest.raises(DataError, match="x, row 2: nothing that a customer says"):
        Side.of("x", [*rows, {"turns": [{"role": "agent", "text": "Bonjour"}]}])


@pytest.mark.parametrize("name", ["intents", "answers", "threads"])
def test_no_part_of_our_sets_leaks_by_its_letters(name: str) -> None:
    found, rows = check_set(name, ROOT / "datasets")
    assert found == []
    assert len(rows) >= 3


def test_demos_that_are_measured_on_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dev = (ROOT / "datasets" / "intents" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    row = json.loads(dev[0])
    write_rows(tmp_path / "demos.jsonl", [{"text": row["text"].upper() + " !!"}])
    arguments = [
        "data",
        "check",
        "--set",
        "intents",
        "--demos",
        str(tmp_path / "demos.jsonl"),
        "--no-meaning",
    ]
    assert run([*arguments, "--json"]) == 1
    out, err = capsys.readouterr()
    found = json.loads(out)["leaks"]
    assert [(leak["left_id"], leak["right_id"], leak["likeness"]) for leak in found] == [
        ("row 1", row["id"], "normalised")
    ]
    assert "take one of each pair out" in err
    assert row["text"] not in out + err


def test_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_rows(tmp_path / "a.jsonl", [{"text": text} for text in PADDING])
    write_rows(tmp_path / "b.jsonl", [{"query": "quel est le délai de livraison ?"}])
    paths = ["--train", str(tmp_path / "a.jsonl"), "--test", str(tmp_path / "b.jsonl"), "--no-meaning"]
    assert run(["data", "check", *paths]) == 0
    assert "No row stands on two sides" in capsys.readouterr().out
    write_rows(tmp_path / "b.jsonl", [{"query": PADDING[0]}])
    assert run(["data", "check", *paths]) == 1
    assert "exact" in capsys.readouterr().out
    assert check_files(tmp_path / "a.jsonl", tmp_path / "b.jsonl")[0][0].right_id == "row 1"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--train", "a.jsonl"], "--train and --test together"),
        (["--train", "a.jsonl", "--test", "a.jsonl"], "given as both sides"),
        (["--set", "nope"], "no set 'nope'"),
        (["--set", "templates"], "single part"),
        (["--train", "none.jsonl", "--test", "b.jsonl"], "none.jsonl"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(["data", "check", "--no-meaning", *arguments]) == 2
    line = capsys.readouterr().err.strip()
    assert says in line
    assert "\n" not in line


def test_openings_are_counted_aloud(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from evals.data.openings import record_opening

    record_opening(own_home, "answers", "a test")
    assert run(["data", "openings", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"openings": {"answers": 1}}


def test_a_test_file_given_by_path_is_an_opening_with_its_run(settings: Settings, tmp_path: Path) -> None:
    from evals.data.openings import openings, record_files, record_opening
    from evals.served import load_rows

    source = settings.datasets / "answers" / "test.jsonl"
    load_rows("suggest", "dev", settings, source, run_id="r1")
    copy = tmp_path / "mine.jsonl"
    copy.write_bytes(source.read_bytes().splitlines(keepends=True)[3])
    load_rows("suggest", "dev", settings, copy, run_id="r2")
    load_rows("suggest", "dev", settings, settings.datasets / "answers" / "dev.jsonl", run_id="r3")
    load_rows("suggest", "test", settings, run_id="r4")
    lines = [json.loads(line) for line in (settings.home / "openings.jsonl").read_text().splitlines()]
    assert [(line["set"], line["run"], line["by"]) for line in lines] == [
        ("answers", run_id, "evaluate suggest") for run_id in ("r1", "r2", "r4")
    ]
    record_opening(settings.home, "answers", "evaluate suggest", "r4")  # gone on with: the same look
    assert openings(settings.home) == {"answers": 3}
    messages = [settings.datasets / "intents" / f"{part}.jsonl" for part in ("dev", "test")]
    assert record_files(messages, settings.home, settings.datasets, "a bench") == ["intents"]


def test_a_bench_on_a_test_file_is_an_opening(own_home: Path, settings: Settings, tmp_path: Path) -> None:
    from evals.data.openings import openings

    lines = (settings.datasets / "intents" / "test.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "some.jsonl").write_bytes(lines[0])
    limit = ("--at-least", "rows=2", "--json")
    assert run(["bench", "language", "--test", str(tmp_path / "some.jsonl"), *limit]) == 1
    assert openings(own_home) == {"intents": 1}
