"""Two systems on the same rows: the mean difference with its interval, and how rows changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evals.statistics.bootstrap import DRAWS, Interval, Method, bootstrap_mean
from evals.statistics.mcnemar import mcnemar
from evals.statistics.permutation import sign_flip


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """New minus old over the rows that both measured.

    Attributes:
        difference: the mean difference with its cluster-bootstrap interval.
        p: two-sided; exact McNemar for 0/1 rows that stand alone, else sign flips of cluster sums.
        test: which of the two.  better, worse, ties: rows.
        unpaired: ids that only one of the two measured.
    """

    difference: Interval
    old: float | None
    new: float | None
    p: float | None
    test: str
    better: int
    worse: int
    ties: int
    unpaired: tuple[str, ...] = ()

    def reversed(self) -> PairedDifference:
        """Old minus new: a gain where less is better.

        Example:
            >>> paired_difference({"a": 1.0}, {"a": 0.0}, draws=100).reversed().better
            1
        """
        found = self.difference
        value, low, high = (None if end is None else -end for end in (found.value, found.high, found.low))
        return replace(
            self, difference=replace(found, value=value, low=low, high=high), old=self.new, new=self.old,
            better=self.worse, worse=self.better,
        )  # fmt: skip


def paired_difference(
    old: Mapping[str, float],
    new: Mapping[str, float],
    clusters: Mapping[str, str] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    method: Method = "percentile",
) -> PairedDifference:
    """Compare two mappings of row id to value, paired by id; rows of several epochs are averaged before.

    Example:
        >>> found = paired_difference({"a": 0.0, "b": 1.0}, {"a": 1.0, "b": 1.0, "c": 0.0}, draws=100)
        >>> found.better, found.worse, found.ties, found.unpaired
        (1, 0, 1, ('c',))
    """
    ids = sorted(old.keys() & new.keys())
    unpaired = tuple(sorted(old.keys() ^ new.keys()))
    if not ids:
        return PairedDifference(Interval(None, None, None, 0, 0), None, None, None, "", 0, 0, 0, unpaired)
    before, after = (np.array([side[i] for i in ids], np.float64) for side in (old, new))
    change = after - before
    groups = [clusters.get(i, i) for i in ids] if clusters else ids
    p, test = _test(before, after, groups, seed)
    return PairedDifference(
        bootstrap_mean(change, groups, draws=draws, seed=seed, method=method),
        float(before.mean()), float(after.mean()), p, test,
        int((change > 0).sum()), int((change < 0).sum()), int((change == 0).sum()), unpaired,
    )  # fmt: skip


def _test(before: np.ndarray, after: np.ndarray, groups: Sequence[str], seed: int) -> tuple[float, str]:
    binary = bool(np.isin(before, (0, 1)).all() and np.isin(after, (0, 1)).all())
    if binary and len(set(groups)) == len(groups):
        return mcnemar(int((after > before).sum()), int((after < before).sum())), "exact McNemar"
    return sign_flip(after - before, groups, seed=seed), "sign-flip permutation"
