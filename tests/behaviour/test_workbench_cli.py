"""The workbench on the command line: evaluate, look, compare, gate; and its answers to bad input."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from evals.cli.app import run
from evals.data.jsonl import write_rows
from evals.running.systems import served_assistant
from pipelines.settings import load_settings
from service.freezing import freeze

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    {"query": "quel est le délai de livraison ?", "gold": [], "answerable": False, "lang": "fr", "id": "a"},
    {"query": "do you sell insurance for boats?", "gold": [], "answerable": False, "lang": "en", "id": "b"},
    {"query": "bonjour", "gold": [], "answerable": False, "lang": "fr", "id": "c"},
]


@pytest.fixture
def home(own_home: Path, small_bundle: Path) -> Path:
    freeze({path.name: path for path in small_bundle.iterdir()}, own_home, model="test")
    return own_home


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    write_rows(tmp_path / "rows.jsonl", ROWS)
    return tmp_path / "rows.jsonl"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    """Exit code, the JSON object, and what was said beside it."""
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, json.loads(out) if out.strip() else None, err


def test_evaluate_compare_and_gate(
    home: Path, asked: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, first, _ = told(capsys, "evaluate", "suggest", "--examples", str(asked), "--json")
    assert code == 0
    assert {f["metric"] for f in first["figures"]} >= {"utility", "harmless", "refusal_correct"}
    code, second, _ = told(
        capsys,
        "evaluate",
        "suggest",
        "--examples",
        str(asked),
        "--change",
        "decide.risk=0.001",
        "--notes",
        "n",
        "--json",
    )
    assert (code, second["notes"]) == (0, "n")
    code, listed, _ = told(capsys, "runs", "--json")
    assert [r["id"] for r in listed["runs"]] == [second["id"], first["id"]]
    code, found, _ = told(capsys, "compare", first["id"], second["id"], "--metric", "utility", "--json")
    assert code == 0
    assert found["primary"] == "utility"
    code, verdict, err = told(
        capsys, "gate", second["id"], first["id"], "--report", str(tmp_path / "g"), "--json"
    )
    assert (code, verdict["decision"]) == (1, "hold")
    assert "gate.md" in err
    assert (tmp_path / "g" / "gate.md").is_file()


def test_a_run_in_words_and_one_that_goes_on(
    home: Path, asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, part, _ = told(
        capsys, "evaluate", "suggest", "--examples", str(asked), "--max-seconds", "0", "--json"
    )
    assert (code, part["complete"], part["asked"]) == (0, False, 0)
    code, listed, _ = told(capsys, "runs", "--json")
    assert (listed["runs"][0]["state"], listed["runs"][0]["wanted"]) == ("stopped", 3)
    code, whole, _ = told(capsys, *shlex.split(listed["runs"][0]["resume"])[1:], "--json")
    assert (whole["id"], whole["complete"], whole["asked"]) == (part["id"], True, 3)
    assert run(["runs", "latest"]) == 0
    assert "utility" in capsys.readouterr().out
    assert run(["runs"]) == 0
    assert "suggest" in capsys.readouterr().out


def test_a_row_that_crashes_the_pipeline_is_named_and_the_others_are_asked(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = {"id": "odd", "thread": [{"role": "parrot", "text": "06 12 34 56 78"}], "answerable": False}
    write_rows(tmp_path / "odd.jsonl", [*ROWS, odd])
    assert run(["evaluate", "suggest", "--examples", str(tmp_path / "odd.jsonl")]) == 0
    out, err = capsys.readouterr()
    assert "1 answers failed, the others are whole:" in out
    assert "odd.jsonl, the row 'odd': ValidationError" in out
    assert "Mend the rows" in out
    assert "06 12" not in out + err
    code, made, _ = told(capsys, "runs", "latest", "--json")
    assert (code, made["asked"], made["errors"]) == (0, 4, 1)
    assert made["failed"] == [{"row": "odd", "source": "odd.jsonl", "why": "ValidationError"}]


def test_runs_on_different_data_are_not_compared(
    home: Path, asked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tmp_path / "fewer.jsonl", ROWS[:2])
    made = [
        told(capsys, "evaluate", "suggest", "--examples", str(path), "--json")[1]["id"]
        for path in (asked, tmp_path / "fewer.jsonl")
    ]
    for command in (["compare", *made], ["gate", *made]):
        assert run(command) == 2
        line = capsys.readouterr().err
        assert "different data (" in line
        assert "fewer.jsonl" in line
        assert "Evaluate both on the same rows." in line


def test_a_changed_set_is_not_evaluated(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(shutil.copytree(ROOT / "datasets", tmp_path / "datasets"))
    file = data / "answers" / "dev.jsonl"
    file.write_bytes(file.read_bytes() + b"\n")
    monkeypatch.setenv("SOUFFLEUR_DATASETS", str(data))
    assert run(["evaluate", "suggest"]) == 2
    line = capsys.readouterr().err
    assert "answers/dev.jsonl is not the file that the manifest names" in line
    assert "python -m evals.data.manifest --write" in line


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"id": "a", "answerable": True}], "rows.jsonl, row 1: neither 'thread' nor 'query'. Give each row"),
        ([], "rows.jsonl: the file has no rows. Each line must be"),
        ([ROWS[0], ROWS[0]], "rows.jsonl, row 2: the id 'a' stands twice, first in row 1. Give each"),
    ],
)
def test_rows_that_cannot_be_asked_are_named(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[dict[str, Any]], says: str
) -> None:
    write_rows(tmp_path / "rows.jsonl", rows)
    assert run(["evaluate", "suggest", "--examples", str(tmp_path / "rows.jsonl")]) == 2
    assert says in capsys.readouterr().err


def test_several_epochs_show_what_is_right_every_time(
    home: Path, asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", "suggest", "--examples", str(asked), "--epochs", "2"]) == 0
    shown = capsys.readouterr().out
    assert "pass^2" in shown
    assert "spread" in shown
    code, again, _ = told(capsys, "runs", "latest", "--json")
    harmless = next(f for f in again["figures"] if (f["metric"], f["slice"]) == ("harmless", "all"))
    assert (code, harmless["pass_hat_k"], harmless["spread"]) == (0, 1.0, 0.0)


def test_retrieval_is_evaluated_as_a_message_meets_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = load_settings()
    store: Any = served_assistant(held).pipeline("suggest").get_component("retrieve")
    known = list(store.store.generation.row_of)[:2]
    rows = [{"id": f"r{i}", "query": id_.replace("-", " "), "gold": [id_]} for i, id_ in enumerate(known)]
    write_rows(tmp_path / "asked.jsonl", rows)
    asked = ("evaluate", "retrieval", "--examples", str(tmp_path / "asked.jsonl"))
    code, made, _ = told(capsys, *asked, "--json")
    assert code == 0
    whole = {f["metric"]: f for f in made["figures"] if f["slice"] == "all"}
    assert whole["recall@10"]["n"] == 2
    assert whole["recall@10"]["value"] > 0
    code, fewer, _ = told(capsys, *asked, "--change", "retrieve.top_k=1", "--json")
    assert (code, fewer["system"]["changes"]) == (0, {"retrieve": {"top_k": 1}})
    code, found, _ = told(capsys, "compare", made["id"], fewer["id"], "--metric", "recall@10", "--json")
    assert (code, found["primary"]) == (0, "recall@10")
    write_rows(tmp_path / "wrong.jsonl", [{"id": "w", "query": "délai ?", "gold": ["nope#x"]}])
    assert run(["evaluate", "retrieval", "--examples", str(tmp_path / "wrong.jsonl")]) == 2
    assert "the row 'w': the bundle's index holds no 'nope#x'" in capsys.readouterr().err


def test_privacy_is_evaluated_on_labelled_rows(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "mon mail : lea.martin@mel.fr"
    spans = [{"start": 11, "end": len(text), "type": "EMAIL"}]
    write_rows(tmp_path / "p.jsonl", [{"id": "p", "text": text, "spans": spans}, {"id": "q", "text": "ok"}])
    code, made, _ = told(capsys, "evaluate", "privacy", "--examples", str(tmp_path / "p.jsonl"), "--json")
    whole = {f["metric"]: (f["value"], f["n"]) for f in made["figures"] if f["slice"] == "all"}
    assert code == 0
    assert whole["pii_recall_EMAIL"] == (1.0, 1)
    assert whole["pii_leak"] == (0.0, 2)
    assert run(["evaluate", "privacy"]) == 2
    assert "No set of the manifest is for privacy. Give labelled rows" in capsys.readouterr().err
    write_rows(tmp_path / "p.jsonl", [{"text": "ok", "spans": [{"start": 0, "end": 9, "type": "NAME"}]}])
    assert run(["evaluate", "privacy", "--examples", str(tmp_path / "p.jsonl")]) == 2
    assert "p.jsonl, row 1: a span is wrong" in capsys.readouterr().err


def test_power_is_said_before_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    code, found, _ = told(capsys, "power", "300", "--json")
    assert code == 0
    assert 0.05 < found["detectable"] < 0.1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["runs", "nope"], "no run 'nope'"),
        (["compare", "a", "b"], "no run 'a'"),
        (["gate", "a", "b"], "no run 'b'"),
        (["gate", "a", "b", "--config", "none.toml"], "'none.toml'"),
        (["evaluate", "nope"], "no system 'nope'"),
        (["evaluate", "suggest", "--split", "nope"], "Unknown split 'nope'"),
        (["evaluate", "suggest", "--change", "nope"], "no PART.NAME=VALUE"),
        (["evaluate", "suggest", "--examples", "none.jsonl"], "none.jsonl"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_that_mends(
    own_home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert run(arguments) == 2
    line = capsys.readouterr().err.strip()
    assert says in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("decide.nope=1", "'decide' has no 'nope'. It has: answering_path, risk"),
        ("nope.risk=1", "no component 'nope'. Known: decide"),
        ("decide.risk=high", "decide.risk is no str. Give a float, for instance 0.1"),
        ("retrieve.top_k=true", "retrieve.top_k is no bool"),
        ("retrieve.fusion=nope", "retrieve.fusion: unknown fusion 'nope'"),
    ],
)
def test_a_change_that_a_component_does_not_take_is_named(
    home: Path, asked: Path, capsys: pytest.CaptureFixture[str], change: str, says: str
) -> None:
    assert run(["evaluate", "suggest", "--examples", str(asked), "--change", change]) == 2
    assert says in capsys.readouterr().err


def test_what_has_no_components_takes_no_change(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "intents", "--change", "decide.risk=0.2"]) == 2
    assert "intents takes no --change" in capsys.readouterr().err
