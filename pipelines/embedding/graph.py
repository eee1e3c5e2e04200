"""A BERT encoder with mean pooling as an ONNX graph, from safetensors weights: numpy and onnx, no torch.

The graph reads one text at a time: nothing is padded, so nothing is masked, and a vector never depends on
what else was asked. Source of the architecture: Devlin et al. 2019 (BERT); Reimers and Gurevych 2019 (mean
pooling, L2 norm).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from pipelines.embedding.model_files import INPUT

OPSET = 17
IR_VERSION = 9
OUTPUT = "sentence_embedding"
MIDDLE = "middle_layers"
MIDDLE_LAYERS = (3, 5)
"""Layers, from 1, whose mean is the second output: closer to the words than the last one is."""


Weights = dict[str, NDArray[np.float32]]
Shape = Sequence[int | str]


def read_safetensors(path: Path) -> Weights:
    """The float32 tensors of a safetensors file, by name (format: 8-byte length, JSON header, raw data)."""
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    (length,) = struct.unpack("<Q", raw[:8].tobytes())
    header = json.loads(raw[8 : 8 + length].tobytes())
    base = 8 + length
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, stop = entry["data_offsets"]
            flat = np.frombuffer(raw[base + start : base + stop].tobytes(), dtype="<f4")
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


class GraphBuilder:
    """Collects nodes and constants, and names every value.

    Example:
        >>> builder = GraphBuilder()
        >>> builder.op("Identity", ["x"], name="y")
        'y'
    """

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def const(self, name: str, value: object, dtype: Any = np.float32) -> str:
        """A named constant, stored once; ``np.array`` keeps scalars 0-dimensional, as Range needs."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.array(value, dtype=dtype, order="C"), name)
        return name

    def op(self, kind: str, inputs: list[str], name: str | None = None, **attributes: Any) -> str:
        """A node; returns the name of its output."""
        output = name or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"n{len(self.nodes)}", **attributes))
        return output

    def split(self, x: str, widths: list[int]) -> list[str]:
        """The parts of the last axis."""
        names = [f"v{len(self.nodes)}.{number}" for number in range(len(widths))]
        sizes = self.const("split." + ".".join(map(str, widths)), widths, np.int64)
        self.nodes.append(helper.make_node("Split", [x, sizes], names, name=f"n{len(self.nodes)}", axis=-1))
        return names

    def model(self, name: str, taken: Mapping[str, tuple[int, Shape]], given: Mapping[str, Shape]) -> Any:
        """The checked model.

        Args:
            taken: type and shape of each input.  given: shape of each output, all of floats.
        """
        inputs = [helper.make_tensor_value_info(key, kind, shape) for key, (kind, shape) in taken.items()]
        outputs = [
            helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in given.items()
        ]
        graph = helper.make_graph(self.nodes, name, inputs, outputs, list(self.constants.values()))
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="souffleur",
        )
        onnx.checker.check_model(model)
        return model


Dense = Callable[[GraphBuilder, str, str, NDArray[np.float32], NDArray[np.float32]], str]
"""Writes ``x @ weight + bias``: from the builder, the layer's name, x, weight (in, out) and bias (out,)."""


