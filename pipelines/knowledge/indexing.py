"""From a folder to a store: the four components of the indexing pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from haystack import component, default_from_dict, default_to_dict

from pipelines.contracts import Document, Passage
from pipelines.embedding import DIMENSION, Encoder
from pipelines.errors import KnowledgeError, StoreError
from pipelines.hashing import sha256_text
from pipelines.knowledge.generation import Generation, Row
from pipelines.knowledge.matcher import Matcher, matcher_id, passage_text, sentence_texts
from pipelines.knowledge.passages import from_record, search_text, to_haystack
from pipelines.knowledge.reading import Problem, read_folder
from pipelines.knowledge.splitting import split
from pipelines.knowledge.store import PassageStore
from pipelines.understanding.gloss import gloss

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, what is done of it, and its total."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing did.

    Example:
        >>> IndexReport(1, 3, 3, 0, True, ()).changed
        True
    """

    documents: int
    passages: int
    embedded: int
    reused: int
    changed: bool
    problems: tuple[Problem, ...]


@component
class FolderReader:
    """Reads a folder into documents.

    Example:
        >>> FolderReader().run.__name__
        'run'
    """

    @component.output_types(documents=list[Document], problems=list[Problem])
    def run(self, folder: Path, lang: str | None = None) -> dict[str, Any]:
        """Raises KnowledgeError when nothing at all can be read: an empty index is never what was meant."""
        reading = read_folder(folder, lang)
        if not reading.documents:
            first = reading.problems[0]
            raise KnowledgeError(
                f"No file of {str(folder)!r} could be read; the first: {first.where}: {first.why}.",
                mend="Mend the files, then index again.",
            )
        return {"documents": reading.documents, "problems": reading.problems}


@component
class PassageSplitter:
    """Cuts documents into passages.

    Example:
        >>> d = Document(id="d", title="T", text="Un texte.", lang="fr")
        >>> len(PassageSplitter().run([d])["passages"])
        1
    """

    @component.output_types(passages=list[Passage])
    def run(self, documents: list[Document]) -> dict[str, Any]:
        """Passages in document order."""
        return {"passages": [passage for document in documents for passage in split(document)]}


@component
class PassageEmbedder:
    """Embeds what is new, and takes the vectors of what did not change from the store.

    Example:
        >>> PassageEmbedder(cache=".cache", store=PassageStore("var/index")).threads
        2
    """

    def __init__(self, cache: str, store: PassageStore, threads: int = 2) -> None:
        self.cache, self.store, self.threads = cache, store, threads
        self.progress: Progress | None = None
        self._encoder = Encoder(Path(cache), threads)

    def to_dict(self) -> dict[str, Any]:
        """For pipeline YAML."""
        return default_to_dict(self, cache=self.cache, store=self.store.to_dict(), threads=self.threads)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PassageEmbedder:
        """From pipeline YAML."""
        data["init_parameters"]["store"] = PassageStore.from_dict(data["init_parameters"]["store"])
        return default_from_dict(cls, data)

    def warm_up(self) -> None:
        """Load the model."""
        self._encoder.warm_up()

    @component.output_types(rows=list[Row], embedded=int)
    def run(self, passages: list[Passage], rebuild: bool = False) -> dict[str, Any]:
        """One row a passage, and how many had to be embedded."""
        known = {} if rebuild else self._known()
        keys = [_key(passage) for passage in passages]
        fresh = [i for i, key in enumerate(keys) if key not in known]
        new = iter(self._embed([passages[i] for i in fresh]))
        rows: list[Row] = []
        for passage, key in zip(passages, keys, strict=True):
            vector, sentences, words = known[key] if key in known else (*next(new), "")
            rows.append(Row(_record(passage), vector, sentences, words=words))
        return {"rows": rows, "embedded": len(fresh)}

    def _known(self) -> dict[str, tuple[Any, Any, str]]:
        try:
            generation: Generation = self.store.generation
        except StoreError:
            return {}
        rows = [generation.row(index) for index in range(generation.count)]
        return {
            _key(from_record(row.record)): (row.vector, row.sentences, row.words)
            for row in rows
            if row.vector is not None
        }

    def _embed(self, passages: Sequence[Passage]) -> list[tuple[Any, Any]]:
        # MiniLM is English-born: it reads French and Spanish far better word by word in English.
        whole = [gloss("\n".join(search_text(p)), p.lang) for p in passages]
        parts = [gloss(p.text[a:b], p.lang) for p in passages for a, b in p.sentences]
        total, done = len(whole) + len(parts), 0

        def tick(count: int) -> None:
            nonlocal done
            done += count
            if self.progress:
                self.progress("embed", done, total)

        vectors = self._encoder.encode(whole, tick)
        sentences = self._encoder.encode(parts, tick).astype(np.float16)
        ends = np.cumsum([len(p.sentences) for p in passages], dtype=int)
        return [
            (vector, sentences[end - len(p.sentences) : end])
            for p, vector, end in zip(passages, vectors, ends, strict=True)
        ]


@component
class PassageMatcher:
    """Adds the matcher's vectors to rows, where there is a matcher.

    Example:
        >>> PassageMatcher("").run([])
        {'rows': [], 'matcher': ''}
    """

    def __init__(self, matcher_path: str) -> None:
        self.matcher_path = matcher_path
        self.progress: Progress | None = None

    @component.output_types(rows=list[Row], matcher=str)
    def run(self, rows: list[Row]) -> dict[str, Any]:
        """The same rows with ``learned`` filled, and the matcher's id (empty without one)."""
        identity = matcher_id(Path(self.matcher_path)) if self.matcher_path else ""
        if not identity:
            return {"rows": rows, "matcher": ""}
        matcher = Matcher.load(Path(self.matcher_path))
        made = []
        for index, row in enumerate(rows):
            passage = from_record(row.record)
            whole = np.zeros(DIMENSION, np.float32) if row.vector is None else row.vector
            vectors = np.concatenate([whole[None], row.sentences.astype(np.float32)])
            texts = [passage_text(passage), *sentence_texts(passage)[: len(row.sentences)]]
            made.append(row._replace(learned=matcher.encode(texts, vectors).astype(np.float16)))
            if self.progress and index % 50 == 0:
                self.progress("match", index + 1, len(rows))
        return {"rows": made, "matcher": identity}


@component
class PassageWriter:
    """Swaps the new rows in, unless nothing changed.

    Example:
        >>> PassageWriter(PassageStore("var/index")).store.path
        'var/index'
    """

    def __init__(self, store: PassageStore) -> None:
        self.store = store

    @component.output_types(report=IndexReport)
    def run(
        self,
        rows: list[Row],
        documents: list[Document],
        problems: list[Problem],
        embedded: int,
        matcher: str = "",
    ) -> dict[str, Any]:
        """Writes under the store's lock; a crash before the last step leaves the old index serving."""
        sources = {d.id: d.version for d in documents}
        with self.store.writing():
            self.store.replace(rows, sources, matcher)
        report = IndexReport(len(documents), len(rows), embedded, len(rows) - embedded, True, tuple(problems))
        return {"report": report}


def _record(passage: Passage) -> dict[str, Any]:
    record: dict[str, Any] = to_haystack(passage).to_dict(flatten=True)
    record.pop("embedding", None)
    return {key: value for key, value in record.items() if value not in (None, "", [], False)}


def _key(passage: Passage) -> str:
    head, body = search_text(passage)
    return sha256_text(f"{passage.lang}\n{head}\n{body}")
