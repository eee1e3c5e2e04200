"""Google's multilingual universal sentence encoder as an ONNX graph, from packaged weights.

Word pieces, and convolutions over 2, 3 and 5 of them, are averaged and go through four dense layers: a text
costs a fraction of what a transformer takes, and sixteen languages share one space. Source of the
architecture: Yang et al. 2020 (arXiv:1907.04307); its details are those of the package that holds the
weights, with whose vectors a test compares. The graph reads one text at a time: nothing is padded but the
ends of the text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from pipelines.embedding.graph import OUTPUT, Dense, GraphBuilder
from pipelines.embedding.model_files import INPUT, MULTILINGUAL
from pipelines.embedding.quantizing import Quantized

Floats = NDArray[np.float32]
PIECE, GRAM, OUT = 512, 256, 512
"""Widths of a word piece's vector, of a convolution and of a text's vector."""
WINDOWS = ((2, 0), (3, 1), (5, 2))
"""Pieces that a convolution reads, and how many of them stand before its own."""
TO_THE_END = 2**31 - 1


class NgramGraph:
    """Writes the encoder into a :class:`GraphBuilder`.

    Args:
        weights: arrays of the package, by its names.  dense: how a dense layer is written.

    Example:
        >>> NgramGraph.__name__
        'NgramGraph'
    """

    def __init__(self, weights: dict[str, NDArray[Any]], dense: Dense) -> None:
        self.weights, self.dense, self.g = weights, dense, GraphBuilder()
        self.epsilon = float(weights["eps"])

    def model(self) -> Any:
        """The model: vectors of word pieces (1, pieces, 512) in, a unit vector (1, 512) out."""
        g, pieces = self.g, INPUT
        projected = self.linear("projection", pieces, self.joined("proj{}"), self.joined("proj_b{}"))
        normed = self.norm(projected, "projection", self.joined("ln_g{}"), self.joined("ln_b{}"))
        parts = g.split(normed, [GRAM] * len(WINDOWS))
        grams = [self.grams(part, *window) for part, window in zip(parts, WINDOWS, strict=True)]
        features = g.op("Concat", [pieces, *grams], axis=-1)
        features = self.norm(features, "features", self.weights["ln_g"], self.weights["ln_b"])
        self.top(g.op("ReduceMean", [features], axes=[1], keepdims=0))
        return g.model(
            "sentence_encoder", {INPUT: (int(TensorProto.FLOAT), [1, "pieces", PIECE])}, {OUTPUT: [1, OUT]}
        )

    @property
    def table(self) -> Floats:
        """Vectors of the pieces, packaged in six bits: every 17th row has the same scale and lowest value."""
        w = self.weights
        parts = zip(w["scale"], w["lo"], strict=True)
        rows = [w[f"q{number}"] * scale + low for number, (scale, low) in enumerate(parts, 1)]
        return np.stack(rows, axis=1).reshape(-1, PIECE)

    def joined(self, name: str) -> Floats:
        """Arrays of the three windows side by side."""
        return np.concatenate([self.weights[name.format(size)] for size, _ in WINDOWS], axis=-1)

    def linear(self, name: str, x: str, weight: Floats, bias: Floats | None = None) -> str:
        return self.dense(self.g, name, x, weight, np.zeros(1, np.float32) if bias is None else bias)

    def norm(self, x: str, name: str, scale: Floats, shift: Floats) -> str:
        g = self.g
        given = [x, g.const(name + ".norm", scale), g.const(name + ".shift", shift)]
        return g.op("LayerNormalization", given, axis=-1, epsilon=self.epsilon)

    def grams(self, x: str, size: int, before: int) -> str:
        """Two convolutions over ``size`` pieces; each adds to what it reads."""
        for layer in (1, 2):
            name = f"{layer}_{size}"
            read = self.linear(
                "grams." + name,
                self.windows(x, size, before),
                self.weights[f"w{name}"],
                self.weights[f"b{name}"],
            )
            x = self.g.op("Add", [self.g.op("Relu", [read]), x])
        return x

    def windows(self, x: str, size: int, before: int) -> str:
        """Each piece and its neighbours side by side, (1, pieces, size * width); zeros beyond the ends."""
        g, after = self.g, size - 1 - before
        padded = g.op("Pad", [x, g.const(f"ends.{size}", [0, before, 0, 0, after, 0], np.int64)])
        axis = g.const("axis", [1], np.int64)
        shifted = []
        for start in range(size):
            end = start - size + 1 or TO_THE_END
            ends = [g.const(f"at.{place}", [place], np.int64) for place in (start, end)]
            shifted.append(g.op("Slice", [padded, *ends, axis]))
        return g.op("Concat", shifted, axis=-1)

    def top(self, mean: str) -> None:
        """From the mean of a text's features to its vector."""
        g, w = self.g, self.weights
        length = g.op("Gather", [g.op("Shape", [INPUT]), g.const("int.one", 1, np.int64)], axis=0)
        root = g.op("Sqrt", [g.op("Cast", [length], to=TensorProto.FLOAT)])
        x = g.op("Mul", [self.linear("mean", mean, w["cnn_W"], w["cnn_b"]), root])
        first = g.op("Relu", [self.linear("d0", x, w["d0"])])
        second = g.op(
            "Relu", [g.op("Add", [self.linear("p1", x, w["p1"]), self.linear("d1", first, w["d1"])])]
        )
        third = g.op("Relu", [self.linear("d2", second, w["d2"])])
        last = g.op("Add", [self.linear("p3", second, w["p3"]), self.linear("d3", third, w["d3"])])
        g.op("LpNormalization", [g.op("Tanh", [last])], name=OUTPUT, axis=1, p=2)


def build_graph(source: Path, dense: Dense | None = None) -> tuple[Any, Floats]:
    """The ONNX model of the weights in ``source`` and its vectors of pieces.

    Args:
        dense: how dense layers are written, in 8 bits unless given.
    """
    with np.load(source / MULTILINGUAL.weights, allow_pickle=False) as arrays:
        weights = {name: arrays[name] for name in arrays.files}
    graph = NgramGraph(weights, dense or Quantized({}))
    return graph.model(), graph.table
