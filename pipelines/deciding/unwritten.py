"""Whether a question is of the kind that no help centre answers, by its letters alone.

The weight of a kitchen scale, a discount for three, a job, the name of the driver, "has it left yet?": such
questions resemble each other whatever is written, and stand right beside articles that resemble them too.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

from pipelines.understanding.lexical_features import char_grams, tokens

COLUMNS = 8_192
_SIZES = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A logistic regression over hashed character n-grams.

    Attributes:
        weights: by column, those that are not nearly 0.

    Example:
        >>> Unwritten().log_odds("Combien pèse-t-il ?")
        0.0
    """

    weights: Mapping[int, float] = field(default_factory=dict)
    bias: float = 0.0

    def log_odds(self, request: str) -> float:
        """Over 0 for a question that is more likely answered nowhere."""
        if not self.weights:
            return self.bias
        get = self.weights.get
        return self.bias + sum([get(column, 0.0) * value for column, value in columns(request).items()])

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        return {"bias": self.bias, "weights": {str(k): round(v, 4) for k, v in sorted(self.weights.items())}}

    @classmethod
    def from_json(cls, value: Mapping[str, Mapping[str, float] | float]) -> Unwritten:
        """Raises ValueError, KeyError or TypeError for anything else."""
        weights, bias = value["weights"], value["bias"]
        if not isinstance(weights, Mapping) or isinstance(bias, Mapping):
            raise TypeError("weights and a bias are expected")
        return cls({int(column): float(weight) for column, weight in weights.items()}, float(bias))


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
