"""One generation of a store on disk: written once, whole, and never changed.

gen-000007/
    manifest.json        count, model variant, analysis version, document versions
    records.jsonl        one document a line        offsets.npy   where each line starts, shape (n + 1,)
    words.txt            the words of each, a line  word_offsets.npy   where each line starts, shape (n + 1,)
    vectors.npy          float32 (n, 384), unit or zero
    sentences.npy        float16 (m, 384)           spans.npy     sentences of row i: spans[i] .. spans[i + 1]
    learned.npy, learned_sentences.npy   float16 (n, 128) and (m, 128), with a matcher only
    lexical/             tantivy
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Passage
from pipelines.embedding.encoder import DIMENSION
from pipelines.errors import StoreError
from pipelines.knowledge.lexical import RAW_FIELDS, LexicalIndex, build_lexical
from pipelines.knowledge.lines import Lines, write_lines
from pipelines.knowledge.passage_words import PassageWords, packed, passage_words, unpacked
from pipelines.knowledge.passages import from_record, search_text
from pipelines.writing import write_json

FORMAT = 3
ANALYSIS = "stems+grams4+prefixes5+gloss-v4"
"""Changes whenever :mod:`pipelines.text` or the tables of the gloss would index the same text differently."""

REBUILD = "Build it again: souffleur index DIR --rebuild"


class Row(NamedTuple):
    """What is stored of one document.

    Attributes:
        vector: shape ``(384,)``, or None.  sentences: shape ``(s, 384)``, s may be 0.
        learned: the matcher's vectors, the passage's, then its sentences', shape ``(1 + s, 128)``, or None.
        words: packed; empty when they have yet to be worked out.
    """

    record: dict[str, Any]
    vector: NDArray[np.float32] | None
    sentences: NDArray[np.float16]
    learned: NDArray[np.float16] | None = None
    words: str = ""


class Generation:
    """A generation, opened for reading; arrays are memory-mapped.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp()) / "gen-000001"
        >>> rows = [Row({"id": "a", "content": "Bonjour"}, None, NO_SENTENCES)]
        >>> write_generation(folder, rows, variant="test")
        >>> Generation(folder, variant="test").record(0)["content"]
        'Bonjour'
    """

    def __init__(self, folder: Path, variant: str) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder, variant)
        self.count: int = self.manifest["count"]
        self.ids: list[str] = self.manifest["ids"]
        self.row_of = {id_: row for row, id_ in enumerate(self.ids)}
        try:
            self.vectors: NDArray[np.float32] = _mapped(folder / "vectors.npy")
            self.sentence_vectors: NDArray[np.float16] = _mapped(folder / "sentences.npy")
            self.spans: NDArray[np.int64] = np.load(folder / "spans.npy")
            has_learned = bool(self.manifest["matcher"])
            self.learned = np.load(folder / "learned.npy").astype(np.float32) if has_learned else None
            self.learned_sentences = _mapped(folder / "learned_sentences.npy") if has_learned else None
            self._records = Lines(folder / "records.jsonl", folder / "offsets.npy")
            self._words = Lines(folder / "words.txt", folder / "word_offsets.npy")
            self.lexical = LexicalIndex(folder / "lexical")
        except (OSError, ValueError) as error:
            raise StoreError(
                f"The store {folder} is damaged ({type(error).__name__}).", mend=REBUILD
            ) from error
        self.columns = {name: np.array(self.manifest["columns"][name]) for name in RAW_FIELDS}
        self.passage = lru_cache(maxsize=4_096)(self._passage)

    def record(self, row: int) -> dict[str, Any]:
        """The stored record of a row."""
        record: dict[str, Any] = json.loads(self._records[row])
        return record

    def words(self, row: int) -> PassageWords:
        """The words of a row."""
        return unpacked(self._words[row])

    def _passage(self, row: int) -> Passage:
        return from_record(self.record(row))

    def row(self, index: int) -> Row:
        """Record and vectors of a row, as they were written."""
        vector = np.array(self.vectors[index])
        learned = None
        if self.learned is not None:
            parts = [self.learned[index : index + 1].astype(np.float16), self.learned_of(index)]
            learned = np.concatenate(parts)
        sentences = self.sentences_of(index)
        return Row(
            self.record(index), vector if vector.any() else None, sentences, learned, self._words[index]
        )

    def sentences_of(self, row: int) -> NDArray[np.float16]:
        """Sentence vectors of a row, shape ``(s, 384)``."""
        return np.array(self.sentence_vectors[int(self.spans[row]) : int(self.spans[row + 1])])

    def learned_of(self, row: int) -> NDArray[np.float16]:
        """The matcher's vectors of a row's sentences, shape ``(s, 128)``; empty without a matcher."""
        if self.learned_sentences is None:
            return np.zeros((0, 128), np.float16)
        return np.array(self.learned_sentences[int(self.spans[row]) : int(self.spans[row + 1])])


def _mapped(path: Path) -> NDArray[Any]:
    """An array that stays on disk; as a plain array, for numpy's class of mapped ones is slow to index."""
    mapped: NDArray[Any] = np.load(path, mmap_mode="r")
    return mapped.view(np.ndarray)


