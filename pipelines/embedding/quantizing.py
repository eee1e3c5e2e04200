"""The encoder's dense layers in 8-bit integers: less than half the time, a quarter of the memory.

Activations are rounded row by row (one token, one scale), so that a token's precision does not hang on the
largest number of another, and weights column by column. A few channels are far larger than the rest after
a layer norm; their size is moved into the weights first (SmoothQuant: Xiao et al. 2023), by powers of two,
which rounds nothing. How large they become is seen on random tokens: customers' words show the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from pipelines.embedding.graph import BertGraph, GraphBuilder, Weights, read_safetensors
from pipelines.embedding.model_files import INPUT

Floats = NDArray[np.float32]
WEIGHT_LIMIT = 63
"""7 bits a weight: two products of 8 by 8 bits overflow the 16-bit sum of processors without VNNI."""
ACTIVATION_LIMIT = 127
SMOOTHED = (".attention", ".intermediate")
"""Ends of the names of the layers that read a layer norm."""
SEQUENCES, LENGTH, FIRST_WORD = 100, 24, 1_996
"""Random texts that are looked at; ids below the first word are marks and single characters."""


class Quantized:
    """Writes dense layers in integers.

    Args:
        peaks: largest absolute input of a layer by channel, for the layers whose inputs are smoothed.

    Example:
        >>> Quantized({}).peaks
        {}
    """

    def __init__(self, peaks: dict[str, Floats]) -> None:
        self.peaks = peaks

    def __call__(self, g: GraphBuilder, name: str, x: str, weight: Floats, bias: Floats) -> str:
        """``x @ weight + bias``, nearly."""
        if name in self.peaks:
            factors = smoothing(self.peaks[name], weight)
            x = g.op("Mul", [x, g.const(name + ".smooth", 1 / factors)])
            weight = weight * factors[:, None]
        whole, scales = rounded(weight)
        largest = g.op("ReduceMax", [g.op("Abs", [x])], axes=[-1], keepdims=1)
        step = g.op("Mul", [largest, g.const("step", 1 / ACTIVATION_LIMIT)])
        # A cast cuts off: half a step more than the zero point rounds.
        centred = g.op("Add", [g.op("Div", [x, step]), g.const("centre", 128.5)])
        integers = g.op("Cast", [centred], to=TensorProto.UINT8)
        product = g.op(
            "MatMulInteger",
            [integers, g.const(name + ".w", whole, np.int8), g.const("zero.point", 128, np.uint8)],
        )
        scaled = g.op("Mul", [g.op("Cast", [product], to=TensorProto.FLOAT), step])
        return g.op(
            "Add", [g.op("Mul", [scaled, g.const(name + ".scale", scales)]), g.const(name + ".b", bias)]
        )


def rounded(weight: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Whole numbers of a weight, shape (in, out), and the scale of each column, shape (out,).

    Example:
        >>> whole, scales = rounded(np.array([[1.0, -2.0], [0.25, 1.5]], np.float32))
        >>> whole.tolist()
        [[63, -63], [16, 47]]
    """
    scales = np.maximum(np.abs(weight).max(axis=0) / WEIGHT_LIMIT, 1e-12).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales


def smoothing(peaks: Floats, weight: Floats) -> Floats:
    """Powers of two, shape (in,), by which inputs are divided and weights multiplied: both grow alike.

    Example:
        >>> smoothing(np.array([8.0, 1.0]), np.array([[0.5, 0.1], [1.0, 1.0]])).tolist()
        [4.0, 1.0]
    """
    ratio = np.maximum(peaks, 1e-5) / np.maximum(np.abs(weight).max(axis=1), 1e-5)
    factors: Floats = np.exp2(np.rint(np.log2(ratio) / 2)).astype(np.float32)
    return factors


def input_peaks(config: dict[str, Any], weights: Weights) -> dict[str, Floats]:
    """Largest absolute inputs of the smoothed layers by channel, over random tokens (half a second)."""
    import onnxruntime

    exact = BertGraph(config, weights).write()
    names = [name for name in exact.read if name.endswith(SMOOTHED)]
    model = exact.model(tuple(exact.read[name] for name in names))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    random, vocabulary = np.random.default_rng(0), config["vocab_size"]
    peaks = {name: np.zeros(exact.width, np.float32) for name in names}
    for _ in range(SEQUENCES):
        words = exact.table[random.integers(FIRST_WORD, vocabulary, (1, LENGTH), np.int64)]
        for name, seen in zip(
            names, session.run([exact.read[n] for n in names], {INPUT: words}), strict=True
        ):
            peaks[name] = np.maximum(peaks[name], np.abs(seen[0]).max(axis=0))
    return peaks


def build_graph(model_dir: Path) -> tuple[Any, Floats]:
    """The 8-bit ONNX model of the BERT weights in a folder, and its vectors of words.

    The folder holds ``config.json`` and ``model.safetensors``.
    """
    config = json.loads((model_dir / "config.json").read_text(encoding="utf-8"))
    weights = read_safetensors(model_dir / "model.safetensors")
    dense = Quantized(input_peaks(config, weights))
    graph = BertGraph(config, weights, dense).write()
    return graph.model(), graph.table
