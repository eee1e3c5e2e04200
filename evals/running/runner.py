"""Rows x epochs -> predictions: resumable row by row, within a budget, with errors kept on their rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.rows import DatasetRef, Example, Prediction
from evals.running.budget import Budget
from evals.running.cache import Cache
from evals.running.journal import Journal
from evals.running.systems import System
from pipelines.errors import DataError, SouffleurError

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Predictions in the order of examples and epochs, and why they are not all there (empty: they are)."""

    predictions: tuple[Prediction, ...]
    stopped: str = ""


def run_system(
    system: System,
    examples: Sequence[Example],
    dataset: DatasetRef,
    folder: Path,
    *,
    epochs: int = 1,
    budget: Budget | None = None,
    cache: Cache | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Ask a system every example, ``epochs`` times each.

    Each prediction is on disk before the next is asked; called again with the same folder, only what is
    missing is asked. An exception is recorded on its row, by its type alone.

    Raises:
        DataError: the folder holds another run, the disk is full, or a replayed answer was never recorded.
    """
    identity = {"system": system.describe(), "dataset": dataset.sha256, "epochs": epochs}
    journal, cache, budget = Journal(folder, identity), cache or Cache(None), budget or Budget()
    done = journal.read()
    wanted = [(example, epoch) for example in examples for epoch in range(epochs)]
    stopped = ""
    with journal.writing() as stream:
        for number, (example, epoch) in enumerate(wanted, 1):
            if (example.id, epoch) in done:
                continue
            if reason := budget.exhausted():
                stopped = f"budget of {reason}"
                break
            prediction = ask(system, example, epoch, cache)
            if not prediction.cached:
                budget.spend(prediction.usage)
            journal.append(stream, prediction.line())
            done[example.id, epoch] = prediction
            if progress:
                progress("ask", number, len(wanted))
    answered = [(example.id, epoch) for example, epoch in wanted]
    return Outcome(tuple(done[key] for key in answered if key in done), stopped)


def ask(system: System, example: Example, epoch: int, cache: Cache) -> Prediction:
    """One prediction, remembered when it is the system's own: no error, and nothing that stood in for it.

    Raises:
        DataError: a replay meets what was never recorded.
    """
    key = cache.key({"system": system.describe(), "inputs": example.inputs}, epoch)
    if (known := cache.get(key)) is not None:
        return Prediction.model_validate({**known, "example_id": example.id, "cached": True})
    try:
        prediction = system.predict(example, epoch)
    except SouffleurError as error:
        # Our own errors name no customer; a library's might.
        return Prediction(example_id=example.id, epoch=epoch, error=f"{type(error).__name__}: {error}")
    except Exception as error:
        return Prediction(example_id=example.id, epoch=epoch, error=type(error).__name__)
    if prediction.example_id != example.id:
        raise DataError(f"The system {system.name!r} answered another row.", mend="Mend its predict().")
    if prediction.error is None and not prediction.stood_in:
        cache.put(key, prediction.model_dump(mode="json"))
    return prediction
