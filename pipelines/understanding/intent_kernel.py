"""The kernel of the intent model: how alike two messages are, and what follows for their labels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import DataError
from pipelines.understanding.intents import Kernel

Floats = NDArray[np.float32]
STRIPE = 512
"""Rows of the kernel that are computed at a time."""


@dataclass(frozen=True, slots=True)
class Similarities:
    """The parts of the kernel, each (n, n): linear over the TF-IDF blocks, cosine of embeddings."""

    word: Floats
    char: Floats
    reading: Floats
    dense: Floats

    @classmethod
    def of(cls, blocks: Sequence[Any], points: Floats) -> Similarities:
        """Of the three TF-IDF blocks (n, columns) and the unit embeddings (n, width) of some texts."""
        word, char, reading = ((block @ block.T).toarray() for block in blocks)
        return cls(word, char, reading, points @ points.T)

    def joined(self, kernel: Kernel) -> Floats:
        """The kernel matrix."""
        out = gaussian(self.dense.copy(), kernel)
        out += kernel.word * self.word
        out += kernel.char * self.char
        if kernel.reading:
            out += kernel.reading * self.reading
        return out


def gaussian(cosines: Floats, kernel: Kernel) -> Floats:
    """The dense part of the kernel, written over the cosines.

    Example:
        >>> gaussian(np.ones((1, 2), np.float32), Kernel(dense=3)).tolist()
        [[3.0, 3.0]]
    """
    cosines -= 1
    cosines *= kernel.gamma
    np.exp(cosines, out=cosines)
    cosines *= kernel.dense
    return cosines


def lower_triangle(blocks: Sequence[Any], points: Floats, kernel: Kernel) -> Floats:
    """The kernel matrix (n, n) in the order LAPACK takes; what stands above the diagonal means nothing.

    It is the only matrix of that size: the parts of many rows would be four more.
    """
    n = len(points)
    out = np.zeros((n, n), np.float32, order="F")
    weighted = [
        (weight, block)
        for weight, block in zip((kernel.word, kernel.char, kernel.reading), blocks, strict=True)
        if weight
    ]

    def fill(start: int) -> None:
        rows = slice(start, min(start + STRIPE, n))
        near = gaussian(points[rows] @ points[start:].T, kernel)
        for weight, block in weighted:
            near += weight * (block[rows] @ block[start:].T).toarray()
        out[start:, rows] = near.T

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(fill, range(0, n, STRIPE)))
    return out


def solve(kernel: Floats, onehot: Floats, ridge: float, judged: int | None = None) -> tuple[Floats, Floats]:
    """Dual coefficients (n, classes), and leave-one-out scores of the last ``judged`` rows (all when None).

    Of ``kernel`` the lower triangle is read, and overwritten. The last rows need no more than the last corner
    of the factor's inverse. Source of the leave-one-out identity: Rasmussen and Williams 2006, section 5.4.2.
    """
    from scipy.linalg import lapack

    kernel.flat[:: len(kernel) + 1] += ridge
    factor, info = lapack.spotrf(kernel, lower=1, clean=1, overwrite_a=1)
    if info != 0:
        raise DataError("The training texts are numerically degenerate.", mend="Remove repeated rows.")
    duals = lapack.spotrs(factor, onehot, lower=1)[0]
    first = len(kernel) - (len(kernel) if judged is None else judged)
    inverse = lapack.strtri(factor[first:, first:], lower=1, overwrite_c=1)[0]
    diagonal = np.einsum("ij,ij->j", inverse, inverse)
    left_out = onehot[first:] - duals[first:] / diagonal[:, None]
    # Column by column: a prediction multiplies all of a class at once, three times as fast.
    return np.asfortranarray(duals, np.float32), left_out.astype(np.float32)
