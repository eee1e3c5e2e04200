"""Runs that were begun and are not whole: killed, stopped by a budget or a full disk, or still going.

HOME/runs/ID/begun.json   the run as it was begun, how many answers it wants, and the command that goes on
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import ValidationError

from evals.rows import Run
from evals.running.journal import FILE, answered
from pipelines.errors import DataError
from pipelines.writing import write_json

BEGUN = "begun.json"
LOCK = "going.lock"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A run that is not whole.

    Attributes:
        run: as it was begun; ``asked`` counts the answers that are on disk.
        wanted: answers of the whole run, rows times epochs.
        again: the command that goes on with it; empty when it was begun by a program.
        going: a process is at it now.

    Example:
        >>> Unfinished.__slots__
        ('run', 'wanted', 'again', 'going')
    """

    run: Run
    wanted: int
    again: str
    going: bool

    @property
    def state(self) -> str:
        """``stopped at 12 of 300``, or ``going, 12 of 300``."""
        return f"{'going,' if self.going else 'stopped at'} {self.run.asked} of {self.wanted}"

    @property
    def mend(self) -> str:
        """How to have it whole."""
        if self.going:
            return "Wait for it."
        return f"Go on: {self.again}" if self.again else f"Go on: evaluate(..., resume={self.run.id!r})"

    def as_dict(self) -> dict[str, Any]:
        """As JSON: the run, and what of it is there."""
        state = "going" if self.going else "stopped"
        return {
            **self.run.model_dump(mode="json"), "state": state, "wanted": self.wanted, "resume": self.again,
        }  # fmt: skip


def begin(folder: Path, run: Run, wanted: int, again: str) -> None:
    """Say that a run is begun, before its first row is asked; what was said before stays."""
    if not (folder / BEGUN).is_file():
        begun = run.model_copy(update={"complete": False}).model_dump(mode="json")
        write_json(folder / BEGUN, {"run": begun, "wanted": wanted, "again": again})


def end(folder: Path) -> None:
    """The run is whole: only its record stays."""
    for name in (FILE, BEGUN, LOCK):
        (folder / name).unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second process from going on with the same run; a kill gives the lock back.

    Raises:
        DataError: another process is at it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout:
        raise DataError(f"Another process is at the run {folder.name!r}.", mend="Wait for it.") from None


def unfinished(root: Path) -> list[Unfinished]:
    """Every run under ``root`` that is not whole, newest first; a damaged one is passed over."""
    found = (read_begun(path.parent) for path in sorted(root.glob(f"*/{BEGUN}"), reverse=True))
    return [one for one in found if one is not None]


def read_begun(folder: Path) -> Unfinished | None:
    """The unfinished run of a folder; None when there is none."""
    try:
        told = json.loads((folder / BEGUN).read_text(encoding="utf-8"))
        run, wanted, again = Run.model_validate(told["run"]), int(told["wanted"]), str(told["again"])
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        return None
    return Unfinished(run.model_copy(update={"asked": answered(folder)}), wanted, again, _going(folder))


def _going(folder: Path) -> bool:
    if not (folder / LOCK).exists():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True
