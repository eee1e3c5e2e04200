"""How often the test part of a set was opened: each look is written down, so that the tenth is visible.

A look is one run: going on with an interrupted run is the same look. Whoever names a file that holds rows of
a test part opens that part as well, wherever the file lies.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from evals.data.examples import SETS
from evals.data.jsonl import read_rows
from evals.data.manifest import files_of
from pipelines.hashing import canonical

FILE = "openings.jsonl"


def record_opening(home: Path, name: str, by: str, run: str = "") -> int:
    """Write one opening down; returns how many there are of that set now.

    Args:
        by: what opened it, for instance ``evaluate suggest``.  run: the id of the run that looks.
    """
    home.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = canonical({"set": name, "by": by, "run": run, "at": now})
    # Appending one short line is whole or nothing, also between two processes.
    with (home / FILE).open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    return openings(home)[name]


def record_files(files: Iterable[Path], home: Path, datasets: Path, by: str, run: str = "") -> list[str]:
    """Write down each set whose test part has rows in these files; returns their names."""
    names = sets_opened(files, datasets)
    for name in names:
        record_opening(home, name, by, run)
    return names


def sets_opened(files: Iterable[Path], datasets: Path) -> list[str]:
    """The sets of which a test row stands in one of these files: the file itself, a copy, or a part of it.

    Raises:
        DataError: a file cannot be read.
    """
    given = {canonical(row) for file in files for row in read_rows(file)}
    found = []
    for name in SETS:
        tests = [file for file in files_of(name, "test", datasets) if file.is_file()]
        if any(canonical(row) in given for file in tests for row in read_rows(file)):
            found.append(name)
    return found


def openings(home: Path) -> dict[str, int]:
    """Openings by set, one a run; a line that was torn is passed over."""
    told = list(_told(home))
    once = [*dict.fromkeys(one for one in told if one[1]), *(one for one in told if not one[1])]
    return dict(Counter(name for name, _ in once))


def openings_behind(home: Path, run: str, data: str) -> int:
    """How often the test part of what a run asked was opened by now.

    Args:
        data: the run's data: a set, the first rows of one, or a file; of a file, what its rows opened counts.
    """
    sets = {name for name, by in _told(home) if by == run} | {data.partition("-")[0]}
    return max((count for name, count in openings(home).items() if name in sets), default=0)


def _told(home: Path) -> Iterator[tuple[str, str]]:
    path = home / FILE
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            told = json.loads(line)
            yield str(told["set"]), str(told.get("run") or "")
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
