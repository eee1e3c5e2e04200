"""The local embedding model: all-MiniLM-L6-v2 as ONNX, built from packaged weights."""

from pipelines.embedding.encoder import DIMENSION, VARIANT, WIDE, Encoder, shared_encoder
from pipelines.embedding.model_files import GRAPH, ensure_model

__all__ = ["DIMENSION", "GRAPH", "VARIANT", "WIDE", "Encoder", "ensure_model", "shared_encoder"]
