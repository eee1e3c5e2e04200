"""The workbench on the command line: evaluate, look, compare, gate; and its answers to bad input."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from evals.cli.app import run
from evals.data.jsonl import write_rows
from service.freezing import freeze

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


def test_a_component_without_that_setting_is_named(
    home: Path, asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", "suggest", "--examples", str(asked), "--change", "decide.nope=1"]) == 2
    assert "'decide' has no 'nope'" in capsys.readouterr().err
