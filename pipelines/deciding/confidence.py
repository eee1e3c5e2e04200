"""The probability that a draft is right, calibrated on labelled questions, and the threshold for a risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipelines.deciding.calibration import Calibration
from pipelines.deciding.features import CONFIDENCE_FEATURES
from pipelines.errors import ModelError

_MEND = "Fit it again: souffleur setup"


@dataclass(frozen=True, slots=True)
class ConfidenceModel:
    """A logistic regression over the features of a draft, and what its log-odds mean on a desk's requests.

    Attributes:
        weights, mean, deviation: by feature name.
        thresholds: ``(risk, threshold)`` pairs; of what was at or above it, at most that share was wrong.
        question: probability of the intent from which a clarifying question alone may be shown.
        calibration: from log-odds to the probability that a draft is right, the unit of the thresholds.

    Example:
        >>> ConfidenceModel.untrained().threshold(0.1)
        0.9
    """

    weights: Mapping[str, float]
    mean: Mapping[str, float]
    deviation: Mapping[str, float]
    bias: float
    thresholds: tuple[tuple[float, float], ...]
    question: float = 0.4
    calibration: Calibration = field(default_factory=Calibration)

    @classmethod
    def untrained(cls) -> ConfidenceModel:
        """Before any labels: the share of the lead among its rivals, and a high bar."""
        zero = dict.fromkeys(CONFIDENCE_FEATURES, 0.0)
        weights = zero | {"share": 4.0, "learned": 3.0, "request_covered": 3.0, "out_of_scope": -3.0}
        return cls(weights, zero, dict.fromkeys(CONFIDENCE_FEATURES, 1.0), -4.0, ((0.1, 0.9),))

    def probability(self, features: Mapping[str, float]) -> float:
        """That a draft is right, in (0, 1)."""
        return self.calibration.probability(self.log_odds(features))

    def log_odds(self, features: Mapping[str, float]) -> float:
        """Before the calibration."""
        return self.bias + sum(
            weight * (features[name] - self.mean[name]) / self.deviation[name]
            for name, weight in self.weights.items()
        )

    def threshold(self, risk: float) -> float:
        """The threshold for a target risk, interpolated; a risk below any measured one needs certainty."""
        known = sorted(self.thresholds)
        if risk < known[0][0]:
            return min(1.0, known[0][1] + (1 - known[0][1]) * (1 - risk / known[0][0]))
        return float(np.interp(risk, [r for r, _ in known], [t for _, t in known]))

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        features = {n: [self.weights[n], self.mean[n], self.deviation[n]] for n in CONFIDENCE_FEATURES}
        return {
            "features": features,
            "bias": self.bias,
            "thresholds": [list(p) for p in self.thresholds],
            "question": self.question,
            "calibration": self.calibration.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ConfidenceModel:
        """Raises ModelError when it was fitted on other features, or its calibration is not monotone."""
        features: Mapping[str, Sequence[float]] = value["features"]
        if set(features) != set(CONFIDENCE_FEATURES):
            raise ModelError("The confidence model was fitted on other features.", mend=_MEND)
        columns = [{name: float(features[name][i]) for name in CONFIDENCE_FEATURES} for i in range(3)]
        thresholds = tuple((float(r), float(t)) for r, t in value["thresholds"])
        return cls(
            columns[0], columns[1], columns[2], float(value["bias"]), thresholds, float(value["question"]),
            Calibration.from_json(value["calibration"]),
        )  # fmt: skip
