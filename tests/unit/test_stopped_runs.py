"""Runs that were killed or met a full disk: listed with what is there, named, and gone on with."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from toys import DATA, Counting, Right, examples

from evals.cli.app import run
from evals.evaluate import evaluate
from evals.running.budget import Budget
from evals.running.journal import FILE
from evals.running.store import RUNS, list_runs, load_run, new_id
from evals.running.unfinished import BEGUN, LOCK, alone, unfinished
from pipelines.errors import DataError
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SETUP = """
import resource, signal, sys, time
sys.path[:0] = [sys.argv[1], sys.argv[2]]
from toys import DATA, Counting, Right, examples
from evals.evaluate import Plan, evaluate
from pipelines.errors import DataError
from pipelines.settings import load_settings
"""
SLOW = """
class Slow(Counting):
    def predict(self, example, epoch=0):
        time.sleep(0.05)
        return super().predict(example, epoch)
plan = Plan("20260101-000000-aaaaaa", "souffleur evaluate toy --resume 20260101-000000-aaaaaa")
evaluate(Slow(), examples(400), DATA, [Right()], load_settings(), question="toy", notes="slow", plan=plan)
"""
FULL = """
class Wordy(Right):
    names = tuple(f"a_long_name_of_a_metric_{i}" for i in range(20))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
try:
    evaluate(Counting(), examples(300), DATA, [Wordy()], load_settings(), question="toy")
except DataError as error:
    sys.stdout.write(f"{error}")
    sys.stdout.flush()
"""


def test_ids_made_one_after_the_other_sort_in_that_order() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_id())
        time.sleep(0.000_01)
    assert ids == sorted(set(ids))


def script(body: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(SETUP + body), str(ROOT), str(ROOT / "tests")]


def test_a_killed_run_is_listed_as_stopped_and_goes_on(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    child = subprocess.Popen(script(SLOW), env={**os.environ, "SOUFFLEUR_HOME": str(settings.home)})
    id_ = "20260101-000000-aaaaaa"
    part = settings.home / RUNS / id_ / FILE
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (part.exists() and part.read_bytes().count(b"\n") > 5):
        time.sleep(0.05)
    assert [one.going for one in unfinished(settings.home / RUNS)] == [True]
    with pytest.raises(DataError, match="Another process"):
        evaluate(Counting(), examples(400), DATA, [Right()], settings, question="toy", resume=id_)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    kept = part.read_bytes().count(b"\n") - 1
    assert run(["runs", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["runs"][0]
    assert (told["id"], told["state"], told["asked"], told["wanted"]) == (id_, "stopped", kept, 400)
    assert told["complete"] is False
    assert run(["runs"]) == 0
    shown = capsys.readouterr().out
    assert f"{id_} is stopped at {kept} of 400. Go on: souffleur evaluate toy --resume {id_}" in shown
    assert run(["runs", id_]) == 2
    line = capsys.readouterr().err
    assert f"no figures yet (stopped at {kept} of 400)" in line
    assert "--resume" in line
    rest = Counting()
    whole = evaluate(rest, examples(400), DATA, [Right()], settings, question="toy", resume=id_)
    assert (whole.run.asked, len(rest.asked), whole.run.notes) == (400, 400 - kept, "slow")
    assert unfinished(settings.home / RUNS) == []
    assert not {BEGUN, FILE, LOCK} & {path.name for path in part.parent.iterdir()}


def test_a_full_disk_while_a_run_is_saved_names_the_file_and_loses_no_answer(settings: Settings) -> None:
    done = subprocess.run(
        script(FULL), env={**os.environ, "SOUFFLEUR_HOME": str(settings.home)}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    left = unfinished(settings.home / RUNS)
    assert f"{left[0].run.id}/scores.jsonl cannot be written (the disk is full)" in done.stdout
    assert "Make room and resume the run: what was answered is kept." in done.stdout
    assert (left[0].state, left[0].going) == ("stopped at 300 of 300", False)
    assert list_runs(settings.home / RUNS) == []
    again = Counting()
    whole = evaluate(again, examples(300), DATA, [Right()], settings, question="toy", resume=left[0].run.id)
    assert again.asked == []
    assert load_run(whole.run.id, settings.home / RUNS) == whole


def test_a_budget_leaves_a_run_that_is_listed_once(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    part = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy", budget=Budget(calls=2))
    assert run(["runs", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["runs"]
    assert (told["id"], told["state"], told["asked"], told["wanted"]) == (part.run.id, "stopped", 2, 4)
    assert unfinished(settings.home / RUNS)[0].mend == f"Go on: evaluate(..., resume={part.run.id!r})"


def test_a_run_that_a_process_is_at_is_going(settings: Settings) -> None:
    part = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy", budget=Budget(calls=1))
    with alone(settings.home / RUNS / part.run.id):
        (left,) = unfinished(settings.home / RUNS)
    assert (left.state, left.mend) == ("going, 1 of 4", "Wait for it.")
    (settings.home / RUNS / part.run.id / BEGUN).write_text("{torn")
    assert unfinished(settings.home / RUNS) == []


def test_the_command_that_goes_on_is_one_that_a_shell_reads() -> None:
    from evals.served import again

    given = {"--split": "dev", "--examples": "/my rows/a.jsonl", "--epochs": 1, "--limit": None}
    line = again("suggest", given, {"draft": {"name": "a b", "top": 3}}, "ID")
    assert shlex.split(line)[3:] == [
        "--examples", "/my rows/a.jsonl", "--change", "draft.name=a b", "--change", "draft.top=3", "--resume",
        "ID",
    ]  # fmt: skip
