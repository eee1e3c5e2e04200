"""The directions in which vectors differ most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def principal_directions(vectors: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """Of vectors (n, d) the first ``width`` principal directions, shape (d, width), orthonormal.

    Example:
        >>> abs(principal_directions(np.array([[0, 1], [0, 3], [1, 2]], np.float32), 1)).round().tolist()
        [[0.0], [1.0]]
    """
    away = (vectors - vectors.mean(axis=0)).astype(np.float64)
    directions = np.linalg.eigh(away.T @ away)[1][:, ::-1]
    return np.ascontiguousarray(directions[:, :width], np.float32)
