"""How fast this machine is now: read beside a latency, for shared machines differ from hour to hour."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

LOOPS = 1_000_000
SIDE = 512
FLOATS = 10_000_000
REPEATS = 5


def machine_speed() -> dict[str, Any]:
    """Cores; milliseconds of a million turns of a Python loop; GFLOP/s of a float32 product; GB/s read.

    Each is the median of five, in one thread but for the product, which takes the cores that BLAS may use.

    Example:
        >>> sorted(machine_speed())
        ['cores', 'loop_ms', 'product_gflops', 'read_gb_s']
    """
    matrix = np.ones((SIDE, SIDE), np.float32)
    floats = np.ones(FLOATS, np.float32)
    product = _seconds(lambda: matrix @ matrix)
    return {
        "cores": os.cpu_count(),
        "loop_ms": round(_seconds(_loop) * 1000, 1),
        "product_gflops": round(2 * SIDE**3 / product / 1e9, 1),
        "read_gb_s": round(floats.nbytes / _seconds(floats.max) / 1e9, 1),
    }


def _loop() -> int:
    total = 0
    for number in range(LOOPS):
        total += number
    return total


def _seconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return float(np.median(took))
