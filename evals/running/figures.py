"""The figures of a run: every mean with its interval, and how many rows it was measured on, by slice."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from evals.rows import ALL, Example, Score
from evals.running.epochs import by_epoch, pass_hat_k, spread
from evals.running.store import Recorded, by_id
from evals.statistics.bootstrap import DRAWS, Interval, bootstrap_mean

NOT_ASKED = frozenset(
    {
        "not applicable",
        "another task",
        "no gold passage",
        "no gold intent",
        "out of scope",
        "not silent",
        "no reference",
        "no evidence given",
        "no sections in the reference",
        "no language given",
        "no checkable fact",
        "no quoted span",
        "nothing personal",
        "none of this type",
    }
)
"""Reasons that say that a metric is not about the row: such rows are not missing from its mean."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean of one metric over one slice.

    Attributes:
        interval: of the mean over examples, epochs averaged within each, clusters resampled.
        coverage: share of the rows that the metric is about that have a value; None when it is about none.
        errors: rows whose scorer or system failed.
        pass_hat_k, spread: over the epochs, of a run that has several; see :mod:`evals.running.epochs`.
    """

    metric: str
    slice: str
    interval: Interval
    coverage: float | None
    errors: int
    pass_hat_k: float | None = None
    spread: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        shares = {"coverage": self.coverage, "pass_hat_k": self.pass_hat_k, "spread": self.spread}
        return {
            "metric": self.metric, "slice": self.slice, **self.interval.as_dict(), "errors": self.errors,
            **{name: None if share is None else round(share, 6) for name, share in shares.items()},
        }  # fmt: skip


def slices(examples: Iterable[Example]) -> dict[str, list[str]]:
    """``all``, then ``facet=value`` -> ids, in order of name."""
    found: dict[str, list[str]] = {ALL: []}
    for example in examples:
        found[ALL].append(example.id)
        for facet, value in example.slices.items():
            found.setdefault(f"{facet}={value}", []).append(example.id)
    return {ALL: found.pop(ALL), **dict(sorted(found.items()))}


def by_example(scores: Iterable[Score], metric: str) -> dict[str, float]:
    """Example -> its value, averaged over epochs; rows without a value are left out."""
    values: dict[str, list[float]] = defaultdict(list)
    for score in scores:
        if score.name == metric and score.value is not None:
            values[score.example_id].append(score.value)
    return {example: fmean(found) for example, found in values.items()}


def metrics(scores: Iterable[Score]) -> list[str]:
    """Names of the metrics, in the order in which they were first scored."""
    return list(dict.fromkeys(score.name for score in scores))


def figures(recorded: Recorded, draws: int = DRAWS, seed: int = 0) -> list[Figure]:
    """All metrics over all slices of a run."""
    for run, asked, found in _KNOWN:
        if run is recorded and asked == (draws, seed):
            return list(found)
    made = tuple(_figures(recorded, draws, seed))
    _KNOWN.append((recorded, (draws, seed), made))
    return list(made)


_KNOWN: deque[tuple[Recorded, tuple[int, int], tuple[Figure, ...]]] = deque(maxlen=4)
"""The last ones: a run's table, its report and its MLflow page want the same resampling one after another."""


def _figures(recorded: Recorded, draws: int, seed: int) -> Iterator[Figure]:
    examples, parts = by_id(recorded.examples), slices(recorded.examples)
    grouped: dict[str, list[Score]] = defaultdict(list)
    for score in recorded.scores:
        grouped[score.name].append(score)
    for metric in metrics(recorded.scores):
        values, states = by_example(grouped[metric], metric), _states(grouped[metric])
        repeated = by_epoch(grouped[metric], metric) if recorded.run.epochs > 1 else {}
        for name, ids in parts.items():
            kept = [i for i in ids if i in values]
            about = [i for i in ids if states.get(i, "") != "not asked"]
            if not about:
                continue
            yield Figure(
                metric, name,
                bootstrap_mean(
                    [values[i] for i in kept], [examples[i].cluster for i in kept], draws=draws, seed=seed
                ),
                len(kept) / len(about), sum(states.get(i) == "error" for i in about),
                pass_hat_k(repeated, ids, metric), spread(repeated, ids),
            )  # fmt: skip


def _states(scores: Sequence[Score]) -> Mapping[str, str]:
    states = {}
    for score in scores:
        if score.status == "error":
            states[score.example_id] = "error"
        elif score.status == "unmeasured" and score.reason in NOT_ASKED:
            states.setdefault(score.example_id, "not asked")
        else:
            states.setdefault(score.example_id, score.status)
    return states
