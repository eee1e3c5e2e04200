"""Whether a question is of the kind that no help centre answers, by its letters and its meaning.

The weight of a kitchen scale, a discount for three, a job, the name of the driver, "has it left yet?": such
questions resemble each other whatever is written, and stand right beside articles that resemble them too.
"""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding import DIMENSION, WIDE
from pipelines.understanding.intent_kernel import gaussian
from pipelines.understanding.intents import Kernel
from pipelines.understanding.lexical_features import char_grams, tokens

Floats = NDArray[np.float32]
COLUMNS = 8_192
_SIZES = (2, 3, 4)
KERNEL = Kernel(dense=4.0, gamma=2.5)
"""Of the Gaussian over meanings: what it counts beside the letters' kernel of 1, and how fast it falls."""
STEPS = 127
"""Whole numbers on each side of 0 in which a coordinate of a known question is kept."""


@dataclass(frozen=True, slots=True)
class Meanings:
    """Known questions by their embeddings, and what each says of those that are like it.

    Attributes:
        mean: shape (896,).  basis: shape (896, width).  points: unit vectors, shape (n, width).
        duals: shape (n,).

    Example:
        >>> one = Meanings(np.zeros(896), np.eye(896, 2), np.eye(1, 2), np.ones(1))
        >>> one.score(np.eye(1, 1280, dtype=np.float32)[0])
        4.0
    """

    mean: Floats
    basis: Floats
    points: Floats
    duals: Floats

    def score(self, wide: Floats) -> float:
        """Of a wide embedding, shape (1280,)."""
        cosines = placed(wide[None], self.mean, self.basis) @ self.points.T
        return float((gaussian(cosines, KERNEL) @ self.duals)[0])

    def to_json(self) -> dict[str, Any]:
        """Numbers as base64 of little-endian bytes: half precision, and 8 bits for the points."""
        halves = {name: getattr(self, name).astype("<f2") for name in ("mean", "basis", "duals")}
        stored = {name: base64.b64encode(a.tobytes()).decode() for name, a in halves.items()}
        return stored | {
            "points": base64.b64encode(np.rint(self.points * STEPS).astype(np.int8).tobytes()).decode(),
            "width": self.basis.shape[1],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Meanings:
        """Raises ValueError, KeyError or TypeError for anything else."""
        width = int(value["width"])
        mean, basis, duals = (
            np.frombuffer(base64.b64decode(value[name], validate=True), "<f2").astype(np.float32)
            for name in ("mean", "basis", "duals")
        )
        whole = np.frombuffer(base64.b64decode(value["points"], validate=True), np.int8)
        points = whole.astype(np.float32) / np.float32(STEPS)
        return cls(mean, basis.reshape(len(mean), width), points.reshape(len(duals), width), duals)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A kernel ridge regression over hashed character n-grams and embeddings.

    Attributes:
        weights: by column of the n-grams, those that are not nearly 0.

    Example:
        >>> Unwritten().score("Combien pèse-t-il ?")
        0.0
    """

    weights: Mapping[int, float] = field(default_factory=dict)
    meanings: Meanings | None = None

    def score(self, request: str, wide: Floats | None = None) -> float:
        """Over 0 for a question that is more likely answered nowhere; about 1 on either side when sure.

        Args:
            wide: embedding of the request, shape (1280,); without it its letters alone speak.
        """
        get = self.weights.get
        letters = sum([get(column, 0.0) * value for column, value in columns(request).items()])
        if self.meanings is None or wide is None:
            return float(letters)
        return letters + self.meanings.score(wide)

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        return {
            "weights": {str(k): round(v, 4) for k, v in sorted(self.weights.items())},
            "meanings": self.meanings.to_json() if self.meanings else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Unwritten:
        """Raises ValueError, KeyError or TypeError for anything else."""
        weights, meanings = value["weights"], value["meanings"]
        if not isinstance(weights, Mapping):
            raise TypeError("weights are expected")
        known = {int(column): float(weight) for column, weight in weights.items()}
        return cls(known, None if meanings is None else Meanings.from_json(meanings))


def columns(request: str) -> dict[int, float]:
    """Columns and values of a text, of length one; empty for one without words.

    Example:
        >>> round(sum(v * v for v in columns("Où est mon colis ?").values()), 6)
        1.0
    """
    held: dict[int, float] = {}
    for gram, count in Counter(char_grams(tokens(request), _SIZES)).items():
        code = crc32(gram.encode())
        column = (code >> 1) % COLUMNS
        held[column] = held.get(column, 0.0) + (1 + math.log(count)) * (1 if code & 1 else -1)
    length = math.sqrt(sum([value * value for value in held.values()])) or 1.0
    return {column: value / length for column, value in held.items()}


def meaning(wide: Floats) -> Floats:
    """The last layer of the reading and the multilingual vector, (n, 896), of wide embeddings (n, 1280)."""
    return np.hstack([wide[:, :DIMENSION], wide[:, 2 * DIMENSION : WIDE]])


def placed(wide: Floats, mean: Floats, basis: Floats) -> Floats:
    """Unit vectors in the directions in which known questions differ, shape (n, width)."""
    found = (meaning(wide) - mean) @ basis
    unit: Floats = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return unit
