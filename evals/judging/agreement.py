"""Agreement of two who say yes or no: Cohen's kappa, its parts and its interval (Cohen 1960)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.statistics.bootstrap import DRAWS

CELLS = ("both_yes", "only_judge", "only_human", "both_no")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a judge agrees with people, beyond chance.

    Attributes:
        kappa: in [-1, 1]; None when one of them always says the same of rows on which both agree by force.
        low, high: 95 % interval over clusters of rows; None without a kappa.
        confusion: counts of :data:`CELLS`.
        human_rate, judge_rate: share of yes; where one is extreme, raw agreement flatters.

    Example:
        >>> made = agreement([True, True, False, False], [True, False, False, False])
        >>> made.kappa, made.agreed, made.confusion["only_human"]
        (0.5, 0.75, 1)
    """

    n: int
    kappa: float | None
    low: float | None
    high: float | None
    agreed: float | None
    human_rate: float | None
    judge_rate: float | None
    confusion: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """As JSON, rounded to six digits."""
        names = ("n", "kappa", "low", "high", "agreed", "human_rate", "judge_rate", "confusion")
        values = {name: getattr(self, name) for name in names}
        return {k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()}


def agreement(
    human: Sequence[bool], judge: Sequence[bool], clusters: Sequence[str] | None = None, seed: int = 0
) -> Agreement:
    """The agreement of two lists of equal length.

    Args:
        clusters: rows that resample together; each alone when None.

    Raises:
        ValueError: the lists are not of one length.
    """
    if len(human) != len(judge) or (clusters is not None and len(clusters) != len(human)):
        raise ValueError("each row needs both verdicts, and its cluster")
    cell = [0 if h and j else 1 if j else 2 if h else 3 for h, j in zip(human, judge, strict=True)]
    _, member = np.unique(np.array(clusters if clusters else range(len(cell)), str), return_inverse=True)
    counts = np.zeros((int(member.max()) + 1 if len(member) else 0, 4))
    np.add.at(counts, (member, np.array(cell, np.intp)), 1.0)
    total = counts.sum(axis=0)
    n = len(cell)
    (kappa,) = kappas(total[None, :])
    low, high = _interval(counts, seed) if np.isfinite(kappa) else (None, None)
    return Agreement(
        n=n, kappa=float(kappa) if np.isfinite(kappa) else None, low=low, high=high,
        agreed=float(total[0] + total[3]) / n if n else None,
        human_rate=float(total[0] + total[2]) / n if n else None,
        judge_rate=float(total[0] + total[1]) / n if n else None,
        confusion={name: int(count) for name, count in zip(CELLS, total, strict=True)},
    )  # fmt: skip


def kappas(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Kappa of each row of counts, shape ``(k, 4)`` in the order of :data:`CELLS`; NaN where undefined."""
    yes, only_judge, only_human, no = counts.T
    n = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        human, judge = (yes + only_human) / n, (yes + only_judge) / n
        chance = human * judge + (1 - human) * (1 - judge)
        made: NDArray[np.float64] = ((yes + no) / n - chance) / (1 - chance)
    return np.where(chance < 1 - 1e-12, made, np.nan)


def _interval(counts: NDArray[np.float64], seed: int) -> tuple[float, float]:
    size = len(counts)
    weights = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=DRAWS)
    drawn = kappas(weights @ counts)
    # Where all drawn rows are of one kind there is no kappa; such draws say nothing of it.
    low, high = np.percentile(drawn[np.isfinite(drawn)], [2.5, 97.5])
    return float(low), float(high)
