"""MLflow's record: readable again from its store alone, with intervals, without anything personal."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from toys import DATA, Counting, Right, examples

from evals.cli.app import run
from evals.comparing.compare import compare
from evals.comparing.gate_rules import GateRules
from evals.deciding import judge_runs
from evals.evaluate import evaluate
from evals.rows import DatasetRef, Example, Prediction, Run, Score
from evals.running.store import RUNS, Recorded, load_run, save
from evals.running.systems import SuggestSystem
from evals.tracking.record import log_run, read_run, redacted, table_rows
from evals.tracking.registry import bundle_of, mirror_prompt, register_bundle
from evals.tracking.store import client
from evals.tracking.tracer import trace_sample
from evals.tracking.verdicts import read_verdicts, record_verdict
from pipelines.assistant import Assistant
from pipelines.errors import DataError
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CANARIES = (
    "camille.rostang@exemple.fr", "06 42 48 61 11", "FR1420041010050500013M02606", "CF-24871093", "Rostang",
)  # fmt: skip


@pytest.fixture
def tracked(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings.model_copy(update={"mlruns": tmp_path_factory.mktemp("mlruns")})


def personal() -> Recorded:
    """A run whose question and answer are full of personal data."""
    text = (
        "Bonjour, je m'appelle Camille Rostang, camille.rostang@exemple.fr, 06 42 48 61 11, "
        "IBAN FR1420041010050500013M02606, commande CF-24871093"
    )
    example = Example(
        id="p1", inputs={"thread": [{"role": "customer", "text": text}]}, expected={"answerable": False},
        slices={"lang": "fr"},
    )  # fmt: skip
    said = {"suggestions": [{"text": f"Merci. {text}", "kind": "answer"}], "silence": None}
    run_ = Run(
        id="20260101-000000-aaaaaa", name="suggest", question="personal", created="2026-01-01",
        dataset=DatasetRef(name="own.jsonl", split="all", sha256="c" * 64, rows=1),
        system={"system": "suggest"},
    )  # fmt: skip
    scores = (Score(name="utility", example_id="p1", value=-1.0),)
    return Recorded(run_, (example,), (Prediction(example_id="p1", output=said),), scores)


def test_a_run_is_read_again_from_mlflow_alone(tracked: Settings) -> None:
    recorded = evaluate(Counting(), examples(), DATA, [Right()], tracked, question="toy", notes="first")
    id_ = log_run(recorded, tracked)
    assert log_run(recorded, tracked) == id_  # logged once
    assert read_run(id_, tracked) == redacted(recorded)
    with client(tracked) as made:
        kept = made.get_run(id_)
        names = {"right", "right_ci_low", "right_ci_high", "right_n", "right_coverage"}
        assert names <= kept.data.metrics.keys()
        assert kept.data.params["dataset_sha256"] == DATA.sha256
        assert "first" in kept.data.tags["mlflow.note.content"]
        children = made.search_runs([kept.info.experiment_id], f"tags.`mlflow.parentRunId` = '{id_}'")
        assert {child.data.tags["slice"] for child in children} == {"lang=en", "lang=fr"}
        assert {a.path for a in made.list_artifacts(id_)} >= {"rows", "tables"}
        assert kept.inputs.dataset_inputs[0].dataset.digest == DATA.sha256[:32]


def test_a_run_of_several_epochs_says_what_is_right_every_time(tracked: Settings) -> None:
    recorded = evaluate(Counting(), examples(), DATA, [Right()], tracked, question="toy", epochs=2)
    id_ = log_run(recorded, tracked)
    with client(tracked) as made:
        kept = made.get_run(id_).data
        assert (kept.metrics["right_pass_hat_k"], kept.metrics["right_spread"]) == (0.0, 0.5)
        assert kept.params["epochs"] == "2"


def test_each_run_has_a_report_that_mlflow_shows_too(tracked: Settings) -> None:
    old = evaluate(Counting(), examples(), DATA, [Right()], tracked, question="toy", notes="as served")
    new = evaluate(Counting("2", fail="q1"), examples(), DATA, [Right()], tracked, question="toy", notes="v2")
    report = tracked.home / RUNS / new.run.id / "report.md"
    alone = report.read_text(encoding="utf-8")
    assert f"# counting {new.run.id}" in alone
    assert "| right | all | 1.000 [1.000, 1.000] | 3 | 75% | 1 |" in alone
    assert "What changed" not in alone
    id_ = log_run(new, tracked)
    compared = compare(old, new, draws=10)
    assert log_run(new, tracked, compared=compared) == log_run(new, tracked, compared=compared) == id_
    told = report.read_text(encoding="utf-8")
    assert f"## What changed against {old.run.id}" in told
    assert "- version: `1` became `2`" in told
    with client(tracked) as made:
        assert Path(made.download_artifacts(id_, "report.md")).read_text(encoding="utf-8") == told
    rules = GateRules.model_validate({"primary": {"metric": "right", "minimum_pairs": 50}, "guards": []})
    verdict = judge_runs(old.run.id, new.run.id, rules, tracked)[0]
    log_run(new, tracked, verdict)
    with client(tracked) as made:
        page = made.get_run(id_).data.tags["mlflow.note.content"]
        shown = Path(made.download_artifacts(id_, "report.md")).read_text(encoding="utf-8")
    assert verdict.decision.upper() in page
    assert f"## Verdict: {verdict.decision.upper()}" in shown
    assert shown == report.read_text(encoding="utf-8")


def test_nothing_personal_reaches_mlflow(tracked: Settings) -> None:
    recorded = personal()
    log_run(recorded, tracked, compared=compare(recorded, recorded, draws=10))
    written = [path.read_bytes() for path in tracked.mlruns.rglob("*") if path.is_file()]
    assert len(written) > 4
    for planted in CANARIES:
        assert not any(planted.encode() in content for content in written), planted
    assert "[EMAIL]" in table_rows(recorded)[0]["asked"]


def test_traces_have_a_span_a_component_and_carry_verdicts(tracked: Settings, assistant: Assistant) -> None:
    question = "Bonjour, ici Camille Rostang (06 42 48 61 11), quel est le délai de livraison ?"
    asked = Example(id="t1", inputs={"thread": [{"role": "customer", "text": question}]})
    prediction = SuggestSystem(assistant).predict(asked)
    base = personal()
    recorded = Recorded(base.run, (asked,), (prediction,), ())
    save(recorded, tracked.home / RUNS)
    id_ = log_run(recorded, tracked)
    trace_id = trace_sample(SuggestSystem(assistant), [asked], id_, "personal", tracked)["t1"]
    with client(tracked):
        import mlflow

        trace = mlflow.get_trace(trace_id)
        names = [span.name for span in trace.data.spans]
        assert {"understand", "question", "retrieve", "draft", "verify", "decide"} <= set(names)
        assert not any(planted in trace.to_json() for planted in CANARIES)
        verdict, mirrored = record_verdict(recorded.run.id, "t1", "wrong", "lea", "appelle Rostang", tracked)
        assert mirrored
        assert [a.value for a in mlflow.get_trace(trace_id).info.assessments] == ["wrong"]
    assert read_verdicts(recorded.run.id, tracked) == [verdict]
    with pytest.raises(DataError, match="no example 'nope'"):
        record_verdict(recorded.run.id, "nope", "wrong", "lea", "", tracked)


def test_the_registries_keep_versions_and_aliases(tracked: Settings) -> None:
    with pytest.raises(DataError, match="No bundle is registered"):
        bundle_of("champion", tracked)
    id_ = log_run(personal(), tracked)
    assert register_bundle("b1", id_, "champion", tracked) == 1
    assert register_bundle("b2", id_, "challenger", tracked) == 2
    assert register_bundle("b2", id_, "champion", tracked) == 2
    assert bundle_of("champion", tracked) == "b2"
    assert mirror_prompt("draft", "Bonjour {{name}}", "d1", "champion", tracked) == 1
    assert mirror_prompt("draft", "Salut {{name}}", "d2", "champion", tracked) == 2
    assert mirror_prompt("draft", "Bonjour {{name}}", "d1", "champion", tracked) == 1


@pytest.fixture
def copied(tracked: Settings, tmp_path: Path) -> Settings:
    """A home whose database was made before, under another address: MLflow keeps its stores by address."""
    log_run(personal(), tracked)
    (tmp_path / "mlruns").mkdir()
    shutil.copy(tracked.mlruns / "mlflow.db", tmp_path / "mlruns" / "mlflow.db")
    return tracked.model_copy(update={"mlruns": tmp_path / "mlruns"})


def test_a_database_of_an_older_schema_is_named(copied: Settings) -> None:
    with sqlite3.connect(copied.mlruns / "mlflow.db") as store:
        store.execute("UPDATE alembic_version SET version_num = '451aebb31d03'")
    with pytest.raises(DataError, match="schema of another version"):
        log_run(personal(), copied)


def test_a_damaged_database_is_named(copied: Settings) -> None:
    (copied.mlruns / "mlflow.db").write_bytes(b"this is not a database at all " * 200)
    with pytest.raises(DataError, match="damaged"):
        log_run(personal(), copied)


def test_a_full_disk_is_named_and_the_run_is_kept(copied: Settings) -> None:
    """As a process meets it that may write no file longer than a page of the database."""
    body = """
    import resource, signal, sys
    from pathlib import Path
    sys.path[:0] = [sys.argv[1], sys.argv[2]]
    from toys import DATA, Counting, Right, examples
    from evals.evaluate import evaluate
    from evals.tracking.record import log_run
    from pipelines.errors import DataError
    from pipelines.settings import load_settings
    settings = load_settings()
    recorded = evaluate(Counting(), examples(300), DATA, [Right()], settings, question="toy")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        log_run(recorded, settings)
    except DataError as error:
        sys.stdout.write(f"{recorded.run.id} {error}")
        sys.stdout.flush()
    """
    given = {"SOUFFLEUR_HOME": str(copied.home), "SOUFFLEUR_MLRUNS": str(copied.mlruns)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(body), str(ROOT), str(ROOT / "tests")],
        env={**os.environ, **given}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    id_, _, told = done.stdout.partition(" ")
    assert f"The disk of {copied.mlruns} is full. Make room, then log the run again" in told
    assert load_run(id_, copied.home / RUNS).run.asked == 300


def test_a_locked_database_is_named_and_the_run_is_kept(copied: Settings) -> None:
    recorded = evaluate(Counting(), examples(), DATA, [Right()], copied, question="toy")
    holder = sqlite3.connect(copied.mlruns / "mlflow.db")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(DataError, match="locked by another"):
            log_run(recorded, copied)
    finally:
        holder.rollback()
        holder.close()
    assert load_run(recorded.run.id, copied.home / RUNS) == recorded


def test_track_and_review_name_what_is_wrong(own_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["track", "nope"]) == 2
    assert "no run 'nope'" in capsys.readouterr().err
    assert run(["review", "nope", "a", "excellent", "--author", "lea"]) == 2
    assert "'excellent'" in capsys.readouterr().err
