"""Where messages are compared: three embeddings together, in fewer directions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding import DIMENSION, WIDE
from pipelines.embedding.directions import principal_directions

Floats = NDArray[np.float32]
WIDTH = 256
"""Directions that are kept: a message is compared with every training message, so each one costs time."""
ENOUGH = 2_000
"""Messages from which directions can be told apart; of fewer, all 1,280 are kept, and cost little."""


@dataclass(frozen=True, slots=True)
class Space:
    """Learnt from the training messages.

    Attributes:
        middle: mean and deviation of the middle layers, shape (2, 384): what all messages share says nothing.
        shared: mean of the multilingual vectors, shape (512,).
        basis: directions in which the messages differ most, shape (1280, width); all where there are few.

    Example:
        >>> wide = np.random.default_rng(0).standard_normal((300, 1280)).astype(np.float32)
        >>> Space.of(wide).unit(wide).shape
        (300, 1280)
    """

    middle: Floats
    shared: Floats
    basis: Floats

    @classmethod
    def of(cls, wide: Floats) -> Space:
        """The space of some wide embeddings (n, 1280)."""
        _, layers, shared = _parts(wide)
        middle = np.stack([layers.mean(0), layers.std(0) + 1e-6])
        space = cls(middle, shared.mean(0), np.eye(WIDE, dtype=np.float32))
        if len(wide) < ENOUGH:
            return space
        return replace(space, basis=principal_directions(space._joined(wide), WIDTH))

    def unit(self, wide: Floats) -> Floats:
        """Wide embeddings (n, 1280) as unit vectors (n, width)."""
        return _normalised(self._joined(wide) @ self.basis)

    def _joined(self, wide: Floats) -> Floats:
        """The three parts, unit vectors all, so that they count the same."""
        last, layers, shared = _parts(wide)
        scaled = (layers - self.middle[0]) / self.middle[1]
        return np.hstack([_normalised(last), _normalised(scaled), _normalised(shared - self.shared)])


def _parts(wide: Floats) -> list[Floats]:
    return np.split(wide, [DIMENSION, 2 * DIMENSION], axis=1)


def _normalised(vectors: Floats) -> Floats:
    out: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return out.astype(np.float32, copy=False)
