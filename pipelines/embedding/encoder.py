"""Texts to unit vectors, on the CPU."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding.model_files import GRAPH, INPUT, MODEL_NAME, ensure_model
from pipelines.embedding.sessions import open_session

DIMENSION = 384
WIDE = 2 * DIMENSION
VARIANT = MODEL_NAME
MAX_TOKENS = 256
QUERY_CACHE = 2_048
CHUNK = 32
"""Texts between two calls of a progress."""


class Encoder:
    """all-MiniLM-L6-v2 on onnxruntime; English-born, so lexical search carries the other languages.

    Args:
        cache: folder in which the model is built the first time.
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
        self._session: Any = None
        self._tokenizer: Any = None
        self._recent: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock, self._loading = Lock(), Lock()

    def warm_up(self) -> None:
        """Load the model (0.1 s), building it when it is not there; the first of several threads does."""
        if self._session is None:
            with self._loading:
                if self._session is None:
                    self._load()

    def _load(self) -> None:
        from tokenizers import Tokenizer

        folder = ensure_model(self.cache)
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(max_length=MAX_TOKENS)  # the file ships with 128
        tokenizer.no_padding()  # and with fixed padding
        self._tokenizer = tokenizer
        self._session = open_session(str(folder / GRAPH))

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Unit vectors, shape ``(len(texts), 384)``; an empty text has the vector of its special tokens.

        Args:
            progress: called with the number of texts done since the last call.
        """
        return self._encode(texts, ["sentence_embedding"], progress)

    def encode_wide(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """The same, and beside it the mean of two middle layers as it is, shape ``(len(texts), 768)``.

        Args:
            progress: called with the number of texts done since the last call.
        """
        return self._encode(texts, ["sentence_embedding", "middle_layers"], progress)

    def _encode(
        self, texts: Sequence[str], outputs: list[str], progress: Callable[[int], None] | None
    ) -> NDArray[np.float32]:
        self.warm_up()
        out = np.empty((len(texts), len(outputs) * DIMENSION), np.float32)
        # One text an inference: the processor is as busy as with a batch, and nothing is padded.
        with ExitStack() as stack:
            run: Any = map
            if self.threads > 1 and len(texts) > 1:
                run = stack.enter_context(ThreadPoolExecutor(self.threads)).map
            for start in range(0, len(texts), CHUNK):
                encoded = self._tokenizer.encode_batch(list(texts[start : start + CHUNK]))
                vectors = run(lambda one: self._session.run(outputs, {INPUT: np.array([one.ids])}), encoded)
                for number, parts in enumerate(vectors, start):
                    out[number] = np.hstack(parts)[0]
                if progress:
                    progress(len(encoded))
        return out

    def encode_one(self, text: str) -> NDArray[np.float32]:
        """The vector of one query, shape ``(384,)``; the last 2,048 are remembered."""
        return self.encode_one_wide(text)[:DIMENSION]

    def encode_one_wide(self, text: str) -> NDArray[np.float32]:
        """As :meth:`encode_wide` of one query, shape ``(768,)``; the last 2,048 are remembered."""
        with self._lock:
            if (known := self._recent.get(text)) is not None:
                self._recent.move_to_end(text)
                return known
        vector: NDArray[np.float32] = self.encode_wide([text])[0]
        with self._lock:
            self._recent[text] = vector
            if len(self._recent) > QUERY_CACHE:
                self._recent.popitem(last=False)
        return vector


@lru_cache(maxsize=4)
def shared_encoder(cache: Path, threads: int = 1) -> Encoder:
    """One encoder for all who name the same folder: one model in memory, one memory of recent queries.

    Example:
        >>> shared_encoder(Path(".cache")) is shared_encoder(Path(".cache"))
        True
    """
    return Encoder(cache, threads)
