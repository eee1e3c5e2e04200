"""How sure is a score, and does the desk handle this at all: two small fits on leave-one-out evidence."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.understanding.intent_kernel import solve
from pipelines.understanding.intents import Kernel, oos_features, sigmoid

Floats = NDArray[np.float32]
UNSEEN_ROWS = 2_500
UNSEEN_FOLDS = 4
UNSEEN_PRIOR = 0.15
"""Share of out-of-scope messages assumed when none were labelled."""


def fit_slope(scores: Floats, target: NDArray[np.int64]) -> float:
    """The softmax slope (inverse temperature) with the least log loss on held-out scores (n, classes)."""
    best, least = 10.0, np.inf
    shifted = (scores - scores.max(axis=1, keepdims=True)).astype(np.float64)
    own = shifted[np.arange(len(target)), target]
    for slope in np.geomspace(1.0, 40.0, 60):
        loss = float(np.mean(np.log(np.exp(slope * shifted).sum(axis=1)) - slope * own))
        if loss < least:
            best, least = float(slope), loss
    return best


def fit_logistic(
    features: Floats, positive: NDArray[np.bool_], weight: Floats | None = None, ridge: float = 1.0
) -> tuple[tuple[float, ...], float]:
    """Weights and bias of a penalised logistic regression, by Newton's method on standardised features."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    design = np.column_stack([(features - mean) / scale, np.ones(len(features))]).astype(np.float64)
    importance = np.ones(len(features)) if weight is None else weight.astype(np.float64)
    penalty = np.diag([ridge] * features.shape[1] + [1e-6])
    beta = np.zeros(design.shape[1])
    for _ in range(50):
        p = sigmoid(design @ beta)
        gradient = design.T @ (importance * (p - positive)) + penalty @ beta
        curvature = (design * (importance * p * (1 - p) + 1e-9)[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        beta -= step
        if np.abs(step).max() < 1e-6:
            break
    weights = beta[:-1] / scale
    return tuple(float(w) for w in weights), float(beta[-1] - weights @ mean)


def scope_rows(count: int, random: Random) -> NDArray[np.int64]:
    """Which of ``count`` rows :func:`unsupervised_scope` looks at: all, or 2,500 of them."""
    return np.array(sorted(random.sample(range(count), min(count, UNSEEN_ROWS))))


def unsupervised_scope(
    parts: Any,
    target: NDArray[np.int64],
    coverage: Floats,
    kernel: Kernel,
    random: Random,
) -> tuple[tuple[float, ...], float]:
    """Out-of-scope weights without one labelled row: intents are hidden in turn and play the unknown.

    Each fold of labels is left out of a fit; its rows are the positives, the others with their leave-one-out
    scores the negatives.
    """
    names = sorted(set(target.tolist()))
    random.shuffle(names)
    matrix, dense = parts.joined(kernel), parts.dense
    features, positive = [], []
    for fold in range(min(UNSEEN_FOLDS, len(names) // 2)):
        hidden = np.isin(target, names[fold::UNSEEN_FOLDS])
        if hidden.any() and (~hidden).sum() >= 2:
            features.append(_hide(matrix, dense, hidden, target, coverage, kernel.ridge))
            positive.append(hidden)
    if not features:
        return (0.0, -8.0, 0.0, -4.0, 0.0, 0.0, 0.0), 2.0
    labels = np.concatenate(positive)
    weight = np.where(labels, UNSEEN_PRIOR / labels.mean(), (1 - UNSEEN_PRIOR) / (1 - labels.mean()))
    return fit_logistic(np.concatenate(features), labels, weight.astype(np.float32))


def _hide(
    matrix: Floats,
    dense: Floats,
    hidden: NDArray[np.bool_],
    target: NDArray[np.int64],
    coverage: Floats,
    ridge: float,
) -> Floats:
    """Out-of-scope features (n, 7) of all rows by a fit that has not seen the hidden ones."""
    shown = np.flatnonzero(~hidden)
    kept = sorted(set(target[shown].tolist()))
    onehot = (target[shown][:, None] == np.array(kept)[None, :]).astype(np.float32)
    duals, own = solve(matrix[np.ix_(shown, shown)], onehot, ridge)
    scores = np.empty((len(target), len(kept)), np.float32)
    scores[shown] = own
    scores[hidden] = matrix[np.ix_(np.flatnonzero(hidden), shown)] @ duals
    near = dense[:, shown].copy()
    near[shown, np.arange(len(shown))] = -1.0  # a message is not its own neighbour
    none = np.zeros(len(shown), bool)
    rows = [oos_features(scores[i], None, near[i], none, float(coverage[i])) for i in range(len(target))]
    return np.stack(rows)
