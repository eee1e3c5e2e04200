"""The runner: predictions on disk one by one, and nothing lost to kills, budgets or crashing rows."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from toys import DATA, Counting, Right, examples

from evals.evaluate import evaluate, rescore
from evals.rows import Example, Prediction, Score
from evals.running.budget import Budget
from evals.running.cache import Cache
from evals.running.epochs import by_epoch, pass_hat_k, spread
from evals.running.figures import by_example, figures, slices
from evals.running.journal import FILE
from evals.running.runner import run_system
from evals.running.store import RUNS, list_runs, load_run
from evals.scorers.measuring import Found, RowScorer
from pipelines.errors import DataError
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_an_error_stays_on_its_row_and_names_nobody(tmp_path: Path) -> None:
    outcome = run_system(Counting(fail="q1"), examples(), DATA, tmp_path)
    assert [p.error for p in outcome.predictions] == [None, "ValueError", None, None]
    assert "4970" not in (tmp_path / FILE).read_text(encoding="utf-8")


def test_what_is_there_is_not_asked_again_and_a_torn_line_is(tmp_path: Path) -> None:
    first = Counting()
    run_system(first, examples()[:3], DATA, tmp_path)
    with (tmp_path / FILE).open("ab") as stream:
        stream.write(b'{"example_id":"q3","out')
    again = Counting()
    outcome = run_system(again, examples(), DATA, tmp_path)
    assert again.asked == [("q3", 0)]
    assert [p.example_id for p in outcome.predictions] == ["q0", "q1", "q2", "q3"]


def test_another_system_may_not_go_on_with_a_run(tmp_path: Path) -> None:
    run_system(Counting(), examples(), DATA, tmp_path)
    with pytest.raises(DataError, match="Start a new run, or remove the folder"):
        run_system(Counting("2"), examples(), DATA, tmp_path)
    with pytest.raises(DataError, match="another system or on other data"):
        run_system(Counting(), examples(), DATA.model_copy(update={"sha256": "1" * 64}), tmp_path)


def test_a_killed_run_keeps_every_finished_row(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        sys.path[:0] = [sys.argv[2], sys.argv[3]]
        from toys import DATA, Counting, examples
        from evals.running.runner import run_system
        class Slow(Counting):
            def predict(self, example, epoch=0):
                time.sleep(0.05)
                return super().predict(example, epoch)
        run_system(Slow(), examples(400), DATA, Path(sys.argv[1]))
        """
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(ROOT), str(ROOT / "tests")])
    part = tmp_path / FILE
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (part.exists() and part.read_bytes().count(b"\n") > 5):
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    kept = part.read_bytes().count(b"\n") - 1
    assert kept >= 5
    rest = Counting()
    outcome = run_system(rest, examples(400), DATA, tmp_path)
    assert len(outcome.predictions) == 400
    assert len(rest.asked) == 400 - kept


