"""Speaking or not, on anyone's labelled questions: the curve, the bars, and what simpler confidences give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.analyses.calibration import auroc, calibration
from evals.analyses.readings import confident_answers, confident_replies
from evals.analyses.selective import RiskCoverage, risk_coverage
from evals.rows import ALL, Prediction
from evals.running.figures import figures
from evals.running.runner import Progress
from evals.running.store import Recorded, by_id
from evals.scorers.reading import task
from evals.served import evaluate_served
from pipelines.errors import DataError
from pipelines.settings import Settings


def bench_silence(
    examples: Path | None, split: str, settings: Settings, tick: Progress | None = None
) -> dict[str, Any]:
    """Risk-coverage of the answerable rows, refusals of the others, calibration; the run is recorded.

    Args:
        examples: rows of ``thread`` or ``query``, ``gold``, ``answerable``; the manifest's without it.

    Raises:
        DataError: no row is answerable.
    """
    recorded = evaluate_served("suggest", split, settings, examples=examples, notes="silence", progress=tick)
    sure, wrong = confident_answers(recorded)
    if not sure:
        raise DataError("No row is answerable.", mend="Label some rows with gold passages.")
    found = calibration(sure, [not bad for bad in wrong], bins=10)
    all_sure, all_wrong = confident_replies(recorded)
    whole = calibration(all_sure, [not bad for bad in all_wrong], bins=10)
    means = {
        f.metric: f.interval.as_dict() for f in figures(recorded) if f.slice == ALL and f.metric in _TOLD
    }
    return {
        "run": recorded.run.id, "rows": recorded.run.asked, "answerable": len(sure),
        "curve": _points(risk_coverage(sure, wrong)),
        **means,
        "calibration": {"ece": found.ece, "brier": found.brier, "reliability": found.reliability},
        "calibration_with_unanswerable": {
            "ece": whole.ece, "brier": whole.brier, "reliability": whole.reliability
        },
        "baselines": {
            name: _points(risk_coverage(scores, wrong)) for name, scores in _baselines(recorded).items()
        },
        "answerable_auroc": _separated(recorded),
    }  # fmt: skip


_TOLD = ("answered", "right_when_shown", "refusal_correct", "utility", "harmless")


def _points(curve: RiskCoverage) -> dict[str, Any]:
    return {
        "aurc": curve.aurc, "coverage_at_5": curve.coverage_at(0.05),
        "coverage_at_10": curve.coverage_at(0.1), "risk_at_60": curve.risk_at(0.6),
        "threshold_at_10": curve.threshold_at(0.1),
    }  # fmt: skip


def _baselines(recorded: Recorded) -> dict[str, list[float]]:
    """Confidences of the same drafts that need no model: none at all, and how far retrieval separates."""
    rows = _answerable(recorded)
    random = np.random.default_rng(0)
    return {
        "random": random.random(len(rows)).tolist(),
        "words_shared_with_the_question": [_overlap(recorded, row) for row in rows],
    }


def _answerable(recorded: Recorded) -> Sequence[Prediction]:
    examples = by_id(recorded.examples)
    return [
        p for p in recorded.predictions
        if p.epoch == 0 and p.error is None and task(examples[p.example_id]) == "answer"
    ]  # fmt: skip


def _overlap(recorded: Recorded, row: Prediction) -> float:
    from pipelines.text import terms

    example = by_id(recorded.examples)[row.example_id]
    lang = str(example.inputs.get("lang") or "fr")
    asked = set(terms(example.inputs["thread"][-1]["text"], lang))
    said = set(terms((row.output.get("best") or {}).get("text", ""), lang))
    return len(asked & said) / len(asked) if asked else 0.0


def _separated(recorded: Recorded) -> float | None:
    """How well confidence tells answerable rows from unanswerable ones."""
    examples = by_id(recorded.examples)
    rows = [(p.confidence or 0.0, task(examples[p.example_id])) for p in recorded.predictions if p.epoch == 0]
    kept = [(sure, kind == "answer") for sure, kind in rows if kind in ("answer", "silence")]
    return auroc([sure for sure, _ in kept], [can for _, can in kept])