def exact(g: GraphBuilder, name: str, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
    """A dense layer in 32-bit floats."""
    return g.op("Add", [g.op("MatMul", [x, g.const(name + ".w", weight)]), g.const(name + ".b", bias)])


class BertGraph:
    """Writes the layers of one BERT encoder into a :class:`GraphBuilder`.

    Attributes:
        read: what each dense layer takes, by the layer's name: a value of the graph.

    Example:
        >>> BertGraph.__name__
        'BertGraph'
    """

    def __init__(self, config: dict[str, Any], weights: Weights, dense: Dense = exact) -> None:
        self.width: int = config["hidden_size"]
        self.heads: int = config["num_attention_heads"]
        self.layers: int = config["num_hidden_layers"]
        self.epsilon: float = config["layer_norm_eps"]
        self.weights = weights
        self.dense = dense
        self.read: dict[str, str] = {}
        self.g = GraphBuilder()

    def write(self) -> BertGraph:
        """Every layer, to the two outputs; returns itself."""
        x = self.embeddings()
        found = []
        for layer in range(self.layers):
            x = self.layer(x, f"encoder.layer.{layer}.")
            found.append(x)
        self.g.op("LpNormalization", [self.mean(x)], name=OUTPUT, axis=1, p=2)
        first, second = (found[number - 1] for number in MIDDLE_LAYERS)
        middle = self.g.op("Mul", [self.g.op("Add", [first, second]), self.g.const("half", 0.5)])
        self.g.op("Identity", [self.mean(middle)], name=MIDDLE)
        return self

    def model(self, watched: tuple[str, ...] = ()) -> Any:
        """The model of what was written: vectors of tokens in; a unit vector and a plain one out.

        Args:
            watched: values within that are outputs too, shape (1, tokens, width).
        """
        taken: dict[str, tuple[int, Shape]] = {INPUT: (int(TensorProto.FLOAT), [1, "tokens", self.width])}
        given = {OUTPUT: [1, self.width], MIDDLE: [1, self.width]}
        return self.g.model("minilm", taken, given | {name: [1, "tokens", self.width] for name in watched})

    def linear(self, x: str, name: str, parts: tuple[str, ...]) -> str:
        """Dense layers that read the same, as one."""
        self.read[name] = x
        weight = np.hstack([self.weights[part + ".weight"].T for part in parts])
        return self.dense(self.g, name, x, weight, np.hstack([self.weights[p + ".bias"] for p in parts]))

    def norm(self, x: str, name: str) -> str:
        scale = self.g.const(name + ".scale", self.weights[name + ".weight"])
        shift = self.g.const(name + ".shift", self.weights[name + ".bias"])
        return self.g.op("LayerNormalization", [x, scale, shift], axis=-1, epsilon=self.epsilon)

    def embeddings(self) -> str:
        g = self.g
        # One text has one segment: its vector is a part of every position's.
        table = "embeddings.{}_embeddings.weight".format
        places = self.weights[table("position")] + self.weights[table("token_type")][0]
        length = g.op("Gather", [g.op("Shape", [INPUT]), g.const("int.one", 1, np.int64)], axis=0)
        numbers = g.op("Range", [g.const("int.zero", 0, np.int64), length, g.const("int.one", 1, np.int64)])
        return self.norm(
            g.op("Add", [INPUT, g.op("Gather", [g.const("places", places), numbers], axis=0)]),
            "embeddings.LayerNorm",
        )

    @property
    def table(self) -> NDArray[np.float32]:
        """Vectors of the words, which stand outside of the graph."""
        return self.weights["embeddings.word_embeddings.weight"]

    def heads_of(self, x: str, perm: list[int]) -> str:
        shape = self.g.const("shape.split", [0, 0, self.heads, self.width // self.heads], np.int64)
        return self.g.op("Transpose", [self.g.op("Reshape", [x, shape])], perm=perm)

    def layer(self, x: str, prefix: str) -> str:
        g, own = self.g, prefix + "attention.self."
        joined = self.linear(x, prefix + "attention", (own + "query", own + "key", own + "value"))
        query, key, value = g.split(joined, [self.width] * 3)
        scale = g.const("scale", 1 / np.sqrt(self.width // self.heads))
        scores = g.op("MatMul", [self.heads_of(query, [0, 2, 1, 3]), self.heads_of(key, [0, 2, 3, 1])])
        weights = g.op("Softmax", [g.op("Mul", [scores, scale])], axis=-1)
        context = g.op("MatMul", [weights, self.heads_of(value, [0, 2, 1, 3])])
        context = g.op("Transpose", [context], perm=[0, 2, 1, 3])
        merged = g.op("Reshape", [context, g.const("shape.merge", [0, 0, self.width], np.int64)])
        output = prefix + "attention.output."
        x = self.norm(
            g.op("Add", [self.linear(merged, output + "dense", (output + "dense",)), x]), output + "LayerNorm"
        )
        inner = self.linear(x, prefix + "intermediate", (prefix + "intermediate.dense",))
        outer = self.linear(self.gelu(inner), prefix + "output", (prefix + "output.dense",))
        return self.norm(g.op("Add", [outer, x]), prefix + "output.LayerNorm")

    def gelu(self, x: str) -> str:
        g = self.g
        error = g.op("Erf", [g.op("Div", [x, g.const("sqrt.two", np.sqrt(2.0))])])
        return g.op(
            "Mul", [g.op("Mul", [x, g.const("half", 0.5)]), g.op("Add", [error, g.const("one", 1.0)])]
        )

    def mean(self, x: str) -> str:
        """Over the tokens."""
        return self.g.op("ReduceMean", [x], axes=[1], keepdims=0)
