"""Texts to unit vectors, on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding.model_files import MINILM, MULTILINGUAL
from pipelines.embedding.network import Network

Floats = NDArray[np.float32]
DIMENSION = 384
MULTILINGUAL_DIMENSION = 512
WIDE = 2 * DIMENSION + MULTILINGUAL_DIMENSION
VARIANT = MINILM.name
WIDE_VARIANT = f"{MINILM.name}+{MULTILINGUAL.name}"
QUERY_CACHE = 1_024
LAST = {"sentence_embedding": DIMENSION}
LAYERS = {**LAST, "middle_layers": DIMENSION}
SHARED = {"sentence_embedding": MULTILINGUAL_DIMENSION}


class Encoder:
    """all-MiniLM-L6-v2 on onnxruntime; English-born, so lexical search carries the other languages.

    Where messages are compared with messages, a multilingual encoder stands beside it: :meth:`encode_wide`.

    Args:
        cache: folder in which the models are built the first time.
        threads: texts that are read at the same time when many are given.

    Example:
        >>> from pathlib import Path
        >>> Encoder(Path(".cache")).variant
        'all-MiniLM-L6-v2-int8-v1'
    """

    variant = VARIANT

    def __init__(self, cache: Path, threads: int = 1) -> None:
        self.cache = cache
        self.threads = threads
        self._english = Network(MINILM, cache, threads)
        self._multilingual = Network(MULTILINGUAL, cache, threads)
        self._layers = lru_cache(QUERY_CACHE)(lambda text: self._english.run([text], LAYERS)[0])
        self._shared = lru_cache(QUERY_CACHE)(lambda text: self._multilingual.run([text], SHARED)[0])

    def warm_up(self, wide: bool = False) -> None:
        """Load the model (0.1 s), building it when it is not there; ``wide``: the multilingual one too."""
        self._english.warm_up()
        if wide:
            self._multilingual.warm_up()

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Floats:
        """Unit vectors, shape ``(len(texts), 384)``; an empty text has the vector of its special tokens.

        Args:
            progress: called with the number of texts done since the last call.
        """
        return self._english.run(texts, LAST, progress)

    def encode_wide(self, texts: Sequence[str], readings: Sequence[str]) -> Floats:
        """Of each message all there is, shape ``(len(texts), 1280)``.

        The vector of its English reading, the mean of two middle layers as it is, and the multilingual
        vector of the text as it was written.
        """
        return np.hstack([self._english.run(readings, LAYERS), self._multilingual.run(texts, SHARED)])

    def encode_one(self, text: str) -> Floats:
        """The vector of one query, shape ``(384,)``; the last 1,024 are remembered."""
        vector: Floats = self._layers(text)[:DIMENSION]
        return vector

    def encode_one_wide(self, text: str, reading: str) -> Floats:
        """As :meth:`encode_wide` of one message, shape ``(1280,)``; the last 1,024 are remembered."""
        return np.hstack([self._layers(reading), self._shared(text)])


@lru_cache(maxsize=4)
def shared_encoder(cache: Path, threads: int = 1) -> Encoder:
    """One encoder for all who name the same folder: one model in memory, one memory of recent queries.

    Example:
        >>> shared_encoder(Path(".cache")) is shared_encoder(Path(".cache"))
        True
    """
    return Encoder(cache, threads)