def test_a_full_disk_keeps_what_was_answered(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import resource, signal, sys
        from pathlib import Path
        sys.path[:0] = [sys.argv[2], sys.argv[3]]
        from toys import DATA, Counting, examples
        from evals.running.runner import run_system
        from pipelines.errors import DataError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
        try:
            run_system(Counting(), examples(400), DATA, Path(sys.argv[1]))
        except DataError as error:
            sys.stdout.write(str(error))
            sys.stdout.flush()
        """
    )
    assert resource.RLIMIT_FSIZE is not None
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), str(ROOT), str(ROOT / "tests")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "disk is full" in done.stdout
    outcome = run_system(Counting(), examples(400), DATA, tmp_path)
    assert len(outcome.predictions) == 400


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        (Budget(calls=2), "calls"), (Budget(tokens=15), "tokens"), (Budget(money=1.0), "money"),
        (Budget(seconds=0), "seconds"),
    ],
)  # fmt: skip
def test_a_budget_stops_between_rows(tmp_path: Path, budget: Budget, reason: str) -> None:
    outcome = run_system(Counting(), examples(), DATA, tmp_path, budget=budget)
    assert reason in outcome.stopped
    assert len(outcome.predictions) == (0 if reason == "seconds" else 2)
    with pytest.raises(DataError, match="negative"):
        Budget(calls=-1)


def test_the_cache_answers_by_content_and_epoch_and_forgets_errors(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    first = Counting(fail="q1")
    run_system(first, examples(), DATA, tmp_path / "a", epochs=2, cache=Cache(path, "record"))
    again = Counting()
    outcome = run_system(again, examples(), DATA, tmp_path / "b", epochs=2, cache=Cache(path, "record"))
    assert again.asked == [("q1", 0), ("q1", 1)]
    assert [p.cached for p in outcome.predictions].count(True) == 6
    assert outcome.predictions[0].output != outcome.predictions[1].output  # an epoch is not another's copy
    replayed = Counting()
    run_system(replayed, examples(), DATA, tmp_path / "c", epochs=2, cache=Cache(path, "replay"))
    assert replayed.asked == []
    with pytest.raises(DataError, match="never recorded"):
        run_system(Counting("2"), examples(), DATA, tmp_path / "d", cache=Cache(path, "replay"))
    with pytest.raises(DataError, match="no cache"):
        Cache(tmp_path / "none.sqlite", "replay")
    (tmp_path / "bad.sqlite").write_text("not a database " * 100)
    with pytest.raises(DataError, match="cannot be used"):
        Cache(tmp_path / "bad.sqlite", "record")


def test_a_run_is_read_again_as_it_was(settings: Settings) -> None:
    recorded = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy", epochs=2)
    again = load_run(recorded.run.id, settings.home / RUNS)
    assert again == recorded
    assert load_run("latest", settings.home / RUNS).run.id == recorded.run.id
    assert [run.id for run in list_runs(settings.home / RUNS)] == [recorded.run.id]
    assert not (settings.home / RUNS / recorded.run.id / FILE).exists()
    with pytest.raises(DataError, match="no run 'nope'"):
        load_run("nope", settings.home / RUNS)
    (settings.home / RUNS / recorded.run.id / "scores.jsonl").write_text("{broken\n")
    with pytest.raises(DataError, match=r"scores\.jsonl, line 1"):
        load_run(recorded.run.id, settings.home / RUNS)


def test_an_interrupted_run_is_partial_and_goes_on(settings: Settings) -> None:
    part = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy", budget=Budget(calls=2))
    assert not part.run.complete
    assert "budget of calls" in part.run.notes
    whole = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy", resume=part.run.id)
    assert whole.run.complete
    assert whole.run.asked == 4


def test_only_an_unfinished_run_goes_on(settings: Settings) -> None:
    whole = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy")
    for run_id, says in ((whole.run.id, "is whole already"), ("nope", "does not exist")):
        with pytest.raises(DataError, match=says):
            evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy", resume=run_id)
    assert not (settings.home / RUNS / "nope").exists()


def test_a_line_separator_in_an_answer_ends_no_line(tmp_path: Path) -> None:
    class Odd(Counting):
        def predict(self, example: Example, epoch: int = 0) -> Prediction:
            said = super().predict(example, epoch)
            return said.model_copy(update={"output": {"text": "un\u2028deux\x85trois"}})

    first = run_system(Odd(), examples(), DATA, tmp_path)
    assert run_system(Odd(), examples(), DATA, tmp_path) == first


def test_what_a_cache_answers_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    run_system(Counting(), examples(), DATA, tmp_path / "a", cache=Cache(path))
    budget = Budget(calls=1)
    again = run_system(Counting(), examples(), DATA, tmp_path / "b", cache=Cache(path), budget=budget)
    assert (len(again.predictions), again.stopped) == (4, "")


def test_figures_by_slice_with_coverage_beside_each_mean(settings: Settings) -> None:
    recorded = evaluate(Counting(fail="q1"), examples(), DATA, [Right()], settings, question="toy")
    found = {figure.slice: figure for figure in figures(recorded, draws=100)}
    assert found["all"].interval.value == 1.0
    assert found["all"].coverage == 0.75
    assert found["all"].errors == 1
    assert found["lang=fr"].coverage == 1.0
    assert list(slices(recorded.examples)) == ["all", "lang=en", "lang=fr"]


def test_epochs_are_averaged_within_their_row(settings: Settings) -> None:
    recorded = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy", epochs=2)
    assert by_example(recorded.scores, "right") == dict.fromkeys(("q0", "q1", "q2", "q3"), 0.5)
    found = figures(recorded, draws=100)[0]
    assert (found.interval.n, found.pass_hat_k, found.spread) == (4, 0.0, 0.5)
    once = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy")
    assert (figures(once, draws=10)[0].pass_hat_k, figures(once, draws=10)[0].spread) == (None, None)


def test_right_every_time_by_the_metrics_own_direction() -> None:
    def scored(name: str, *values: float | None) -> list[Score]:
        return [
            Score(name=name, example_id="a", epoch=epoch, value=value) if value is not None
            else Score.failed(name, "a", "prediction failed", epoch)
            for epoch, value in enumerate(values)
        ]  # fmt: skip

    def passed(name: str, *values: float | None) -> float | None:
        return pass_hat_k(by_epoch(scored(name, *values), name), ["a"], name)

    assert passed("right", 1.0, 1.0) == 1.0
    assert passed("right", 1.0, None) == 0.0  # an epoch that failed is not passed
    assert passed("pii_leak", 0.0, 0.0) == 1.0  # less is better
    assert passed("pii_leak", 1.0, 1.0) == 0.0
    assert passed("rougeL", 0.7, 0.7) is None  # graded: no row passes or fails
    assert pass_hat_k({}, ["a"], "right") is None
    assert spread(by_epoch(scored("rougeL", 0.2, 0.4), "rougeL"), ["a"]) == pytest.approx(0.1)


def test_other_scorers_judge_without_asking_again(settings: Settings) -> None:
    class Said(RowScorer):
        names = ("said",)

        def measure(self, example: Example, prediction: Prediction) -> Found:
            return {"said": float(prediction.output["said"])}

    recorded = evaluate(Counting(), examples(), DATA, [Right()], settings, question="toy")
    assert {score.name for score in rescore(recorded, [Said()]).scores} == {"said"}


def test_scores_without_value_are_no_zero() -> None:
    assert by_example([Score.unmeasured("right", "a", "silence")], "right") == {}
