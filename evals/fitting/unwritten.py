"""Fits which kind of question is answered nowhere, each question judged by a model that did not see it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.deciding.unwritten import (
    COLUMNS,
    KERNEL,
    Meanings,
    Unwritten,
    columns,
    meaning,
    placed,
)
from pipelines.embedding.directions import principal_directions
from pipelines.understanding.intent_kernel import gaussian

Floats = NDArray[np.float32]
RIDGE = 1.0
NEARLY_NONE = 0.01
"""A weight below which a column is left out."""
WIDTH = 128
"""Directions that are kept of a meaning."""


def fit_unwritten(requests: Sequence[str], wide: Floats, silent: Sequence[bool]) -> Unwritten:
    """A kernel ridge regression on questions; nothing is learnt where all of them are of one kind.

    Args:
        wide: their embeddings, shape (n, 1280).
        silent: for each question, whether the right answer is silence.
    """
    from scipy.sparse import csr_matrix

    if len(set(silent)) < 2:
        return Unwritten()
    held = [columns(request) for request in requests]
    rows = np.repeat(np.arange(len(held)), [len(row) for row in held])
    at = np.array([column for row in held for column in row])
    values = np.array([value for row in held for value in row.values()])
    letters = csr_matrix((values, (rows, at)), shape=(len(held), COLUMNS))
    meant = meaning(wide)
    mean, basis = meant.mean(0), principal_directions(meant, WIDTH)
    points = placed(wide, mean, basis)
    kernel = (letters @ letters.T).toarray() + gaussian(points @ points.T, KERNEL) + RIDGE * np.eye(len(held))
    duals = np.linalg.solve(kernel, 2.0 * np.array(silent) - 1)
    found: NDArray[np.float64] = letters.T @ duals
    kept = {int(column): float(found[column]) for column in np.flatnonzero(np.abs(found) > NEARLY_NONE)}
    return Unwritten(kept, Meanings(mean, basis, points, duals.astype(np.float32)))
