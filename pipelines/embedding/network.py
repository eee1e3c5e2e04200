"""A packaged model at work: its tokenizer and its graph, on the CPU."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding.model_files import INPUT, PackagedModel, ensure_model
from pipelines.embedding.sessions import open_session

MAX_TOKENS = 256
CHUNK = 32
"""Texts between two calls of a progress."""
Tokenize = Callable[[Sequence[str]], list[list[int]]]


class Network:
    """One model, loaded when it is first asked.

    Args:
        cache: folder in which the model is built the first time.
        threads: texts that are read at the same time when many are given.

    Example:
        >>> from pathlib import Path
        >>> from pipelines.embedding.model_files import MULTILINGUAL
        >>> network = Network(MULTILINGUAL, Path(".cache"))
        >>> network.run(["mon colis", "my parcel"], {"sentence_embedding": 512}).shape
        (2, 512)
    """

    def __init__(self, model: PackagedModel, cache: Path, threads: int = 1) -> None:
        self.model, self.cache, self.threads = model, cache, threads
        self._session: Any = None
        self._tokenize: Tokenize
        self._table: Table
        self._loading = Lock()

    def warm_up(self) -> None:
        """Load the model (0.2 s), building it when it is not there; the first of several threads does."""
        if self._session is None:
            with self._loading:
                if self._session is None:
                    folder = ensure_model(self.cache, self.model)
                    self._table = Table(folder / self.model.table, self.model.row)
                    self._tokenize = open_tokenizer(folder / self.model.tokenizer)
                    self._session = open_session(str(folder / self.model.graph))

    def run(
        self, texts: Sequence[str], outputs: dict[str, int], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """The outputs side by side, shape ``(len(texts), their widths together)``.

        Args:
            outputs: width of each, by its name in the graph.
            progress: called with the number of texts done since the last call.
        """
        self.warm_up()
        names = list(outputs)
        out = np.empty((len(texts), sum(outputs.values())), np.float32)
        # One text an inference: the processor is as busy as with a batch, and nothing is padded.
        with ExitStack() as stack:
            run: Any = map
            if self.threads > 1 and len(texts) > 1:
                run = stack.enter_context(ThreadPoolExecutor(self.threads)).map
            for start in range(0, len(texts), CHUNK):
                encoded = self._tokenize(texts[start : start + CHUNK])
                vectors = run(
                    lambda ids: self._session.run(names, {INPUT: self._table.read(ids)[None]}), encoded
                )
                for number, parts in enumerate(vectors, start):
                    out[number] = np.hstack(parts)[0]
                if progress:
                    progress(len(encoded))
        return out


class Table:
    """Rows of a file, read when they are asked for.

    Mapped, the pages around every word ever seen would stay in the process's memory, tens of megabytes.
    Reading a text's rows takes a twentieth of a millisecond.

    Args:
        row: what a row is, as numpy writes it.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile() as file:
        ...     np.arange(6, dtype="<f4").tofile(file.name)
        ...     Table(Path(file.name), "<(2,)f4").read([2, 0]).tolist()
        [[4.0, 5.0], [0.0, 1.0]]
    """

    def __init__(self, path: Path, row: str) -> None:
        self._kind = np.dtype(row)
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def read(self, rows: Sequence[int]) -> NDArray[np.float32]:
        """Shape ``(len(rows), width)``."""
        size = self._kind.itemsize
        raw = b"".join([os.pread(self._file, size, row * size) for row in rows])
        return np.frombuffer(raw, self._kind.base).reshape(len(rows), -1).astype(np.float32)


def open_tokenizer(path: Path) -> Tokenize:
    """Texts to ids of at most 256 tokens, from a Hugging Face file (``.json``) or a SentencePiece one."""
    if path.suffix == ".json":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.enable_truncation(max_length=MAX_TOKENS)  # the file ships with 128
        tokenizer.no_padding()  # and with fixed padding
        return lambda texts: [encoded.ids for encoded in tokenizer.encode_batch(list(texts))]
    from sentencepiece import SentencePieceProcessor

    pieces = SentencePieceProcessor(model_file=str(path))
    inner = MAX_TOKENS - 2  # one mark at each end

    def tokenize(texts: Sequence[str]) -> list[list[int]]:
        # One by one: for a list it starts threads, which take longer than a short text does.
        found = (pieces.encode(text, out_type=int) for text in texts)
        return [[pieces.bos_id(), *ids[:inner], pieces.eos_id()] for ids in found]

    return tokenize
