"""Cosines of one vector with every training point, in 8-bit integers.

The points are read whole for each message: from memory that takes a quarter of the time that floats take. A
cosine is off by about 0.002, less than a typing error moves it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding.sessions import open_session

Floats = NDArray[np.float32]
TAKEN, GIVEN = "vector", "similar"


class Points:
    """Unit vectors, shape ``(n, width)``, kept as an ONNX model that multiplies by them.

    Args:
        model: the model's bytes.

    Example:
        >>> points = Points.of(np.eye(3, 4, dtype=np.float32))
        >>> points.shape
        (3, 4)
        >>> points.similar(np.array([0, 1, 0, 0], np.float32)).round(2).tolist()
        [0.0, 1.0, 0.0]
    """

    def __init__(self, model: bytes) -> None:
        self.model = model

    @classmethod
    def of(cls, points: Floats) -> Points:
        """Of vectors in floats."""
        # Imported here: onnx is needed to train, and costs memory that a server should not carry.
        from onnx import TensorProto

        from pipelines.embedding.graph import GraphBuilder
        from pipelines.embedding.quantizing import Quantized

        (count, width), g = points.shape, GraphBuilder()
        product = Quantized({})(g, "points", TAKEN, points.T, np.zeros(count, np.float32))
        g.op("Identity", [product], name=GIVEN)
        model = g.model("points", {TAKEN: (int(TensorProto.FLOAT), [1, width])}, {GIVEN: [1, count]})
        return cls(model.SerializeToString())

    def similar(self, vector: Floats) -> Floats:
        """Cosines with a unit vector of shape ``(width,)``, shape ``(n,)``."""
        found: Floats = self._session.run(None, {TAKEN: vector[None]})[0][0]
        return found

    @property
    def shape(self) -> tuple[int, int]:
        """How many points there are, and how wide they are.

        Raises:
            ValueError: the model's bytes are damaged.
        """
        return int(self._session.get_outputs()[0].shape[1]), int(self._session.get_inputs()[0].shape[1])

    @cached_property
    def _session(self) -> Any:
        try:
            return open_session(self.model)
        except Exception as error:  # onnxruntime's own classes have no public common one
            raise ValueError(f"no such model ({type(error).__name__})") from error
