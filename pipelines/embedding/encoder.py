"""Texts to unit vectors, on the CPU."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding.model_files import GRAPH, MODEL_NAME, ensure_model

DIMENSION = 384
WIDE = 2 * DIMENSION
VARIANT = MODEL_NAME
MAX_TOKENS = 256
QUERY_CACHE = 2_048


class Encoder:
    """all-MiniLM-L6-v2 on onnxruntime; English-born, so lexical search carries the other languages.

    Args:
        cache: folder in which the model is built the first time.
        threads: threads of one inference; leave 1 in a server that answers several clients.

    Example:
        >>> from pathlib import Path
        >>> Encoder(Path(".cache")).variant
        'all-MiniLM-L6-v2-fp32-v1'
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
        import onnxruntime
        from tokenizers import Tokenizer

        folder = ensure_model(self.cache)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        # An arena that grows with the longest batch ever seen would keep that memory for ever.
        options.enable_cpu_mem_arena = False
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.enable_truncation(max_length=MAX_TOKENS)  # the file ships with 128
        tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # and with fixed padding
        self._tokenizer = tokenizer
        self._session = onnxruntime.InferenceSession(
            str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )

    def encode(
        self, texts: Sequence[str], batch: int = 32, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Unit vectors, shape ``(len(texts), 384)``; an empty text has the vector of its special tokens.

        Args:
            batch: texts an inference; they are sorted by length so that little is padded.
            progress: called with the number of texts done since the last call.
        """
        return self._encode(texts, ["sentence_embedding"], batch, progress)

    def encode_wide(
        self, texts: Sequence[str], batch: int = 32, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """The same, and beside it the mean of two middle layers as it is, shape ``(len(texts), 768)``.

        Args:
            batch: texts an inference; they are sorted by length so that little is padded.
            progress: called with the number of texts done since the last call.
        """
        return self._encode(texts, ["sentence_embedding", "middle_layers"], batch, progress)

    def _encode(
        self, texts: Sequence[str], outputs: list[str], batch: int, progress: Callable[[int], None] | None
    ) -> NDArray[np.float32]:
        self.warm_up()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.empty((len(texts), len(outputs) * DIMENSION), np.float32)
        for start in range(0, len(texts), batch):
            chosen = order[start : start + batch]
            encoded = self._tokenizer.encode_batch([texts[i] for i in chosen])
            ids = np.array([e.ids for e in encoded], np.int64)
            mask = np.array([e.attention_mask for e in encoded], np.int64)
            feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            out[chosen] = np.hstack(self._session.run(outputs, feed))
            if progress:
                progress(len(chosen))
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
