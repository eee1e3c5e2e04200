"""The indexing pipeline: read -> split -> embed what changed -> swap.

    folder -> FolderReader -> PassageSplitter -> PassageEmbedder -> PassageWriter -> report
"""

from __future__ import annotations

from pathlib import Path

from haystack import Pipeline

from pipelines.errors import StoreError
from pipelines.knowledge.indexing import FolderReader, IndexReport, PassageEmbedder, PassageSplitter, PassageWriter, Progress
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.store import PassageStore


def build_index(store: PassageStore, cache: str, threads: int = 2) -> Pipeline:
    """The indexing pipeline over ``store``; nothing is loaded yet."""
    pipeline = Pipeline(metadata={"name": "index"})
    pipeline.add_component("read", FolderReader())
    pipeline.add_component("split", PassageSplitter())
    pipeline.add_component("embed", PassageEmbedder(cache, store, threads))
    pipeline.add_component("write", PassageWriter(store))
    pipeline.connect("read.documents", "split.documents")
    pipeline.connect("split.passages", "embed.passages")
    pipeline.connect("embed.rows", "write.rows")
    pipeline.connect("embed.embedded", "write.embedded")
    pipeline.connect("read.documents", "write.documents")
    pipeline.connect("read.problems", "write.problems")
    return pipeline


def index_folder(
    folder: Path, store: PassageStore, cache: str, lang: str | None = None, rebuild: bool = False,
    threads: int = 2, progress: Progress | None = None,
) -> IndexReport:  # fmt: skip
    """Bring ``store`` in line with ``folder``; does nothing when no document changed.

    Raises:
        KnowledgeError: nothing readable, or the disk is full.
        IndexLocked: another process is indexing the same store.
    """
    if not rebuild and (same := _unchanged(folder, store, lang)):
        return same
    with store.writing():
        pass  # fail before the long work when another process is at it
    pipeline = build_index(store, cache, threads)
    pipeline.get_component("embed").progress = progress
    result = pipeline.run({"read": {"folder": folder, "lang": lang}, "embed": {"rebuild": rebuild}})
    report: IndexReport = result["write"]["report"]
    return report


def _unchanged(folder: Path, store: PassageStore, lang: str | None) -> IndexReport | None:
    try:
        generation = store.generation
    except StoreError:
        return None
    reading = read_folder(folder, lang)
    if not reading.documents or {d.id: d.version for d in reading.documents} != generation.manifest["sources"]:
        return None
    return IndexReport(len(reading.documents), generation.count, 0, generation.count, False, tuple(reading.problems))
