"""The embedded knowledge store: a Haystack DocumentStore over generations that are swapped atomically.

    STORE/CURRENT          name of the generation that serves
    STORE/gen-000007/      see :mod:`pipelines.knowledge.generation`
    STORE/lock             held by the one process that writes

A writer builds the next generation beside the current one, then replaces ``CURRENT``: killed at any moment,
the old index still serves, and the next writer clears what was left half done.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from haystack import Document, default_from_dict, default_to_dict
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack.utils.filters import document_matches_filter

from pipelines.embedding.encoder import VARIANT
from pipelines.errors import IndexLocked, KnowledgeError, StoreError
from pipelines.knowledge.generation import NO_SENTENCES, REBUILD, Generation, Row, write_generation
from pipelines.writing import write_text


class PassageStore:
    """Keeps passages with their vectors on disk; reads are lock-free and memory-mapped.

    Args:
        path: the store's folder; made at the first write.
        variant: embedding model of the vectors; a store of another one is refused.

    Example:
        >>> import tempfile
        >>> store = PassageStore(tempfile.mkdtemp())
        >>> store.write_documents([Document(id="a", content="Livraison en 3 jours")])
        1
        >>> store.count_documents()
        1
    """

    def __init__(self, path: str, variant: str = VARIANT) -> None:
        self.path = path
        self.variant = variant
        self._folder = Path(path)
        self._open: Generation | None = None
        self._named: tuple[tuple[int, int, int], str | None] | None = None

    def to_dict(self) -> dict[str, Any]:
        """For pipeline YAML: the path and the variant, no content."""
        return default_to_dict(self, path=self.path, variant=self.variant)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PassageStore:
        """From pipeline YAML."""
        return default_from_dict(cls, data)

    @property
    def generation(self) -> Generation:
        """The generation that serves now.

        Raises:
            StoreError: there is none, or it is damaged, or made by another model or version.
        """
        name = self._current()
        if name is None:
            raise StoreError(f"There is no index in {self._folder}.", mend="Make one: souffleur index DIR")
        if self._open is None or self._open.folder.name != name:
            self._open = Generation(self._folder / name, self.variant)
        return self._open

    def count_documents(self) -> int:
        """How many documents the store holds."""
        return self.generation.count if self._current() else 0

    def filter_documents(self, filters: dict[str, Any] | None = None) -> list[Document]:
        """Documents that match a Haystack filter, all of them without one."""
        documents = [self._document(row) for row in self._rows()]
        return [d for d in documents if document_matches_filter(filters, d)] if filters else documents

    def write_documents(
        self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE
    ) -> int:
        """Add documents in one new generation; returns how many were written.

        Raises:
            ValueError: something in the list is no Document.
            DuplicateDocumentError: an id exists and the policy is NONE or FAIL.
        """
        if not isinstance(documents, list) or any(not isinstance(d, Document) for d in documents):
            raise ValueError("write_documents takes a list of haystack Documents")
        with self.writing():
            rows = {row.record["id"]: row for row in self._rows()}
            written = 0
            for document in documents:
                if document.id in rows and policy in (DuplicatePolicy.NONE, DuplicatePolicy.FAIL):
                    raise DuplicateDocumentError(
                        f"document {document.id!r} is already in the store; use another policy"
                    )
                if document.id in rows and policy is DuplicatePolicy.SKIP:
                    continue
                rows[document.id] = _row(document)
                written += 1
            self.replace(list(rows.values()))
        return written

    def delete_documents(self, document_ids: list[str]) -> None:
        """Remove documents by id; unknown ids are ignored."""
        with self.writing():
            gone = set(document_ids)
            rows = self._rows()
            kept = [row for row in rows if row.record["id"] not in gone]
            if len(kept) < len(rows):
                self.replace(kept)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock.

        Raises:
            IndexLocked: another process holds it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self._folder / "lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise IndexLocked(
                f"Another process is indexing {self._folder}.", mend="Wait for it to end, or stop it."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def replace(
        self, rows: Sequence[Row], sources: Mapping[str, str] | None = None, matcher: str = ""
    ) -> None:
        """Make ``rows`` the whole content, atomically; call it inside :meth:`writing`.

        Languages and audiences are kept together, else in the order given: a search reads what it may find.
        """
        rows = sorted(rows, key=_scope)
        current = self._current()
        number = int(current.split("-")[1]) + 1 if current else 1
        name = f"gen-{number:06d}"
        self._clear(keep=current)
        try:
            write_generation(self._folder / name, rows, self.variant, sources, matcher)
            write_text(self._folder / "CURRENT", name + "\n")
        except (OSError, ValueError) as error:
            # tantivy reports a failed write as ValueError
            shutil.rmtree(self._folder / name, ignore_errors=True)
            full = getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
            what = "the disk is full" if full else type(error).__name__
            raise KnowledgeError(
                f"The index could not be written to {self._folder}: {what}; the old one still serves.",
                mend="Free some disk, then index again.",
            ) from error
        self._clear(keep=name, also=current)

    def _current(self) -> str | None:
        # Asked for at each search: the file is read again only when it is another one.
        path = self._folder / "CURRENT"
        try:
            state = path.stat()
            signature = (state.st_ino, state.st_mtime_ns, state.st_size)
            if self._named is None or self._named[0] != signature:
                self._named = (signature, path.read_text(encoding="utf-8").strip() or None)
            return self._named[1]
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"The file {self._folder / 'CURRENT'} cannot be read.", mend=REBUILD) from error

    def _clear(self, keep: str | None, also: str | None = None) -> None:
        """Remove all generations but those in use; readers keep what they have mapped until they reopen."""
        for folder in self._folder.glob("gen-*"):
            if folder.name not in (keep, also):
                shutil.rmtree(folder, ignore_errors=True)

    def _rows(self) -> list[Row]:
        if self._current() is None:
            return []
        generation = self.generation
        return [generation.row(index) for index in range(generation.count)]

    @staticmethod
    def _document(row: Row) -> Document:
        data = dict(row.record)
        if row.vector is not None:
            data["embedding"] = row.vector.tolist()
        return Document.from_dict(data)


def _scope(row: Row) -> tuple[str, bool]:
    """By language, and what all may read before internal notes."""
    return str(row.record.get("lang") or ""), row.record.get("audience") == "agent"


def _row(document: Document) -> Row:
    record = document.to_dict(flatten=True)
    embedding = record.pop("embedding", None)
    vector = None if embedding is None else np.asarray(embedding, np.float32)
    return Row(record, vector, NO_SENTENCES)
