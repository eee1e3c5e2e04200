"""How models run here: on the CPU, one thread a call, and no memory kept from the longest text ever seen."""

from __future__ import annotations

from typing import Any


def open_session(model: str | bytes) -> Any:
    """An onnxruntime session of a model's file, or of its bytes."""
    # Imported here: imports do no work.
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # An arena that grows with the longest text ever seen would keep that memory for ever.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
