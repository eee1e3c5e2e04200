"""Who is champion: the run whose bundle is served, and the one before it."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from evals.rows import Row
from pipelines.errors import DataError
from pipelines.writing import write_json

FILE = "champion.json"


class Champion(Row):
    """The promoted run and its bundle.

    Example:
        >>> Champion(run="r1", bundle="0123456789ab").bento
        ''
    """

    run: str
    bundle: str
    bento: str = ""


class Throne(Row):
    """The champion, and whom a rollback puts back."""

    champion: Champion
    previous: Champion | None = None


def throne(home: Path) -> Throne | None:
    """Who was promoted; None before the first promotion.

    Raises:
        DataError: the file is damaged.
    """
    path = home / FILE
    if not path.exists():
        return None
    try:
        return Throne.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        raise DataError(f"{FILE} is damaged.", mend="Delete it and promote again.") from None


def crown(home: Path, champion: Champion) -> None:
    """Make a champion; the one before becomes ``previous``."""
    before = throne(home)
    previous = before.champion if before and before.champion.bundle != champion.bundle else None
    if previous is None and before is not None:
        previous = before.previous
    write_json(home / FILE, Throne(champion=champion, previous=previous).model_dump(mode="json"))