NO_SENTENCES: NDArray[np.float16] = np.zeros((0, DIMENSION), np.float16)


def read_manifest(folder: Path, variant: str) -> dict[str, Any]:
    """The manifest of a generation.

    Raises:
        StoreError: it is missing, or was made by another format, analysis or embedding model.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"The store {folder} has no readable manifest.", mend=REBUILD) from error
    for key, wanted in (("format", FORMAT), ("analysis", ANALYSIS), ("model", variant)):
        if manifest.get(key) != wanted:
            raise StoreError(
                f"The store {folder} was made with {key} {manifest.get(key)!r}; this version needs"
                f" {wanted!r}.",
                mend=REBUILD,
            )
    return manifest


def write_generation(
    folder: Path,
    rows: Sequence[Row],
    variant: str,
    sources: Mapping[str, str] | None = None,
    matcher: str = "",
) -> None:
    """Write all files of a generation into a new folder; the manifest comes last.

    Args:
        matcher: id of the matcher that made the learned vectors; empty when there are none.
    """
    folder.mkdir(parents=True)
    columns = {name: [str(row.record.get(name) or "") for row in rows] for name in RAW_FIELDS}
    records = (json.dumps(row.record, ensure_ascii=False, separators=(",", ":")) for row in rows)
    write_lines(folder / "records.jsonl", folder / "offsets.npy", records)
    words = (row.words or packed(passage_words(from_record(row.record))) for row in rows)
    write_lines(folder / "words.txt", folder / "word_offsets.npy", words)
    _write_vectors(folder, rows)
    if matcher:
        learned = [row.learned for row in rows if row.learned is not None]
        np.save(folder / "learned.npy", np.stack([part[0] for part in learned]))
        np.save(folder / "learned_sentences.npy", np.concatenate([part[1:] for part in learned]))
    build_lexical(folder / "lexical", (_lexical_row(row.record) for row in rows))
    manifest = {
        "format": FORMAT, "analysis": ANALYSIS, "model": variant, "count": len(rows),
        "ids": [row.record["id"] for row in rows], "columns": columns, "sources": dict(sources or {}),
        "matcher": matcher,
    }  # fmt: skip
    write_json(folder / "manifest.json", manifest)


def _write_vectors(folder: Path, rows: Sequence[Row]) -> None:
    sizes = {row.vector.size for row in rows if row.vector is not None} or {DIMENSION}
    if len(sizes) > 1:
        what = f"The documents have vectors of {len(sizes)} sizes ({sorted(sizes)})."
        raise StoreError(what, mend="Embed all of them with one model.")
    width = sizes.pop()
    nothing = np.zeros(width, np.float32)
    spans = np.cumsum([0, *(len(row.sentences) for row in rows)], dtype=np.int64)
    np.save(folder / "spans.npy", spans)
    whole = (nothing if row.vector is None else row.vector for row in rows)
    _write_matrix(folder / "vectors.npy", (len(rows), width), np.dtype(np.float32), whole)
    parts = (row.sentences for row in rows)
    _write_matrix(folder / "sentences.npy", (int(spans[-1]), DIMENSION), np.dtype(np.float16), parts)


def _write_matrix(
    path: Path, shape: tuple[int, int], dtype: np.dtype[Any], blocks: Iterable[NDArray[Any]]
) -> None:
    """Write an .npy file block by block: through a memory map, a full disk would kill the process."""
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    with path.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for block in blocks:
            stream.write(np.ascontiguousarray(block, dtype).tobytes())


def _lexical_row(record: dict[str, Any]) -> tuple[str, str, dict[str, str]]:
    head, body = search_text(from_record(record))
    return head, body, {name: str(record.get(name) or "") for name in RAW_FIELDS}
