"""Where the answers of a run were lost, by slice: retrieval, drafting or deciding, and on which rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evals.running.figures import slices
from evals.running.store import Recorded
from evals.scorers.blame import STAGES, Stage, blame
from evals.scorers.reading import task
from evals.statistics.wilson import share


@dataclass(frozen=True, slots=True)
class BlameSplit:
    """The answerable rows of one slice by the stage that lost them.

    Attributes:
        rows: ids by stage; ``none`` are those that were answered right.
        unknown: answerable rows of which the record cannot tell, those that failed among them.

    Example:
        >>> split = BlameSplit("all", {"none": ("a", "b", "c"), "retrieval": ("d",)}, ())
        >>> split.shares()["retrieval"]["value"]
        0.25
    """

    slice: str
    rows: dict[Stage, tuple[str, ...]]
    unknown: tuple[str, ...]

    @property
    def n(self) -> int:
        """Rows of which a stage is known."""
        return sum(len(ids) for ids in self.rows.values())

    def shares(self) -> dict[str, dict[str, Any]]:
        """Share of each stage with its Wilson interval; they sum to 1."""
        return {stage: share(len(self.rows.get(stage, ())), self.n) for stage in STAGES}

    def as_dict(self) -> dict[str, Any]:
        """As JSON; ids only of what was lost."""
        lost = {stage: list(ids) for stage, ids in self.rows.items() if stage != "none"}
        return {"slice": self.slice, "shares": self.shares(), "lost": lost, "unknown": list(self.unknown)}


def blame_splits(recorded: Recorded) -> list[BlameSplit]:
    """The split of all rows, then of each slice that holds an answerable one; of the first epoch."""
    first = {p.example_id: p for p in recorded.predictions if p.epoch == 0}
    asked = {e.id: e for e in recorded.examples if e.id in first and task(e) == "answer"}
    stages = {id_: blame(example, first[id_]) for id_, example in asked.items()}
    splits = []
    for name, ids in slices(recorded.examples).items():
        own = [id_ for id_ in ids if id_ in asked]
        rows = {stage: tuple(id_ for id_ in own if stages[id_] == stage) for stage in STAGES}
        if own:
            splits.append(BlameSplit(name, rows, tuple(id_ for id_ in own if stages[id_] is None)))
    return splits
