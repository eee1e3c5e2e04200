"""A linear support vector machine over TF-IDF and embeddings, and its scores on rows it has not seen."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
DENSE_SCALE = 2.0
FOLDS = 3


@dataclass(frozen=True, slots=True)
class LinearMachine:
    """Weights: lexical (columns, classes); dense (385, classes), the last row being biases."""

    lexical: Floats
    dense: Floats

    @classmethod
    def fit(cls, columns: Any, points: Floats, target: NDArray[np.int64]) -> LinearMachine:
        """Fit one against the rest for the classes ``0 .. target.max()``; one without rows scores -1."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.svm import LinearSVC

        design = hstack([columns, csr_matrix(DENSE_SCALE * points)]).tocsr()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # a machine that stops early is judged by its held-out scores like any
            fitted = LinearSVC(C=1.0, random_state=0, max_iter=2_000).fit(design, target)
        weights, biases = fitted.coef_, fitted.intercept_
        if len(fitted.classes_) == 2:
            weights, biases = np.vstack([-weights, weights]), np.concatenate([-biases, biases])
        width, classes = columns.shape[1], int(target.max()) + 1
        lexical = np.zeros((width, classes), np.float32)
        dense = np.zeros((points.shape[1] + 1, classes), np.float32)
        dense[-1] = -1.0
        lexical[:, fitted.classes_] = weights[:, :width].T
        dense[:-1, fitted.classes_] = DENSE_SCALE * weights[:, width:].T
        dense[-1, fitted.classes_] = biases
        return cls(lexical, dense)

    def scores(self, columns: Any, points: Floats) -> Floats:
        """Decision values, shape (n, classes)."""
        out: Floats = (columns @ self.lexical + points @ self.dense[:-1] + self.dense[-1]).astype(np.float32)
        return out

    @classmethod
    def both(
        cls, columns: Any, points: Floats, target: NDArray[np.int64], judged: int | None = None
    ) -> tuple[LinearMachine, Floats]:
        """A machine fitted on all rows and, at the same time, what :meth:`held_out` gives."""
        with warnings.catch_warnings(), ThreadPoolExecutor(2) as pool:  # fitting leaves the interpreter free
            warnings.simplefilter("ignore")  # here too: two threads give filters back in any order
            unseen = pool.submit(cls.held_out, columns, points, target, judged)
            return cls.fit(columns, points, target), unseen.result()

    @classmethod
    def held_out(
        cls, columns: Any, points: Floats, target: NDArray[np.int64], judged: int | None = None
    ) -> Floats:
        """Scores by a machine that has not seen the row.

        Args:
            judged: score the last so many rows by a machine fitted on the others, shape (judged, classes);
                when None or all, each row by a machine fitted without its fold, shape (n, classes).
        """
        classes = int(target.max()) + 1
        if judged is not None and judged < len(target):
            machine = cls.fit(columns[:-judged], points[:-judged], target[:-judged])
            out = np.full((judged, classes), -1.0, np.float32)
            out[:, : machine.dense.shape[1]] = machine.scores(columns[-judged:], points[-judged:])
            return out
        order = np.argsort(target, kind="stable")
        fold = np.empty(len(target), int)
        fold[order] = np.arange(len(target)) % FOLDS  # each class is dealt over the folds
        out = np.full((len(target), classes), -1.0, np.float32)
        for number in range(FOLDS):
            own = fold == number
            if len(set(target[~own].tolist())) < 2 or not own.any():
                continue
            scores = cls.fit(columns[~own], points[~own], target[~own]).scores(columns[own], points[own])
            out[np.ix_(own, range(scores.shape[1]))] = scores
        return out
