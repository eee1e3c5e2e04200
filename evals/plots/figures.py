"""One picture a function: each takes what an analysis found and returns a matplotlib figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evals.analyses.calibration import Calibration
from evals.analyses.confusion import Confusion
from evals.analyses.selective import RiskCoverage
from evals.rows import ALL
from evals.running.figures import Figure
from evals.scorers.directions import direction

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Picture

    from evals.comparing.compare import Comparison

INK, ACCENT, QUIET, BAD = "#1b2a3a", "#0b7a75", "#c9d3da", "#c4492d"


def risk_coverage_plot(curve: RiskCoverage, target: float = 0.1) -> Picture:
    """Risk against coverage, with the risk that is aimed at."""
    picture, axes = blank("Risk when only the surest are answered", "share answered", "share wrong")
    if curve.coverage:
        axes.step(curve.coverage, curve.risk, where="post", color=ACCENT, linewidth=2)
        axes.set_ylim(0, max(0.05, *curve.risk, target) * 1.15)
    axes.axhline(target, color=BAD, linestyle="--", linewidth=1)
    axes.annotate(f"aimed at {target:.0%}", (0.02, target), color=BAD, va="bottom")
    axes.set_xlim(0, 1)
    return picture


def reliability_plot(found: Calibration) -> Picture:
    """Share right against confidence; a dot's size is its rows, the diagonal is perfect."""
    picture, axes = blank(f"Reliability (calibration error {found.ece:.3f})", "confidence", "share right")
    axes.plot([0, 1], [0, 1], color=QUIET)
    most = max(b.count for b in found.bins)
    axes.scatter(
        [b.confidence for b in found.bins], [b.accuracy for b in found.bins],
        s=[20 + 180 * b.count / most for b in found.bins], color=ACCENT, alpha=0.85,
    )  # fmt: skip
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    return picture


def confusion_plot(found: Confusion, most: int = 25) -> Picture:
    """The labels that are confused most, gold down and decided across, as shares of the gold rows."""
    import numpy as np

    errors = dict.fromkeys(found.labels, 0)
    for gold, decided, rows in found.worst(10_000):
        errors[gold] += rows
        errors[decided] += rows
    kept = sorted(sorted(errors, key=lambda label: -errors[label])[:most])
    at = [found.labels.index(label) for label in kept]
    counts = np.array([[found.counts[i][j] for j in at] for i in at], float)
    totals = np.array([max(1, sum(found.counts[i])) for i in at])
    picture, axes = blank("Which label is taken for which", "decided", "gold", size=(9, 8))
    axes.imshow(counts / totals[:, None], cmap="BuGn", vmin=0, vmax=1)
    axes.set_xticks(range(len(kept)), kept, rotation=90, fontsize=7)
    axes.set_yticks(range(len(kept)), kept, fontsize=7)
    for i in range(len(kept)):
        for j in range(len(kept)):
            if counts[i, j]:
                axes.text(j, i, f"{counts[i, j]:.0f}", ha="center", va="center", fontsize=6, color=INK)
    return picture


def slices_plot(figures: Sequence[Figure], metric: str) -> Picture:
    """A metric's mean over each slice with its interval; the whole on top."""
    rows = [f for f in figures if f.metric == metric and f.interval.value is not None]
    rows.sort(key=lambda f: (f.slice != ALL, f.slice), reverse=True)
    picture, axes = blank(f"{metric} by slice, 95 % interval", metric, "", size=(7, 1.4 + 0.4 * len(rows)))
    for place, row in enumerate(rows):
        i = row.interval
        colour = INK if row.slice == ALL else ACCENT
        if i.low is not None and i.high is not None:
            axes.plot([i.low, i.high], [place, place], color=colour, linewidth=2)
        axes.plot([i.value], [place], "o", color=colour)
    axes.set_yticks(range(len(rows)), [f"{row.slice} ({row.interval.n})" for row in rows])
    return picture


def latency_plot(milliseconds: Sequence[float]) -> Picture:
    """A histogram of latencies with median and 95th percentile."""
    import numpy as np

    picture, axes = blank("Latency of one row", "milliseconds", "rows")
    axes.hist(milliseconds, bins=min(40, max(5, len(milliseconds) // 5)), color=ACCENT, alpha=0.85)
    for share, name, style in ((50, "median", "-"), (95, "95th percentile", "--")):
        at = float(np.percentile(milliseconds, share))
        axes.axvline(at, color=BAD, linestyle=style, linewidth=1.5, label=f"{name} {at:.1f} ms")
    axes.legend(frameon=False)
    return picture


def comparison_plot(compared: Comparison, metrics: Sequence[str] | None = None) -> Picture:
    """New against old with its interval, metric by metric over all rows; right of the line is better.

    Metrics of which less is better are turned, and marked so. Green: surely better, red: surely worse.
    """
    rows = [d for d in compared.differences if d.slice == ALL and (metrics is None or d.metric in metrics)]
    rows = [d for d in rows if d.paired.difference.value is not None][::-1]
    picture, axes = blank(
        "What changed, 95 % interval", "worse  <  difference  >  better", "", size=(7, 1.4 + 0.35 * len(rows))
    )
    axes.axvline(0, color=INK, linewidth=1)
    for place, row in enumerate(rows):
        i = row.gain.difference
        colour = (ACCENT if (i.value or 0) > 0 else BAD) if i.excludes(0.0) else QUIET
        if i.low is not None and i.high is not None:
            axes.plot([i.low, i.high], [place, place], color=colour, linewidth=3)
        axes.plot([i.value], [place], "o", color=INK, markersize=4)
    marks = {"higher": "", "lower": " (less is better)"}
    axes.set_yticks(range(len(rows)), [f"{d.metric}{marks[direction(d.metric)]}" for d in rows])
    return picture


def search_plot(tried: Sequence[tuple[int, float]], title: str) -> Picture:
    """Candidates of a search as (calls, value), and the best so far."""
    picture, axes = blank(f"Search: {title}", "calls", "value on the search's own rows")
    calls, values = [one[0] for one in tried], [one[1] for one in tried]
    best = [max(values[: place + 1]) for place in range(len(values))]
    axes.step(calls, best, where="post", color=ACCENT, linewidth=2, label="best so far")
    axes.scatter(calls, values, color=INK, s=22, zorder=3, label="candidate")
    axes.legend(frameon=False, loc="lower right")
    return picture


def blank(title: str, x: str, y: str, size: tuple[float, float] = (6.4, 4.2)) -> tuple[Picture, Any]:
    """An empty picture of the house style, and its axes; ``size`` in inches."""
    # Not pyplot: a figure of its own is closed by nobody and leaks nowhere.
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=size, layout="constrained")
    axes = picture.subplots()
    axes.set_title(title, loc="left", color=INK)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    return picture, axes
