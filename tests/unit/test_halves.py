"""Widening a half gives the very number that numpy gives."""

from __future__ import annotations

import numpy as np

from pipelines.knowledge.halves import widened


def test_every_finite_half() -> None:
    every = np.arange(2**16, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].reshape(-1, 16)
    found = widened(finite)
    assert found.dtype == np.float32
    assert found.shape == finite.shape
    np.testing.assert_array_equal(found.view(np.int32), finite.astype(np.float32).view(np.int32))
