"""`souffleur optimise` on the command line, with its record in MLflow and its prompt in a bundle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.cli.app import run
from evals.data.jsonl import write_rows
from evals.tracking.optimising import QUESTION
from evals.tracking.store import client
from pipelines.settings import Settings, load_settings
from service.bundle import open_bundle
from service.freezing import freeze

MESSAGES = {
    "velo": ["mon vélo grince", "le vélo freine mal", "vélo crevé", "roue du vélo voilée", "vélo volé",
             "le vélo ne roule plus", "selle du vélo cassée", "guidon du vélo tordu", "pédale perdue"],
    "facture": ["la facture svp", "il me faut une facture", "facture fausse", "facture au nom de ma société",
                "où est la facture", "facture en double", "facture sans TVA", "facture jamais reçue",
                "copie de facture"],
    "oos": ["quel temps fait-il", "tu vas bien", "une pizza", "le bus est en retard", "qui es-tu",
            "j'ai mal au dos", "vends voiture", "bon match hier", "c'est quand noël"],
}  # fmt: skip


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any, str]:
    code = run(arguments)
    out, err = capsys.readouterr()
    return code, json.loads(out) if out.strip() else None, err


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    rows = [(text, label) for label, said in MESSAGES.items() for text in said]
    train = [{"text": t, "intent": i, "lang": "fr"} for n, (t, i) in enumerate(rows) if n % 3]
    kept = [{"text": t, "intent": i, "lang": "fr"} for n, (t, i) in enumerate(rows) if n % 3 == 0]
    write_rows(tmp_path / "train.jsonl", train)
    write_rows(tmp_path / "kept.jsonl", kept)
    return ["--train", str(tmp_path / "train.jsonl"), "--held-out", str(tmp_path / "kept.jsonl")]


def test_a_prompt_is_optimised_recorded_and_served(
    own_home: Path, small_bundle: Path, files: list[str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("SOUFFLEUR_MLRUNS", str(tmp_path / "mlruns"))
    freeze({path.name: path for path in small_bundle.iterdir()}, own_home, model="test")
    arguments = ["optimise", "classify", "--optimiser", "labeled", "--budget", "80", "--demos", "12", *files]
    code, value, err = told(capsys, *arguments, "--json")
    assert (code, value["parity"] if value["better_found"] else None) in (
        (0, {"rows": 9, "equal": 1.0}), (0, None)
    )  # fmt: skip
    assert "vélo" not in err  # DSPy would print the rows that it is asked
    settings: Settings = load_settings()
    with client(settings) as made:
        place = made.get_experiment_by_name(QUESTION)
        (found,) = made.search_runs([place.experiment_id])
        assert found.data.params["optimiser"] == "labeled"
        history = made.get_metric_history(found.info.run_id, "validation_value")
        assert len(history) == value["candidates"]
    code, again, _ = told(capsys, *arguments, "--no-track", "--json")
    assert (code, again["calls_not_kept_before"]) == (0, 0)
    assert again["validation"] == value["validation"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["classify", "--budget", "0"], "A budget of 0 calls optimises nothing"),
        (["compose"], "There is no task 'compose'"),
        (["classify", "--optimiser", "simba"], "There is no optimiser 'simba'"),
        (["classify", "--model", "llm"], "No language model is set up"),
        (["classify", "--train", "missing.jsonl"], "missing.jsonl"),
    ],
)
def test_what_cannot_be_is_one_line(
    own_home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    code, _, err = told(capsys, "optimise", *arguments)
    assert code == 2
    assert says in err


def test_a_bundle_takes_another_folder_of_prompts(
    own_home: Path, small_bundle: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import shutil

    from pipelines.generating.prompts import FOLDER, PromptBook, write_prompt

    for name in ("index", "models"):
        shutil.copytree(small_bundle / name, own_home / name)
    folder = tmp_path / "prompts"
    shutil.copytree(FOLDER, folder)
    template = PromptBook.load()["route"].template.replace("Choose the one route", "Choose one route")
    digest = write_prompt("route", template, {"kind": "optimiser", "run": "r"}, folder).sha256
    code, value, err = told(capsys, "bundle", "--prompts", str(folder), "--json")
    assert code == 0, err
    assert open_bundle(own_home / "bundles" / value["bundle"]).prompts["route"] == digest
    (folder / "route.jinja").write_text('{% message role="user" %}x{% endmessage %}')
    code, _, err = told(capsys, "bundle", "--prompts", str(folder))
    assert (code, "was changed since it was pinned" in err) == (2, True)
