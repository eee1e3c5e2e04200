"""One call from a system and rows to a recorded run with figures: what notebooks and the command line use."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from evals.comparing.run_report import write_run_report
from evals.rows import DatasetRef, Example, Prediction, Run, Score
from evals.running.budget import Budget
from evals.running.cache import Cache
from evals.running.journal import FILE
from evals.running.runner import Outcome, run_system
from evals.running.store import RUNS, Recorded, by_id, keeping, new_id, save
from evals.running.systems import System
from evals.running.unfinished import BEGUN, alone, begin, end, read_begun
from pipelines.errors import DataError
from pipelines.hashing import sha256_file
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is settled before a run begins: its id, and the command that goes on with it.

    Example:
        >>> Plan("20260101-000000-aaaaaa").again
        ''
    """

    run_id: str
    again: str = ""


class Scorer(Protocol):
    """What judges one prediction; see :class:`evals.scorers.measuring.RowScorer`."""

    names: tuple[str, ...]

    def score(self, example: Example, prediction: Prediction) -> list[Score]:
        """One score for each of ``names``."""


def evaluate(
    system: System,
    examples: Sequence[Example],
    dataset: DatasetRef,
    scorers: Sequence[Scorer],
    settings: Settings,
    *,
    question: str,
    name: str = "",
    notes: str = "",
    epochs: int = 1,
    budget: Budget | None = None,
    cache: Cache | None = None,
    resume: str | None = None,
    plan: Plan | None = None,
    progress: Progress | None = None,
) -> Recorded:
    """Ask, score and record; the run is saved under ``HOME/runs`` and returned.

    Args:
        question: the experiment that the run belongs to.  notes: what changed, in a person's words.
        resume: the id of an interrupted run to go on with; a new one is made without it.
        plan: the id that a new run gets, and the command that goes on with it once it is interrupted.

    Raises:
        DataError: there is no unfinished run ``resume``, another process is at it, or the disk is full; else
            see :func:`evals.running.runner.run_system`.
    """
    plan = plan or Plan(new_id())
    folder = settings.home / RUNS / (resume or plan.run_id)
    if resume is not None:
        refuse_unless_begun(folder)
    begun = _begun(system, dataset, folder, name, question, notes, epochs)
    with alone(folder):
        with keeping(folder / BEGUN):
            begin(folder, begun, len(examples) * epochs, plan.again)
        outcome = run_system(
            system, examples, dataset, folder, epochs=epochs, budget=budget, cache=cache, progress=progress
        )
        run = _ended(begun, outcome)
        scores = judge(examples, outcome.predictions, scorers)
        recorded = Recorded(run, tuple(examples), outcome.predictions, scores)
        save(recorded, settings.home / RUNS)
        write_run_report(recorded, folder)
        if run.complete:
            end(folder)
    return recorded


def _begun(
    system: System, dataset: DatasetRef, folder: Path, name: str, question: str, notes: str, epochs: int
) -> Run:
    before = read_begun(folder)
    return Run(
        id=folder.name, name=name or system.name, question=question,
        created=datetime.now(UTC).isoformat(timespec="seconds"), dataset=dataset, system=system.describe(),
        prompts=_prompts(system), seeds={"bootstrap": 0}, epochs=epochs, commit=commit(),
        lock_sha256=lock_hash(), notes=notes or (before.run.notes if before else ""),
    )  # fmt: skip


def refuse_unless_begun(folder: Path) -> None:
    """Hold a run that is to go on against what lies there.

    Raises:
        DataError: it is whole already, or there is none.
    """
    if not ((folder / FILE).is_file() or (folder / BEGUN).is_file()):
        why = "is whole already" if (folder / "run.json").is_file() else "does not exist"
        raise DataError(f"The run {folder.name!r} {why}.", mend="Leave --resume out, or list: souffleur runs")


def _ended(begun: Run, outcome: Outcome) -> Run:
    stopped = outcome.stopped and f"Stopped by its {outcome.stopped}."
    errors = sum(one.error is not None for one in outcome.predictions)
    told = {
        "complete": not stopped, "asked": len(outcome.predictions), "errors": errors,
        "notes": " ".join(filter(None, (begun.notes, stopped))),
    }  # fmt: skip
    return begun.model_copy(update=told)


def rescore(recorded: Recorded, scorers: Sequence[Scorer]) -> Recorded:
    """The same predictions judged by other scorers; nothing is asked again."""
    scores = judge(recorded.examples, recorded.predictions, scorers)
    return Recorded(recorded.run, recorded.examples, recorded.predictions, scores)


def judge(
    examples: Sequence[Example], predictions: Sequence[Prediction], scorers: Sequence[Scorer]
) -> tuple[Score, ...]:
    """Every scorer's scores of every prediction, in their order."""
    known = by_id(examples)
    return tuple(
        score for prediction in predictions for scorer in scorers
        for score in scorer.score(known[prediction.example_id], prediction)
    )  # fmt: skip


def commit() -> str:
    """The commit of this checkout, with ``+`` when files differ from it; empty outside of one."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if head and _git("status", "--porcelain", "--untracked-files=no") else "")
    except OSError:
        return ""


def lock_hash() -> str:
    """SHA-256 of the lock file, or nothing where there is none."""
    lock = ROOT / "requirements.lock"
    return sha256_file(lock) if lock.is_file() else ""


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def _prompts(system: System) -> dict[str, str]:
    assistant: Any = getattr(system, "assistant", None)
    own: dict[str, str] = getattr(system, "prompts", {})
    return dict(assistant.bundle.prompts) if assistant is not None else own
