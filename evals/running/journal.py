"""Predictions as they come, one line each: after a kill, all but the line being written are there."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from pydantic import ValidationError

from evals.rows import Prediction
from pipelines.errors import DataError
from pipelines.hashing import canonical

FILE = "predictions.part.jsonl"


class Journal:
    """The unfinished predictions of one run.

    Args:
        folder: the run's.  identity: what the predictions depend on; a journal of another is refused.

    Example:
        >>> Journal(Path("runs/a"), {"system": "s"}).path.name
        'predictions.part.jsonl'
    """

    def __init__(self, folder: Path, identity: dict[str, object]) -> None:
        self.path = folder / FILE
        self.head = canonical(identity)

    def read(self) -> dict[tuple[str, int], Prediction]:
        """What is there already, by example and epoch; a torn last line is cut off.

        Raises:
            DataError: the journal is of another system or other data.
        """
        if not self.path.exists():
            return {}
        raw = self.path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) < len(raw):
            with self.path.open("r+b") as stream:
                stream.truncate(len(whole))
        # Not splitlines(): JSON leaves U+2028 and its like as they are, and they end no line of ours.
        lines = whole.decode("utf-8").split("\n")[:-1]
        if lines and lines[0] != self.head:
            raise DataError(
                f"{self.path.name} was begun by another system or on other data.",
                mend="Start a new run, or remove the folder of this one.",
            )
        try:
            rows = [Prediction.model_validate_json(line) for line in lines[1:]]
        except ValidationError:
            raise DataError(f"{self.path.name} is damaged.", mend="Remove the run's folder.") from None
        return {(row.example_id, row.epoch): row for row in rows}

    @contextmanager
    def writing(self) -> Iterator[FileIO]:
        """Open it to append; the head is written first when it is new."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = not self.path.exists() or not self.path.stat().st_size
        # Unbuffered: after a full disk nothing is left that closing would try to write again.
        with FileIO(self.path, "ab") as stream:
            if fresh:
                self.append(stream, self.head)
            yield stream

    def append(self, stream: FileIO, line: str) -> None:
        """Write one line through to the system.

        Raises:
            DataError: the disk is full; the lines before are kept.
        """
        try:
            rest = line.encode("utf-8") + b"\n"
            while rest:
                rest = rest[stream.write(rest) :]
            os.fsync(stream.fileno())
        except OSError as error:
            raise unwritable(self.path, error) from None


def unwritable(path: Path, error: OSError) -> DataError:
    """What is said of a file of a run that the disk refuses."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    why = "the disk is full" if full else error.strerror
    return DataError(
        f"{path.parent.name}/{path.name} cannot be written ({why}).",
        mend=f"{'Make room' if full else 'Mend that'} and resume the run: what was answered is kept.",
    )


def answered(folder: Path) -> int:
    """How many predictions the journal of a run's folder holds; a torn last line is none."""
    try:
        return max(0, (folder / FILE).read_bytes().count(b"\n") - 1)
    except OSError:
        return 0
