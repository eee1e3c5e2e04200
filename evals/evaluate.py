"""One call from a system and rows to a recorded run with figures: what notebooks and the command line use."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from evals.rows import DatasetRef, Example, Prediction, Run, Score
from evals.running.budget import Budget
from evals.running.cache import Cache
from evals.running.journal import FILE
from evals.running.runner import run_system
from evals.running.store import RUNS, Recorded, by_id, new_id, save
from evals.running.systems import System
from pipelines.errors import DataError
from pipelines.hashing import sha256_file
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
Progress = Callable[[str, int, int], None]


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
    run_id: str | None = None,
    progress: Progress | None = None,
) -> Recorded:
    """Ask, score and record; the run is saved under ``HOME/runs`` and returned.

    Args:
        question: the experiment that the run belongs to.  notes: what changed, in a person's words.
        run_id: of an interrupted run to go on with; a new one is made without it.

    Raises:
        DataError: there is no unfinished run ``run_id``; else see :func:`evals.running.runner.run_system`.
    """
    id_ = run_id or new_id()
    folder = settings.home / RUNS / id_
    if run_id is not None and not (folder / FILE).is_file():
        why = "is whole already" if (folder / "run.json").is_file() else "does not exist"
        raise DataError(f"The run {run_id!r} {why}.", mend="Leave --resume out, or list: souffleur runs")
    outcome = run_system(
        system, examples, dataset, folder, epochs=epochs, budget=budget, cache=cache, progress=progress
    )
    run = Run(
        id=id_, name=name or system.name, question=question,
        created=datetime.now(UTC).isoformat(timespec="seconds"), dataset=dataset, system=system.describe(),
        prompts=_prompts(system), seeds={"bootstrap": 0}, epochs=epochs, commit=commit(),
        lock_sha256=lock_hash(), complete=not outcome.stopped, asked=len(outcome.predictions),
        errors=sum(p.error is not None for p in outcome.predictions),
        notes=" ".join(filter(None, (notes, outcome.stopped and f"Stopped by its {outcome.stopped}."))),
    )  # fmt: skip
    recorded = Recorded(
        run, tuple(examples), outcome.predictions, judge(examples, outcome.predictions, scorers)
    )
    save(recorded, settings.home / RUNS)
    if run.complete:
        (folder / FILE).unlink(missing_ok=True)
    return recorded


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
