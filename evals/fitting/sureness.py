"""How sure to be of a draft: the confidence, what it means on a desk's own questions, and its thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.analyses.calibration import calibration
from evals.statistics.wilson import share
from pipelines.deciding.calibration import Calibration
from pipelines.deciding.confidence import ConfidenceModel
from pipelines.deciding.features import CONFIDENCE_FEATURES

STRENGTH = 0.03
RISKS = (0.02, 0.05, 0.08, 0.10, 0.15, 0.20, 0.30)
LEEWAY = 1.0
"""How much of a risk may be spent on unanswerable questions."""

GONE = 0.5
"""The same for questions whose documents were taken away."""

SURE = 1.2816
"""Standard deviations of a one-sided interval of 90 %: a threshold that just held here would break half
of the time on other questions."""

TOLD_RISK = 0.10
"""The risk at which figures are told."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drafted:
    """The first draft of one case, by a ranker that never saw its question.

    Attributes:
        features: of the draft.  right: in full or in part.
        lang, answerable, removed: of its question; removed is one whose gold documents were taken away.
        part: which of the parts that are held out in turn its question belongs to.
    """

    features: Mapping[str, float]
    right: bool
    lang: str
    answerable: bool
    removed: bool
    part: int


@dataclass(frozen=True, slots=True)
class Held:
    """A draft with the log-odds, and the probability, of models that never saw its question."""

    drafted: Drafted
    log_odds: float
    probability: float


def fit_confidence(drafted: Sequence[Drafted], weights: Sequence[float]) -> ConfidenceModel:
    """A logistic regression on drafts, each with its weight; not yet calibrated."""
    from sklearn.linear_model import LogisticRegression

    features = np.array([[d.features[name] for name in CONFIDENCE_FEATURES] for d in drafted])
    right = np.array([d.right for d in drafted])
    mean, deviation = features.mean(0), features.std(0) + 1e-6
    model = LogisticRegression(C=STRENGTH, max_iter=2_000)
    model.fit((features - mean) / deviation, right, sample_weight=np.array(weights))
    columns = [
        dict(zip(CONFIDENCE_FEATURES, map(float, values), strict=True))
        for values in (model.coef_[0], mean, deviation)
    ]
    return ConfidenceModel(columns[0], columns[1], columns[2], float(model.intercept_[0]), ((0.1, 0.5),))


def fit_calibration(log_odds: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Two numbers by maximum likelihood; the identity where there is nothing to learn from."""
    from sklearn.linear_model import LogisticRegression

    if len(set(right)) < 2:
        return Calibration()
    model = LogisticRegression(C=1e6).fit(np.array(log_odds)[:, None], right)
    slope = float(model.coef_[0, 0])
    return Calibration(slope, float(model.intercept_[0])) if slope > 0 else Calibration()


def held_out(drafted: Sequence[Drafted], log_odds: Sequence[float]) -> tuple[list[Held], Calibration]:
    """Drafts of a desk's own questions with probabilities, and the calibration on all of them.

    A question whose documents were taken away is no question of a desk: it is rated and calibrates nothing.
    """
    own = [(d, z) for d, z in zip(drafted, log_odds, strict=True) if not d.removed]
    calibrations = {
        part: fit_calibration(*_columns([(d, z) for d, z in own if d.part != part]))
        for part in {d.part for d in drafted}
    }
    held = [Held(d, z, calibrations[d.part].probability(z)) for d, z in zip(drafted, log_odds, strict=True)]
    return held, fit_calibration(*_columns(own))


def with_thresholds(model: ConfidenceModel, rounds: Sequence[Sequence[Held]]) -> ConfidenceModel:
    """The lowest threshold that keeps to a risk, on average over ways to part the questions.

    At it, at most ``risk`` of what is shown on answerable questions is wrong. Of the unanswerable ones and of
    those whose documents were taken away so few are answered that, as far as their number tells, no more than
    ``LEEWAY * risk`` and ``GONE * risk`` of all such questions would be.
    """
    bars = np.mean([_thresholds(model.calibration, held) for held in rounds], axis=0)
    return replace(model, thresholds=tuple(zip(RISKS, map(float, bars), strict=True)))


def _thresholds(map_: Calibration, held: Sequence[Held]) -> list[float]:
    """One for each of ``RISKS``."""
    rated = [(map_.probability(h.log_odds), h.drafted) for h in held]
    own = [(p, d) for p, d in rated if not d.removed]
    answerable = sorted(((p, d.right) for p, d in own if d.answerable), reverse=True)
    others = sorted((p for p, d in own if not d.answerable), reverse=True)
    gone = sorted((p for p, d in rated if d.removed), reverse=True)
    wrong = np.cumsum([not right for _, right in answerable])
    found = []
    for risk in RISKS:
        fine = [i for i in range(len(answerable)) if wrong[i] <= risk * (i + 1)]
        bar = answerable[fine[-1]][0] if fine else 0.999
        quiet = max(_quiet(others, LEEWAY * risk), _quiet(gone, GONE * risk))
        found.append(min(0.999, max(bar, quiet)))
    return found


def _quiet(falling: Sequence[float], share_said: float) -> float:
    """The lowest threshold that shows at most a share of some probabilities, and is ``SURE`` of it."""
    spared = 0
    while spared < len(falling) and share(spared + 1, len(falling), SURE)["high"] <= share_said:
        spared += 1
    return float(np.nextafter(falling[spared], 1.0)) if spared < len(falling) else 0.0


def figures(held: Sequence[Held], model: ConfidenceModel) -> dict[str, Any]:
    """Coverage, wrongness and silence of first drafts at the threshold of 0.10, in all and by language.

    Every probability is of models that never saw the question; the threshold alone was chosen on these.
    """
    bar = model.threshold(TOLD_RISK)
    langs = sorted({h.drafted.lang for h in held})
    return {
        "risk": TOLD_RISK,
        **_figures(held, bar, model.calibration),
        "by_language": {
            lang: _figures([h for h in held if h.drafted.lang == lang], bar, model.calibration)
            for lang in langs
        },
    }


def _figures(held: Sequence[Held], bar: float, map_: Calibration) -> dict[str, Any]:
    shown = {id(h) for h in held if map_.probability(h.log_odds) >= bar}
    own = [h for h in held if not h.drafted.removed]
    answerable = [h for h in own if h.drafted.answerable]
    others = [h for h in own if not h.drafted.answerable]
    removed = [h for h in held if h.drafted.removed]
    said = [h for h in answerable if id(h) in shown]
    return {
        "coverage": share(len(said), len(answerable)),
        "wrong": share(sum(not h.drafted.right for h in said), len(said)),
        "silence_unanswerable": share(sum(id(h) not in shown for h in others), len(others)),
        "silence_without_gold": share(sum(id(h) not in shown for h in removed), len(removed)),
        "ece_before": _ece([Calibration().probability(h.log_odds) for h in own], own),
        "ece": _ece([h.probability for h in own], own),
    }


def _ece(sure: Sequence[float], held: Sequence[Held]) -> float | None:
    return calibration(sure, [h.drafted.right for h in held], bins=10).ece if held else None


def _columns(pairs: Sequence[tuple[Drafted, float]]) -> tuple[list[float], list[bool]]:
    return [z for _, z in pairs], [d.right for d, _ in pairs]
