"""How often the search finds the passage that answers, beside simpler ways to search, in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.benches.ranking import summarise
from evals.benches.retrieval_rows import Query, read_corpus, read_queries
from evals.scorers.retrieval import DEPTH, score
from pipelines.contracts import Passage
from pipelines.embedding import Encoder
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.indexing import PassageEmbedder
from pipelines.knowledge.search import Weights, search
from pipelines.knowledge.store import PassageStore
from pipelines.understanding.gloss import gloss

Progress = Callable[[str, int, int], None]

_NONE = Weights(
    stems=0, grams=0, coverage=0, gram_coverage=0, dense=0, sentence=0, head=0, expansion=0, centre=False
)
_STEMS = replace(_NONE, stems=1)
_DENSE = replace(_NONE, dense=1)
_BOTH = replace(_NONE, stems=1, dense=1)

BASELINES: dict[str, dict[str, Any]] = {
    "bm25_stems": {"weights": _STEMS},
    "dense": {"weights": _DENSE},
    "rrf": {"weights": _BOTH, "fusion": "rrf"},
    "zscore": {"weights": _BOTH},
}
"""BM25 over stems of title and text; cosine of whole rows; both fused by reciprocal ranks; by z-scores."""


def bench_retrieval(
    corpus: Path, queries: Path, lang: str, encoder: Encoder, progress: Progress | None = None
) -> dict[str, Any]:
    """Recall, MRR, nDCG and latency on two JSONL files (columns: :mod:`evals.benches.retrieval_rows`).

    Nothing is trained on them. Each row of the corpus is one passage of a real store in a temporary folder,
    searched by the code that serves. Latency is that of embedding and searching one query, in milliseconds.

    Raises:
        DataError: a file has a wrong row; it names the file and the line.
    """
    passages = read_corpus(corpus, lang)
    asked = read_queries(queries, lang, {passage.id for passage in passages})
    tick = progress or (lambda stage, done, total: None)
    with TemporaryDirectory() as folder:
        generation = _index(passages, Path(folder), encoder, tick)
        ranked, vectors, times = _ask(generation, asked, encoder, tick)
        baselines = {
            name: _judge(asked, _search_all(generation, asked, vectors, options))
            for name, options in BASELINES.items()
        }
    p50, p95 = np.percentile(np.array(times) * 1000, [50, 95])
    return {
        "corpus": len(passages), "queries": len(asked), "lang": lang, "model": encoder.variant,
        **_judge(asked, ranked),
        "latency_ms": {"p50": round(float(p50), 2), "p95": round(float(p95), 2)},
        "baselines": baselines,
    }  # fmt: skip


def _index(passages: Sequence[Passage], folder: Path, encoder: Encoder, tick: Progress) -> Generation:
    store = PassageStore(str(folder), variant=encoder.variant)
    embedder = PassageEmbedder(str(encoder.cache), store, threads=encoder.threads)
    embedder.progress = tick
    rows = embedder.run(list(passages))["rows"]
    with store.writing():
        store.replace(rows)
    return store.generation


def _ask(
    generation: Generation, asked: Sequence[Query], encoder: Encoder, tick: Progress
) -> tuple[list[list[str]], list[NDArray[np.float32]], list[float]]:
    first = asked[0]
    warm = encoder.encode([gloss(first.text, first.lang)])[0]
    search(generation, first.text, first.lang, warm, {}, DEPTH)
    ranked, vectors, times = [], [], []
    for number, query in enumerate(asked, start=1):
        began = time.perf_counter()
        vector = encoder.encode([gloss(query.text, query.lang)])[0]
        hits = search(generation, query.text, query.lang, vector, _where(generation, query), DEPTH)
        times.append(time.perf_counter() - began)
        vectors.append(vector)
        ranked.append([hit.passage.id for hit in hits])
        tick("ask", number, len(asked))
    return ranked, vectors, times


def _search_all(
    generation: Generation, asked: Sequence[Query], vectors: Sequence[NDArray[np.float32]],
    options: dict[str, Any],
) -> Iterator[list[str]]:  # fmt: skip
    for query, vector in zip(asked, vectors, strict=True):
        hits = search(generation, query.text, query.lang, vector, _where(generation, query), DEPTH, **options)
        yield [hit.passage.id for hit in islice(hits, DEPTH)]


def _where(generation: Generation, query: Query) -> dict[str, list[str]]:
    """In a corpus of several languages a question is asked of its own, as in the service."""
    langs = set(generation.columns["lang"].tolist())
    return {"lang": [query.lang]} if len(langs) > 1 and query.lang in langs else {}


def _judge(asked: Sequence[Query], ranked: Iterable[list[str]]) -> dict[str, Any]:
    scores = [score(ids, query.gold) for ids, query in zip(ranked, asked, strict=True)]
    return summarise(scores, [query.gold[0] for query in asked])
