"""The local embedding models, an English and a multilingual one, as ONNX built from packaged weights."""

from pipelines.embedding.encoder import DIMENSION, VARIANT, WIDE, WIDE_VARIANT, Encoder, shared_encoder
from pipelines.embedding.model_files import MODELS, ensure_model

__all__ = [
    "DIMENSION",
    "MODELS",
    "VARIANT",
    "WIDE",
    "WIDE_VARIANT",
    "Encoder",
    "ensure_model",
    "shared_encoder",
]
