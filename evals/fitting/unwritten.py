"""Fits which kind of question is answered nowhere, each question judged by a model that did not see it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.deciding.unwritten import COLUMNS, Unwritten, columns

STRENGTH = 4.0
NEARLY_NONE = 0.02
"""A weight below which a column is left out."""


def fit_unwritten(requests: Sequence[str], silent: Sequence[bool]) -> Unwritten:
    """A logistic regression on questions; nothing is learnt where all of them are of one kind.

    Args:
        silent: for each question, whether the right answer is silence.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    if len(set(silent)) < 2:
        return Unwritten()
    held = [columns(request) for request in requests]
    rows = np.repeat(np.arange(len(held)), [len(row) for row in held])
    at = np.array([column for row in held for column in row])
    values = np.array([value for row in held for value in row.values()])
    matrix = csr_matrix((values, (rows, at)), shape=(len(held), COLUMNS))
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=200, random_state=0)
    model.fit(matrix, np.array(silent))
    found: NDArray[np.float64] = model.coef_[0]
    kept = {int(column): float(found[column]) for column in np.flatnonzero(np.abs(found) > NEARLY_NONE)}
    return Unwritten(kept, float(model.intercept_[0]))
