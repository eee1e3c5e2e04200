"""Which rows of a run have no answer or no score, and what to do about it; no words of a row are repeated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.running.store import Recorded, by_id

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 5
JUDGES = ("off the", "the judge")
"""How the reasons begin that are the judge's doing; any other is the row's."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One row, where it comes from, and why something of it is missing.

    Example:
        >>> str(Problem("q7", "rows.jsonl", "ValidationError"))
        "rows.jsonl, the row 'q7': ValidationError"
    """

    row: str
    source: str
    why: str

    def __str__(self) -> str:
        return f"{self.source or 'the run'}, the row {self.row!r}: {self.why}"

    def as_dict(self) -> dict[str, str]:
        """As JSON."""
        return {"row": self.row, "source": self.source, "why": self.why}


def unanswered(recorded: Recorded) -> list[Problem]:
    """The rows on which the system failed, by the type of the error."""
    known = by_id(recorded.examples)
    return [
        Problem(one.example_id, known[one.example_id].source, one.error)
        for one in recorded.predictions if one.error is not None
    ]  # fmt: skip


def unjudged(recorded: Recorded, metrics: Collection[str]) -> list[Problem]:
    """The rows to which a judge gave no value that counts: none, none on its scale, or a failure."""
    known = by_id(recorded.examples)
    return [
        Problem(score.example_id, known[score.example_id].source, f"{score.name}: {score.reason}")
        for score in recorded.scores
        if score.name in metrics and (score.status == "error" or score.reason.startswith(JUDGES))
    ]  # fmt: skip


def tell(console: Console, problems: Sequence[Problem], what: str, mend: str) -> None:
    """Say how many there are, the first few, and the mend; nothing when there are none."""
    if problems:
        console.print(f"{len(problems)} {what}", markup=False)
        for problem in problems[:SHOWN]:
            console.print(f"  {problem}", markup=False, soft_wrap=True)
        if len(problems) > SHOWN:
            console.print(f"  ... and {len(problems) - SHOWN} more; all with --json.")
        console.print(f"  {mend}", markup=False, soft_wrap=True)
