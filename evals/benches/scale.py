"""Search at scale, beside Haystack's in-memory pair: same passages, same queries, same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
from haystack import Document
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from numpy.typing import NDArray

from evals.benches.synthetic import LANG, build_synthetic_store, synthetic_queries
from pipelines.embedding import Encoder
from pipelines.knowledge.search import search
from pipelines.knowledge.store import PassageStore

__all__ = ["bench_scale", "build_synthetic_store"]

TOP_K = 10
OURS, THEIRS = 200, 12
"""Queries timed at most. Theirs may take seconds a query: it ends after :data:`THEIR_SECONDS` of them."""

THEIR_SECONDS = 90.0
THEIR_LEAST = 5
"""So many queries are timed in any case: fewer tell no median."""

WHERE = {"lang": [LANG], "audience": ["public"]}


Tick = Callable[[str, int, int], None]


def bench_scale(passages: int, encoder: Encoder, progress: Tick | None = None) -> dict[str, Any]:
    """Latency and memory of ours and of Haystack's BM25 + embedding retrievers with a joiner.

    Query vectors are made beforehand and are the same for both, so embedding is in neither figure. Memory is
    the growth of the resident set in MB: ours after opening the store and searching, Haystack's after writing
    the documents and searching. ``speed_ratio`` compares medians. Passages are synthetic:
    :mod:`evals.benches.synthetic`.
    """
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        store = build_synthetic_store(Path(folder), passages, encoder)
        built = time.perf_counter() - began
        queries = synthetic_queries(store, OURS)
        vectors = encoder.encode(queries)
        step = progress or (lambda stage, done, of: None)
        ours = _measure(lambda: _ours(PassageStore(folder, encoder.variant)), queries, vectors, "ours", step)
        theirs = _measure(
            lambda: _haystack(store), queries[:THEIRS], vectors[:THEIRS], "haystack", step, THEIR_SECONDS
        )
    return {
        "passages": passages, "build_s": round(built, 1),
        "ours": ours, "haystack": theirs,
        "speed_ratio": round(theirs["latency_ms"]["p50"] / ours["latency_ms"]["p50"], 1),
    }  # fmt: skip


Ask = Callable[[str, NDArray[np.float32]], object]


def _measure(
    make: Callable[[], Ask], queries: Sequence[str], vectors: NDArray[np.float32], stage: str, step: Tick,
    seconds: float = float("inf"),
) -> dict[str, Any]:  # fmt: skip
    process = psutil.Process()
    before = process.memory_info().rss
    ask = make()
    ask(queries[0], vectors[0])  # warm: maps are read, caches filled
    times: list[float] = []
    for number, (query, vector) in enumerate(zip(queries, vectors, strict=True)):
        if len(times) >= THEIR_LEAST and sum(times) > seconds:
            break
        began = time.perf_counter()
        ask(query, vector)
        times.append(time.perf_counter() - began)
        step(stage, number + 1, len(queries))
    p50, p95 = np.percentile(np.array(times) * 1000, [50, 95])
    grown = (process.memory_info().rss - before) / 1_000_000
    latency = {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}
    return {"queries": len(times), "latency_ms": latency, "memory_mb": round(grown)}


def _ours(store: PassageStore) -> Ask:
    generation = store.generation
    return lambda query, vector: search(generation, query, LANG, vector, WHERE, TOP_K)


def _haystack(store: PassageStore) -> Ask:
    documents = InMemoryDocumentStore(shared=False, embedding_similarity_function="dot_product")
    documents.write_documents([_document(store, row) for row in range(store.generation.count)])
    bm25 = InMemoryBM25Retriever(documents, top_k=TOP_K)
    dense = InMemoryEmbeddingRetriever(documents, top_k=TOP_K)
    joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=TOP_K)

    def ask(query: str, vector: NDArray[np.float32]) -> object:
        found = [bm25.run(query=query)["documents"], dense.run(query_embedding=vector.tolist())["documents"]]
        return joiner.run(documents=found)

    return ask


def _document(store: PassageStore, row: int) -> Document:
    passage = store.generation.passage(row)
    vector = store.generation.vectors[row].tolist()
    content = f"{passage.title}\n{passage.text}"
    return Document(id=passage.id, content=content, embedding=vector, meta={"lang": passage.lang})
