"""A file of lines, read by number."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class Lines:
    """Reads one line at a time through a memory map.

    Args:
        path: the lines.  offsets: int64 ``(n + 1,)``, where each line starts and the last one ends.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_lines(folder / "a.txt", folder / "a.npy", ["colis", "reçu"])
        >>> Lines(folder / "a.txt", folder / "a.npy")[1]
        'reçu'
    """

    def __init__(self, path: Path, offsets: Path) -> None:
        self._offsets: NDArray[np.int64] = np.load(offsets)
        # An empty file cannot be mapped.
        self._bytes = np.memmap(path, np.uint8, mode="r").data if self._offsets[-1] else memoryview(b"")

    def __getitem__(self, number: int) -> str:
        start, end = int(self._offsets[number]), int(self._offsets[number + 1]) - 1
        return str(self._bytes[start:end], "utf-8")


def write_lines(path: Path, offsets: Path, lines: Iterable[str]) -> None:
    """Write lines, none of which holds a line break, and where they start."""
    starts = [0]
    with path.open("wb") as stream:
        for line in lines:
            starts.append(starts[-1] + stream.write(line.encode() + b"\n"))
    np.save(offsets, np.array(starts, np.int64))
