"""Where messages are compared: the embedding's last and middle layers together, in fewer directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding import DIMENSION, WIDE
from pipelines.embedding.directions import principal_directions

Floats = NDArray[np.float32]
WIDTH = 256
"""Directions that are kept: a message is compared with every training message, so each one costs time."""
ENOUGH = 2_000
"""Messages from which directions can be told apart; of fewer, all 768 are kept, and cost little."""


@dataclass(frozen=True, slots=True)
class Space:
    """Learnt from the training messages.

    Attributes:
        middle: mean and deviation of the middle layers, shape (2, 384): what all messages share says nothing.
        basis: directions in which the messages differ most, shape (768, width); all where there are few.

    Example:
        >>> wide = np.random.default_rng(0).standard_normal((300, 768)).astype(np.float32)
        >>> Space.of(wide).unit(wide).shape
        (300, 768)
    """

    middle: Floats
    basis: Floats

    @classmethod
    def of(cls, wide: Floats) -> Space:
        """The space of some wide embeddings (n, 768)."""
        middle = np.stack([wide[:, DIMENSION:].mean(0), wide[:, DIMENSION:].std(0) + 1e-6])
        if len(wide) < ENOUGH:
            return cls(middle, np.eye(WIDE, dtype=np.float32))
        return cls(middle, principal_directions(_joined(wide, middle), WIDTH))

    def unit(self, wide: Floats) -> Floats:
        """Wide embeddings (n, 768) as unit vectors (n, width)."""
        return _normalised(_joined(wide, self.middle) @ self.basis)


def _joined(wide: Floats, middle: Floats) -> Floats:
    """The two halves, unit vectors both, so that they count the same."""
    scaled = (wide[:, DIMENSION:] - middle[0]) / middle[1]
    return np.hstack([_normalised(wide[:, :DIMENSION]), _normalised(scaled)])


def _normalised(vectors: Floats) -> Floats:
    out: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return out.astype(np.float32, copy=False)
