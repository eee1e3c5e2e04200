"""The command line: help that teaches, one JSON object, one clear line for bad input."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from hostile_model.server import HostileModel, Told

from evals.cli.app import app, run
from evals.cli.report import GateFailed, Report, check_gates, plain, reporting
from pipelines.errors import DataError, SouffleurError

SECRET = "MonMotDePasse42"
HEAVY = {
    "numpy",
    "haystack",
    "bentoml",
    "sklearn",
    "onnxruntime",
    "onnx",
    "tantivy",
    "httpx",
    "uvicorn",
    "fastapi",
}


def commands() -> list[list[str]]:
    """Every command line there is, without arguments."""
    group: Any = typer.main.get_command(app)
    found = []
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        found += [[name, each] for each in inner] if inner else [[name]]
    return found


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_help_of_each_command_shows_an_example(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--help"]) == 0
    assert f"Example: souffleur {' '.join(command)}" in " ".join(capsys.readouterr().out.split())


def test_all_the_promised_commands_are_there() -> None:
    wanted = {"index", "train intents", "suggest", "summarize", "template", "serve", "bundle", "setup", "key"}
    wanted |= {
        f"bench {name}"
        for name in (
            "retrieval",
            "intents",
            "language",
            "answers",
            "canaries",
            "summaries",
            "service",
            "scale",
            "grounded",
            "silence",
            "privacy",
            "statistics",
            "experiment",
            "all",
        )
    }
    assert wanted <= {" ".join(command) for command in commands()}


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; from evals.cli.app import run; run(['--help']);"
    code += f"sys.exit(' '.join({HEAVY!r} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


BAD = {
    "no such command": ["gues"],
    "missing option": ["train", "intents"],
    "unknown option": ["key", "--nope"],
    "wrong type": ["serve", "--port", "http"],
    "nothing to say": ["suggest"],
    "both text and thread": ["suggest", SECRET, "--thread", "t.json"],
    "no bundle": ["suggest", SECRET],
    "empty context": ["suggest", SECRET, "--context", SECRET],
    "too long": ["suggest", SECRET * 2_000],
    "wrong language": ["suggest", SECRET, "--lang", "xx"],
    "no such thread": ["summarize", "missing.jsonl"],
    "no such folder": ["index", "missing"],
    "a file for a folder": ["index", __file__],
    "no UTF-8": ["suggest", SECRET + "\udcff"],
    "no such canaries": ["bench", "canaries", "--rows", "missing.jsonl"],
    "no such training file": ["train", "intents", "--train", "missing.jsonl"],
    "neither thread nor intent": ["template"],
    "list and roll back": ["bundle", "--list", "--rollback"],
    "nothing to go back to": ["bundle", "--rollback"],
    "nothing to freeze": ["bundle"],
    "not this machine": ["bench", "service", "--url", "http://example.com"],
}


@pytest.mark.parametrize("arguments", BAD.values(), ids=list(BAD))
def test_bad_input_is_one_clear_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err
    assert SECRET not in err


def test_a_wrong_setting_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOUFFLEUR_PORT", "http")
    assert run(["key"]) == 2
    assert "SOUFFLEUR_PORT" in capsys.readouterr().err


def test_a_defect_is_named_without_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr("service.bundle.open_bundle", broken)
    assert run(["suggest", "bonjour"]) == 3
    err = capsys.readouterr().err
    assert "KeyError" in err
    assert SECRET not in err


def test_a_key_is_shown_with_its_hash(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["key", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert hashlib.sha256(made["key"].encode()).hexdigest() == made["sha256"]
    assert run(["key"]) == 0
    assert made["key"] not in capsys.readouterr().out, "each key is new"


def test_json_is_exactly_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(as_json=True) as report:
        sys.stdout.write("a library talks\n")
        report.result({"accuracy": float("nan"), "path": Path("a"), "rows": (1, 2)})
    out, err = capsys.readouterr()
    assert json.loads(out) == {"accuracy": None, "path": "a", "rows": [1, 2]}
    assert out.count("\n") == 1
    assert "a library talks" in err


def test_a_failure_prints_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        with reporting(as_json=True) as report:
            report.result({"half": 1})
            raise DataError("no")

    with pytest.raises(DataError):
        work()
    assert capsys.readouterr().out == ""


def test_index_reports_and_is_incremental(
    tmp_path: Path, own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "help"
    folder.mkdir()
    (folder / "delays.md").write_text(
        "---\nid: delays\nlang: fr\ntitle: Délais\n---\nLa livraison prend 3 jours.\n", encoding="utf-8"
    )
    (folder / "broken.md").write_bytes(b"\xff\xfe\x00\xff")
    assert run(["index", str(folder), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["documents"], first["changed"], len(first["problems"])) == (1, True, 1)
    assert run(["index", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["embedded"] == 0
    assert json.loads((own_home / "made.json").read_text())["knowledge"]["folder"] == str(folder.resolve())
    assert run(["index", str(folder)]) == 0
    assert "nothing had changed" in capsys.readouterr().out


def test_a_folder_without_one_readable_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.md").write_bytes(b"\xff\xfe\x00\xff")
    assert run(["index", str(tmp_path)]) == 2
    assert "could be read" in capsys.readouterr().err


def test_a_list_without_bundles_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["bundle", "--list"]) == 0
    assert "souffleur setup" in capsys.readouterr().out


def test_gates() -> None:
    value = {"accuracy": 0.9, "latency_ms": {"p50": 12}, "unmeasured": None, "note": "x"}
    check_gates(value, ["accuracy=0.9"], ["latency_ms.p50=12"])
    with pytest.raises(GateFailed, match=r"accuracy is 0.9, wanted >= 0.95"):
        check_gates(value, ["accuracy=0.95"], [])
    with pytest.raises(GateFailed, match=r"latency_ms.p50 is 12, wanted <= 10"):
        check_gates(value, [], ["latency_ms.p50=10"])
    with pytest.raises(GateFailed, match="not measured"):
        check_gates(value, ["unmeasured=0"], [])
    for wrong in ("nothing=1", "accuracy", "accuracy=high", "latency_ms.p50.x=1"):
        with pytest.raises(SouffleurError):
            check_gates(value, [wrong], [])


def test_progress_without_a_terminal_is_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Report(as_json=False).progress() as tick:
        for done in range(101):
            tick("embed", done, 100)
    assert capsys.readouterr().err.splitlines() == ["embed ... (100)", "embed: done"]


def test_plain_takes_numpy_scalars() -> None:
    import numpy as np

    assert plain({"a": np.float32("nan"), "b": np.int64(3)}) == {"a": None, "b": 3}


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (Told(status=401), "refused the key"), (Told(status=404), "does not know the address or the model"),
        (Told(""), "answered nothing"), (Told("Bonjour"), "not answer in the form"),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_used_is_one_clear_line(
    told: Told, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with HostileModel(lambda asked: told) as model:
        monkeypatch.setenv("SOUFFLEUR_LLM_BASE_URL", model.url)
        monkeypatch.setenv("SOUFFLEUR_LLM_MODEL", "m")
        monkeypatch.setenv("SOUFFLEUR_LLM_API_KEY", SECRET)
        assert run(["llm", "check"]) == 2
    error = capsys.readouterr().err
    assert line in error
    assert len(error.strip().splitlines()) == 1
    assert SECRET not in error


def test_a_model_that_can_be_used_says_what_it_costs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with HostileModel(lambda asked: Told('{"query": "délai de livraison ?"}')) as model:
        monkeypatch.setenv("SOUFFLEUR_LLM_BASE_URL", model.url)
        monkeypatch.setenv("SOUFFLEUR_LLM_MODEL", "mistral-small-latest")
        assert run(["llm", "check", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["models"][0]
    assert row["usage"]["money"] == pytest.approx(1000 * 1e-7 + 100 * 3e-7)
    assert row["without"] == []
