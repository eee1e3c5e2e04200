"""Analyses of whole runs against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.analyses.calibration import auroc, calibration
from evals.analyses.confusion import Confusion
from evals.analyses.selective import risk_coverage


def test_the_curve_of_a_toy() -> None:
    curve = risk_coverage([0.9, 0.7, 0.5, 0.3], [False, True, False, True])
    assert curve.coverage == (0.25, 0.5, 0.75, 1.0)
    assert curve.risk == (0.0, 0.5, 0.3333, 0.5)
    assert curve.aurc == pytest.approx((0 + 0.5 + 1 / 3 + 0.5) / 4, abs=1e-6)
    assert curve.coverage_at(0.1) == 0.25
    assert curve.coverage_at(0.34) == 0.75
    assert curve.threshold_at(0.34) == 0.5
    assert curve.risk_at(0.6) == 0.3333


def test_no_bar_cuts_through_equal_confidence() -> None:
    curve = risk_coverage([0.5, 0.5, 0.5, 0.1], [True, False, False, False])
    assert curve.coverage == (0.75, 1.0)
    assert curve.threshold_at(0.1) is None
    assert risk_coverage([], []).aurc is None
    assert risk_coverage([], []).risk_at(0.5) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40))
def test_the_last_point_is_the_risk_of_answering_all(rows: list[tuple[float, bool]]) -> None:
    curve = risk_coverage([sure for sure, _ in rows], [bad for _, bad in rows])
    assert curve.coverage[-1] == 1.0
    assert curve.risk[-1] == pytest.approx(np.mean([bad for _, bad in rows]), abs=1e-4)
    assert 0 <= (curve.aurc or 0) <= 1


def test_calibration_of_a_toy() -> None:
    found = calibration([0.9, 0.9, 0.1, 0.1], [1, 0, 0, 0], bins=10)
    assert found.ece == pytest.approx((0.4 * 2 + 0.1 * 2) / 4)
    assert found.brier == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)
    assert found.brier == pytest.approx(found.reliability - found.resolution + found.uncertainty)
    assert [b.count for b in found.bins] == [2, 2]
    mass = calibration([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], bins=2, edges="mass")
    assert [b.count for b in mass.bins] == [2, 2]


@pytest.mark.parametrize("sure", [[], [1.2], [float("nan")]])
def test_what_is_no_probability_is_refused(sure: list[float]) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        calibration(sure, [1] * len(sure))


def test_auroc_counts_ties_half() -> None:
    assert auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5], [True]) is None


def test_confusion_by_hand() -> None:
    found = Confusion.of(["a", "a", "a", "b", "c"], ["a", "a", "b", "b", "a"])
    assert found.labels == ("a", "b", "c")
    assert found.counts == ((2, 1, 0), (0, 1, 0), (1, 0, 0))
    by = {figures.label: figures for figures in found.by_label()}
    assert by["a"].precision == pytest.approx(2 / 3)
    assert by["c"].precision is None
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 0) / 3, abs=1e-4)
    assert found.worst(1)[0][2] == 1
    assert Confusion.of([], []).macro_f1 is None
