"""The pictures that fit a run, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evals.analyses.calibration import calibration
from evals.analyses.confusion import Confusion
from evals.analyses.readings import confident_answers, judged, labels, latencies
from evals.analyses.selective import risk_coverage
from evals.plots.figures import (
    confusion_plot,
    latency_plot,
    reliability_plot,
    risk_coverage_plot,
    slices_plot,
)
from evals.running.figures import Figure, metrics
from evals.running.store import Recorded

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

SLICED = (
    "utility", "harmless", "intent_correct", "rougeL", "answered", "refusal_correct", "recall@5",
    "pii_recall",
)  # fmt: skip


def pictures(recorded: Recorded, figures: list[Figure]) -> Iterator[tuple[str, Picture]]:
    """Name and picture of everything that the run's rows can show."""
    scored = set(metrics(recorded.scores))
    for metric in SLICED:
        if metric in scored and any(f.metric == metric for f in figures):
            yield f"slices_{metric}", slices_plot(figures, metric)
    if "right" in scored:
        sure, wrong = confident_answers(recorded)
        if sure:
            yield "risk_coverage", risk_coverage_plot(risk_coverage(sure, wrong))
            yield "reliability", reliability_plot(calibration(sure, [not bad for bad in wrong], bins=10))
    if "intent_correct" in scored:
        gold, decided = labels(recorded)
        yield "confusion", confusion_plot(Confusion.of(gold, decided))
        sure, right = judged(recorded, "intent_correct")
        if sure:
            yield "reliability", reliability_plot(calibration(sure, right, bins=10))
    if times := latencies(recorded):
        yield "latency", latency_plot(times)
