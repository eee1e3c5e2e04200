"""The paired comparison of two recorded runs, by metric and slice, down to the rows that changed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from evals.rows import ALL, Example, Prediction, Run
from evals.running.figures import Figure, by_example, figures, metrics, slices
from evals.running.store import Recorded, by_id
from evals.scorers.directions import direction
from evals.scorers.reading import said
from evals.statistics.bootstrap import DRAWS
from evals.statistics.paired import PairedDifference, paired_difference
from evals.statistics.power import detectable_difference
from pipelines.errors import DataError

ChangeKind = Literal["fixed", "broken", "both_wrong"]
SHOWN_CHARS = 400
SHOWN_PASSAGES = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric over one slice: new minus old, and how much of the slice each run measured.

    Attributes:
        detectable: the true difference that these pairs would show four times in five.
    """

    metric: str
    slice: str
    paired: PairedDifference
    old_coverage: float | None
    new_coverage: float | None
    detectable: float | None

    @property
    def gain(self) -> PairedDifference:
        """The same turned so that more is better, for metrics of which less is."""
        return self.paired if direction(self.metric) == "higher" else self.paired.reversed()

    def as_dict(self) -> dict[str, Any]:
        """As JSON; ``better`` and ``worse`` are rows by the metric's own direction."""
        paired, found = self.paired, self.paired.difference.as_dict()
        return {
            "metric": self.metric, "slice": self.slice, "old": paired.old, "new": paired.new,
            "difference": found["value"], "low": found["low"], "high": found["high"], "p": paired.p,
            "test": paired.test, "pairs": found["n"], "clusters": found["clusters"],
            "better": self.gain.better, "worse": self.gain.worse, "ties": paired.ties,
            "old_coverage": self.old_coverage, "new_coverage": self.new_coverage,
            "detectable": self.detectable,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row whose outcome changed, or that both runs got wrong, with both texts and their difference."""

    example_id: str
    kind: ChangeKind
    old: float
    new: float
    old_text: str
    new_text: str
    diff: tuple[str, ...]
    slices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences of two runs, the changed rows of one metric, and rows that only one run measured."""

    old: Run
    new: Run
    primary: str
    differences: tuple[Difference, ...]
    rows: tuple[RowChange, ...]
    unpaired: tuple[str, ...]

    def of(self, metric: str, part: str = ALL) -> Difference | None:
        """The difference of one metric over one slice, or None when it was not scored."""
        return next((d for d in self.differences if d.metric == metric and d.slice == part), None)


def compare(
    old: Recorded, new: Recorded, primary: str | None = None, *, draws: int = DRAWS, seed: int = 0
) -> Comparison:
    """Compare two runs, paired by example; epochs are averaged within an example before anything else.

    Args:
        primary: the metric whose changed rows are listed; the first of the new run without it.

    Raises:
        DataError: the runs were made on different data, or share no metric.
    """
    if old.run.dataset.sha256 != new.run.dataset.sha256:
        raise DataError(
            f"The runs {old.run.id} and {new.run.id} were made on different data "
            f"({old.run.dataset.name} {old.run.dataset.sha256[:8]} and {new.run.dataset.name} "
            f"{new.run.dataset.sha256[:8]}).",
            mend="Evaluate both on the same rows.",
        )
    shared = [name for name in metrics(new.scores) if name in set(metrics(old.scores))]
    if not shared:
        raise DataError("The runs share no metric.", mend="Score both with the same scorers.")
    chosen = primary or shared[0]
    if chosen not in shared:
        raise DataError(f"Not both runs have the metric {chosen!r}.", mend=f"Shared: {', '.join(shared)}.")
    covered = [{(f.metric, f.slice): f for f in figures(side, draws=1)} for side in (old, new)]
    differences = [found for name in shared for found in _differences(old, new, name, covered, draws, seed)]
    unpaired = next((d.paired.unpaired for d in differences if d.metric == chosen and d.slice == ALL), ())
    return Comparison(
        old.run, new.run, chosen, tuple(differences), tuple(_changes(old, new, chosen)), unpaired
    )


def _differences(
    old: Recorded, new: Recorded, metric: str, covered: Sequence[Mapping[tuple[str, str], Figure]],
    draws: int, seed: int,
) -> Iterator[Difference]:  # fmt: skip
    before, after = by_example(old.scores, metric), by_example(new.scores, metric)
    clusters = {example.id: example.cluster for example in new.examples}
    for part, ids in slices(new.examples).items():
        kept = set(ids)
        pair = paired_difference(
            {i: v for i, v in before.items() if i in kept}, {i: v for i, v in after.items() if i in kept},
            clusters, draws=draws, seed=seed,
        )  # fmt: skip
        if not pair.difference.n:
            continue
        coverage = [one.coverage if (one := side.get((metric, part))) else None for side in covered]
        spread = float(np.std([after[i] - before[i] for i in ids if i in before and i in after]))
        yield Difference(
            metric, part, pair, coverage[0], coverage[1],
            detectable_difference(pair.difference.clusters, spread),
        )  # fmt: skip


def _changes(old: Recorded, new: Recorded, metric: str) -> Iterator[RowChange]:
    sign = 1.0 if direction(metric) == "higher" else -1.0
    before, after = by_example(old.scores, metric), by_example(new.scores, metric)
    texts = [{p.example_id: p for p in reversed(side.predictions)} for side in (old, new)]
    examples = by_id(new.examples)
    # A metric that punishes has its floor below nothing: there, 0 is an answer withheld and not a wrong one.
    floor = min([0.0, *(sign * value for value in (*before.values(), *after.values()))])
    for id_ in sorted(before.keys() & after.keys()):
        kind = _kind(sign * before[id_], sign * after[id_], floor)
        if kind:
            yield _change(examples[id_], kind, (before[id_], after[id_]), [side.get(id_) for side in texts])


def _kind(old: float, new: float, floor: float) -> ChangeKind | None:
    if new != old:
        return "fixed" if new > old else "broken"
    return "both_wrong" if old <= floor else None


def _change(
    example: Example, kind: ChangeKind, values: tuple[float, float], asked: Sequence[Prediction | None]
) -> RowChange:
    old, new = (_text(one) for one in asked)
    words = (
        [step for step in difflib.ndiff(old.split(), new.split()) if step[0] in "+-"] if old != new else []
    )
    return RowChange(
        example.id, kind, *values, old[:SHOWN_CHARS], new[:SHOWN_CHARS], tuple(words[:80]), example.slices
    )  # fmt: skip


def _text(prediction: Prediction | None) -> str:
    if prediction is None:
        return "(not asked)"
    if prediction.error is not None:
        return f"(error: {prediction.error})"
    shown = said(prediction)
    if shown:
        return shown
    if "intent" in prediction.output and not isinstance(prediction.output["intent"], dict):
        return str(prediction.output["intent"])
    if "hits" in prediction.output:
        return ", ".join(prediction.documents[:SHOWN_PASSAGES]) or "(nothing found)"
    silence = prediction.output.get("silence") or {}
    return f"(silence: {silence.get('reason', 'no answer')})"
