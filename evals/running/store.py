"""Recorded runs on disk, readable with no tool running.

HOME/runs/ID/run.json            what was run on what; written last, so that a run with it is whole
HOME/runs/ID/examples.jsonl      what was asked
HOME/runs/ID/predictions.jsonl   what was answered
HOME/runs/ID/scores.jsonl        how it was scored
HOME/runs/ID/report.md           the figures, what changed and the verdict, for people to read
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from evals.rows import Example, Prediction, Row, Run, Score
from evals.running.journal import unwritable
from evals.running.unfinished import read_begun
from pipelines.errors import DataError
from pipelines.writing import write_json, write_text

RUNS = "runs"
_R = TypeVar("_R", bound=Row)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run with its rows.

    Example:
        >>> Recorded.__slots__
        ('run', 'examples', 'predictions', 'scores')
    """

    run: Run
    examples: tuple[Example, ...]
    predictions: tuple[Prediction, ...]
    scores: tuple[Score, ...]


def new_id() -> str:
    """``YYYYMMDD-HHMMSS-xxxxxxxx``: sorts by time, to the microsecond (in hex), and ends at random."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%d-%H%M%S}-{now.microsecond:05x}{secrets.token_hex(2)[1:]}"


def save(recorded: Recorded, root: Path) -> Path:
    """Write a run under ``root``; returns its folder.

    Raises:
        DataError: the disk refuses; it names the file, and what was there before is kept.
    """
    folder = root / recorded.run.id
    for name, rows in (
        ("examples", recorded.examples), ("predictions", recorded.predictions), ("scores", recorded.scores),
    ):  # fmt: skip
        with keeping(folder / f"{name}.jsonl") as path:
            write_text(path, _lines(rows))
    with keeping(folder / "run.json") as path:
        write_json(path, recorded.run.model_dump(mode="json"))
    return folder


@contextmanager
def keeping(path: Path) -> Iterator[Path]:
    """A file of a run that is being written.

    Raises:
        DataError: the disk refuses; it names the file.
    """
    try:
        yield path
    except OSError as error:
        raise unwritable(path, error) from None


def load_run(name: str | Path, root: Path) -> Recorded:
    """A run by its id, by the beginning of its id, or by its folder; ``latest`` is the newest.

    Raises:
        DataError: there is none, several begin so, or its files are damaged.
    """
    folder = Path(name) if Path(name).joinpath("run.json").is_file() else _found(str(name), root)
    try:
        run = Run.model_validate_json((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        raise DataError(f"The run {folder.name!r} is damaged.", mend="Run the evaluation again.") from None
    return Recorded(
        run, _read(folder, "examples", Example), _read(folder, "predictions", Prediction),
        _read(folder, "scores", Score),
    )  # fmt: skip


def list_runs(root: Path) -> list[Run]:
    """Every run that was scored, newest first; a damaged one is passed over.

    A run that was killed has no scores: see :func:`evals.running.unfinished.unfinished`.
    """
    runs = []
    for path in sorted(root.glob("*/run.json"), reverse=True):
        try:
            runs.append(Run.model_validate_json(path.read_text(encoding="utf-8")))
        except (OSError, ValidationError):
            continue
    return runs


def _found(name: str, root: Path) -> Path:
    known = sorted(path.parent for path in root.glob("*/run.json"))
    if name == "latest" and known:
        return known[-1]
    matching = [folder for folder in known if folder.name.startswith(name) and name]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise DataError(f"{len(matching)} runs begin with {name!r}.", mend="Give more of the id.")
    begun = read_begun(root / name) if name else None
    if begun is not None:
        raise DataError(f"The run {name!r} has no figures yet ({begun.state}).", mend=begun.mend)
    raise DataError(f"There is no run {name!r}.", mend="List them: souffleur runs")


def _lines(rows: Iterable[Row]) -> str:
    return "".join(f"{row.line()}\n" for row in rows)


def _read(folder: Path, name: str, kind: type[_R]) -> tuple[_R, ...]:
    path = folder / f"{name}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise DataError(
            f"The run {folder.name!r} has no readable {path.name}.", mend="Run the evaluation again."
        ) from None
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows += [kind.model_validate_json(line)] if line else []
        except ValidationError:
            raise DataError(
                f"The run {folder.name!r}: {path.name}, line {number} is damaged.",
                mend="Run the evaluation again.",
            ) from None
    return tuple(rows)


def by_id(rows: Sequence[Example]) -> dict[str, Example]:
    """Examples by their id."""
    return {row.id: row for row in rows}
