"""Answering some and withholding the rest: risk at coverage (Geifman and El-Yaniv 2017, arXiv:1705.08500)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What answering only the most confident rows would cost, at every bar.

    Attributes:
        coverage, risk, confidence: parallel, from the most confident row on; rows of equal confidence stand
            or fall together. ``risk`` is the share of wrong ones among those answered.
        aurc: area under the curve, the mean risk over all bars; 0 is perfect.

    Example:
        >>> curve = risk_coverage([0.9, 0.8, 0.1], [False, False, True])
        >>> curve.coverage_at(0.1)
        0.6667
    """

    coverage: tuple[float, ...]
    risk: tuple[float, ...]
    confidence: tuple[float, ...]
    aurc: float | None

    def coverage_at(self, risk: float) -> float:
        """The largest share of rows that can be answered with at most this risk."""
        return max((c for c, r in zip(self.coverage, self.risk, strict=True) if r <= risk), default=0.0)

    def risk_at(self, coverage: float) -> float | None:
        """The risk when at least this share is answered; None when there are no rows."""
        return next((r for c, r in zip(self.coverage, self.risk, strict=True) if c >= coverage - 1e-9), None)

    def threshold_at(self, risk: float) -> float | None:
        """The lowest confidence to answer with so that at most this risk is run; None when there is none.

        Choose it on train or dev, and freeze it before test is opened.
        """
        fit = [t for t, r in zip(self.confidence, self.risk, strict=True) if r <= risk]
        return fit[-1] if fit else None


def risk_coverage(confidence: Sequence[float], wrong: Sequence[bool]) -> RiskCoverage:
    """The curve of some rows.

    Args:
        confidence: one a row.  wrong: whether the answer would be.
    """
    sure, bad = np.asarray(confidence, np.float64), np.asarray(wrong, np.float64)
    if not len(sure):
        return RiskCoverage((), (), (), None)
    order = np.argsort(-sure, kind="stable")
    sure, bad = sure[order], bad[order]
    count = np.arange(1, len(sure) + 1)
    # The last row of each group of equal confidence: no bar can cut through them.
    ends = np.append(np.flatnonzero(np.diff(sure)), len(sure) - 1)
    risk = np.cumsum(bad)[ends] / count[ends]
    weight = np.diff(np.concatenate([[0], count[ends]])) / len(sure)
    return RiskCoverage(
        tuple(np.round(count[ends] / len(sure), 4).tolist()), tuple(np.round(risk, 4).tolist()),
        tuple(sure[ends].tolist()), round(float((risk * weight).sum()), 6),
    )  # fmt: skip
