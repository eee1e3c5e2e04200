"""The local embedding model: all-MiniLM-L6-v2 as ONNX, built from packaged weights."""

from pipelines.embedding.encoder import DIMENSION, VARIANT, Encoder, shared_encoder
from pipelines.embedding.model_files import ensure_model

__all__ = ["DIMENSION", "VARIANT", "Encoder", "ensure_model", "shared_encoder"]
