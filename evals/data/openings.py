"""How often the test part of a set was opened: each look is written down, so that the tenth is visible."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from pipelines.hashing import canonical

FILE = "openings.jsonl"


def record_opening(home: Path, name: str, by: str) -> int:
    """Write one opening down; returns how many there are of that set now.

    Args:
        by: what opened it, for instance ``evaluate suggest``.
    """
    home.mkdir(parents=True, exist_ok=True)
    line = canonical({"set": name, "by": by, "at": datetime.now(UTC).isoformat(timespec="seconds")})
    # Appending one short line is whole or nothing, also between two processes.
    with (home / FILE).open("a", encoding="utf-8") as stream:
        stream.write(line + "\n")
    return openings(home)[name]


def openings(home: Path) -> dict[str, int]:
    """Openings by set; a line that was torn is passed over."""
    found: dict[str, int] = {}
    path = home / FILE
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            name = str(json.loads(line)["set"])
        except (ValueError, KeyError, TypeError):
            continue
        found[name] = found.get(name, 0) + 1
    return found
