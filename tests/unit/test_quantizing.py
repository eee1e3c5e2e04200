"""Dense layers in integers: right to a rounding, for any input, row by row."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto

from pipelines.embedding.graph import GraphBuilder
from pipelines.embedding.quantizing import WEIGHT_LIMIT, Quantized, rounded, smoothing
from pipelines.embedding.sessions import open_session
from pipelines.understanding.nearness import Points

Floats = NDArray[np.float32]
RANDOM = np.random.default_rng(3)


def through(dense: Quantized, x: Floats, weight: Floats, bias: Floats) -> Floats:
    builder = GraphBuilder()
    out = dense(builder, "layer", "x", weight, bias)
    model = builder.model(
        "one", {"x": (int(TensorProto.FLOAT), ["rows", weight.shape[0]])}, {out: ["rows", weight.shape[1]]}
    )
    session = open_session(model.SerializeToString())
    found: Floats = session.run([out], {"x": x})[0]
    return found


def off(found: Floats, wanted: Floats) -> float:
    """How far, as a share of the size."""
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def made(rows: int, wide: int, out: int) -> tuple[Floats, Floats, Floats]:
    x, weight, bias = (RANDOM.standard_normal(s) for s in ((rows, wide), (wide, out), (out,)))
    return x.astype(np.float32), weight.astype(np.float32), bias.astype(np.float32)


def test_a_layer_is_right_to_a_few_hundredths() -> None:
    x, weight, bias = made(7, 64, 48)
    assert off(through(Quantized({}), x, weight, bias), x @ weight + bias) < 0.02


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    x, weight, bias = made(5, 64, 32)
    alone = through(Quantized({}), x[:1], weight, bias)
    x[1:] *= 1_000
    np.testing.assert_array_equal(through(Quantized({}), x, weight, bias)[:1], alone)


def test_a_channel_far_larger_than_the_rest_costs_less_once_its_size_is_in_the_weights() -> None:
    x, weight, bias = made(20, 64, 32)
    x[:, 5] *= 200
    weight[5] /= 200
    wanted, peaks = x @ weight + bias, {"layer": np.abs(x).max(axis=0)}
    plain, smooth = (off(through(Quantized(p), x, weight, bias), wanted) for p in ({}, peaks))
    assert smooth < 0.03 < 10 * smooth < plain


def test_weights_have_seven_bits_so_that_no_processor_overflows() -> None:
    whole, scales = rounded(made(1, 300, 40)[1] * 50)
    assert np.abs(whole.astype(int)).max() == WEIGHT_LIMIT
    assert 2 * 255 * WEIGHT_LIMIT < 2**15
    assert scales.shape == (40,)


def test_a_column_of_zeros_gives_zeros() -> None:
    x, weight, _ = made(3, 32, 4)
    weight[:, 2] = 0
    found = through(Quantized({}), x, weight, np.zeros(4, np.float32))
    assert np.isfinite(found).all()
    assert (found[:, 2] == 0).all()


def test_cosines_with_the_training_points_are_nearly_those_in_floats() -> None:
    points = RANDOM.standard_normal((500, 256)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    found = Points.of(points)
    assert found.shape == points.shape
    assert np.abs(found.similar(points[7]) - points @ points[7]).max() < 0.01
    again = Points(found.model)
    np.testing.assert_array_equal(again.similar(points[7]), found.similar(points[7]))


def test_damaged_points_are_refused() -> None:
    with pytest.raises(ValueError, match="no such model"):
        assert Points(b"half a model").shape


def test_a_channel_that_is_never_seen_or_never_weighed_has_a_finite_factor() -> None:
    factors = smoothing(np.array([0.0, 1.0, 0.0]), np.array([[1.0], [0.0], [0.0]]))
    assert np.isfinite(factors).all()
    assert (factors > 0).all()
