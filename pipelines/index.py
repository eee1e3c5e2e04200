"""The indexing pipeline: read -> split -> embed what changed -> match -> swap.

folder -> FolderReader -> PassageSplitter -> PassageEmbedder -> PassageMatcher -> PassageWriter -> report
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from haystack import Pipeline

from pipelines.errors import StoreError
from pipelines.knowledge.indexing import (
    FolderReader,
    IndexReport,
    PassageEmbedder,
    PassageMatcher,
    PassageSplitter,
    PassageWriter,
    Progress,
)
from pipelines.knowledge.matcher import matcher_id
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.store import PassageStore
from pipelines.running import run_pipeline


def build_index(store: PassageStore, cache: str, threads: int = 2, matcher: Path | None = None) -> Pipeline:
    """The indexing pipeline over ``store``; nothing is loaded yet."""
    pipeline = Pipeline(metadata={"name": "index"})
    pipeline.add_component("read", FolderReader())
    pipeline.add_component("split", PassageSplitter())
    pipeline.add_component("embed", PassageEmbedder(cache, store, threads))
    pipeline.add_component("match", PassageMatcher(str(matcher) if matcher else ""))
    pipeline.add_component("write", PassageWriter(store))
    pipeline.connect("read.documents", "split.documents")
    pipeline.connect("split.passages", "embed.passages")
    pipeline.connect("embed.rows", "match.rows")
    pipeline.connect("match.rows", "write.rows")
    pipeline.connect("match.matcher", "write.matcher")
    pipeline.connect("embed.embedded", "write.embedded")
    pipeline.connect("read.documents", "write.documents")
    pipeline.connect("read.problems", "write.problems")
    return pipeline


def index_folder(
    folder: Path, store: PassageStore, cache: str, lang: str | None = None, rebuild: bool = False,
    threads: int = 2, progress: Progress | None = None, matcher: Path | None = None,
) -> IndexReport:  # fmt: skip
    """Bring ``store`` in line with ``folder``; does nothing when no document, nor the matcher, changed.

    Args:
        matcher: folder of a trained matcher; without one the store is searched by words and MiniLM alone.

    Raises:
        KnowledgeError: nothing readable, or the disk is full.
        IndexLocked: another process is indexing the same store.
    """
    if not rebuild and (same := _unchanged(folder, store, lang, matcher)):
        return same
    with store.writing():
        pass  # fail before the long work when another process is at it
    pipeline = build_index(store, cache, threads, matcher)
    for name in ("embed", "match"):
        component: Any = pipeline.get_component(name)
        component.progress = progress
    result = run_pipeline(pipeline, {"read": {"folder": folder, "lang": lang}, "embed": {"rebuild": rebuild}})
    report: IndexReport = result["write"]["report"]
    return report


def _unchanged(
    folder: Path, store: PassageStore, lang: str | None, matcher: Path | None
) -> IndexReport | None:
    try:
        generation = store.generation
    except StoreError:
        return None
    if generation.manifest["matcher"] != matcher_id(matcher):
        return None
    reading = read_folder(folder, lang)
    if (
        not reading.documents
        or {d.id: d.version for d in reading.documents} != generation.manifest["sources"]
    ):
        return None
    return IndexReport(
        len(reading.documents), generation.count, 0, generation.count, False, tuple(reading.problems)
    )
