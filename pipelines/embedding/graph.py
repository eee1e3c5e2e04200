"""A BERT encoder with mean pooling as an ONNX graph, from safetensors weights: numpy and onnx, no torch.

Source of the architecture: Devlin et al. 2019 (BERT); Reimers and Gurevych 2019 (mean pooling, L2 norm).
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 9
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT = "sentence_embedding"
MIDDLE = "middle_layers"
MIDDLE_LAYERS = (3, 5)
"""Layers, from 1, whose mean is the second output: closer to the words than the last one is."""


def read_safetensors(path: Path) -> dict[str, NDArray[np.float32]]:
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

    def model(self, width: int) -> Any:
        """The checked model: token ids in; a unit vector and a plain one of ``width`` floats a text out."""
        ids = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"]) for n in INPUTS]
        out = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
            for name in (OUTPUT, MIDDLE)
        ]
        graph = helper.make_graph(self.nodes, "minilm", ids, out, list(self.constants.values()))
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="souffleur",
        )
        onnx.checker.check_model(model)
        return model


class BertGraph:
    """Writes the layers of one BERT encoder into a :class:`GraphBuilder`.

    Example:
        >>> BertGraph.__name__
        'BertGraph'
    """

    def __init__(self, config: dict[str, Any], weights: dict[str, NDArray[np.float32]]) -> None:
        self.width: int = config["hidden_size"]
        self.heads: int = config["num_attention_heads"]
        self.layers: int = config["num_hidden_layers"]
        self.epsilon: float = config["layer_norm_eps"]
        self.weights = weights
        self.g = GraphBuilder()

    def build(self) -> Any:
        """The whole model."""
        x = self.embeddings()
        mask = self.g.op("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        bias = self.attention_bias(mask)
        found = []
        for layer in range(self.layers):
            x = self.layer(x, bias, f"encoder.layer.{layer}.")
            found.append(x)
        self.g.op("LpNormalization", [self.pool(x, mask)], name=OUTPUT, axis=1, p=2)
        first, second = (found[number - 1] for number in MIDDLE_LAYERS)
        middle = self.g.op("Mul", [self.g.op("Add", [first, second]), self.g.const("half", 0.5)])
        self.g.op("Identity", [self.pool(middle, mask)], name=MIDDLE)
        return self.g.model(self.width)

    def linear(self, x: str, name: str) -> str:
        weight = self.g.const(name + ".w", self.weights[name + ".weight"].T)
        return self.g.op(
            "Add", [self.g.op("MatMul", [x, weight]), self.g.const(name + ".b", self.weights[name + ".bias"])]
        )

    def norm(self, x: str, name: str) -> str:
        scale = self.g.const(name + ".scale", self.weights[name + ".weight"])
        shift = self.g.const(name + ".shift", self.weights[name + ".bias"])
        return self.g.op("LayerNormalization", [x, scale, shift], axis=-1, epsilon=self.epsilon)

    def embeddings(self) -> str:
        g = self.g
        length = g.op("Gather", [g.op("Shape", ["input_ids"]), g.const("int.one", 1, np.int64)], axis=0)
        positions = g.op("Range", [g.const("int.zero", 0, np.int64), length, g.const("int.one", 1, np.int64)])
        total = ""
        for table, index in (
            ("word", "input_ids"),
            ("token_type", "token_type_ids"),
            ("position", positions),
        ):
            name = f"embeddings.{table}_embeddings"
            part = g.op("Gather", [g.const(name, self.weights[name + ".weight"]), index], axis=0)
            total = g.op("Add", [total, part]) if total else part
        return self.norm(total, "embeddings.LayerNorm")

    def attention_bias(self, mask: str) -> str:
        g = self.g
        wide = g.op("Unsqueeze", [mask, g.const("axes.12", [1, 2], np.int64)])
        return g.op("Mul", [g.op("Sub", [g.const("one", 1.0), wide]), g.const("minus.huge", -1e9)])

    def heads_of(self, x: str, perm: list[int]) -> str:
        shape = self.g.const("shape.split", [0, 0, self.heads, self.width // self.heads], np.int64)
        return self.g.op("Transpose", [self.g.op("Reshape", [x, shape])], perm=perm)

    def layer(self, x: str, bias: str, prefix: str) -> str:
        g = self.g
        query = self.heads_of(self.linear(x, prefix + "attention.self.query"), [0, 2, 1, 3])
        key = self.heads_of(self.linear(x, prefix + "attention.self.key"), [0, 2, 3, 1])
        value = self.heads_of(self.linear(x, prefix + "attention.self.value"), [0, 2, 1, 3])
        scale = g.const("scale", 1 / np.sqrt(self.width // self.heads))
        weights = g.op(
            "Softmax", [g.op("Add", [g.op("Mul", [g.op("MatMul", [query, key]), scale]), bias])], axis=-1
        )
        context = g.op("Transpose", [g.op("MatMul", [weights, value])], perm=[0, 2, 1, 3])
        merged = g.op("Reshape", [context, g.const("shape.merge", [0, 0, self.width], np.int64)])
        x = self.norm(
            g.op("Add", [self.linear(merged, prefix + "attention.output.dense"), x]),
            prefix + "attention.output.LayerNorm",
        )
        inner = self.gelu(self.linear(x, prefix + "intermediate.dense"))
        return self.norm(
            g.op("Add", [self.linear(inner, prefix + "output.dense"), x]), prefix + "output.LayerNorm"
        )

    def gelu(self, x: str) -> str:
        g = self.g
        error = g.op("Erf", [g.op("Div", [x, g.const("sqrt.two", np.sqrt(2.0))])])
        return g.op(
            "Mul", [g.op("Mul", [x, g.const("half", 0.5)]), g.op("Add", [error, g.const("one", 1.0)])]
        )

    def pool(self, x: str, mask: str) -> str:
        g = self.g
        axis = g.const("axes.1", [1], np.int64)
        wide = g.op("Unsqueeze", [mask, g.const("axes.2", [2], np.int64)])
        total = g.op("ReduceSum", [g.op("Mul", [x, wide]), axis], keepdims=0)
        count = g.op("Max", [g.op("ReduceSum", [wide, axis], keepdims=0), g.const("tiny", 1e-9)])
        return g.op("Div", [total, count])


def build_graph(model_dir: Path) -> Any:
    """The ONNX model of the BERT weights in ``model_dir`` (``config.json`` and ``model.safetensors``)."""
    config = json.loads((model_dir / "config.json").read_text(encoding="utf-8"))
    return BertGraph(config, read_safetensors(model_dir / "model.safetensors")).build()
