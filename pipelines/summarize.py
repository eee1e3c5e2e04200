"""Thread -> hand-over note: issue, done so far, resolution, next step, every sentence with its messages."""

from __future__ import annotations

import time

from haystack import Pipeline

from pipelines.contracts import BundleRef, SummaryAnswer, SummaryRequest
from pipelines.running import run_pipeline
from pipelines.summarizing.summarizer import ThreadSummarizer


def build_summarize() -> Pipeline:
    """The summary pipeline; inputs ``summarizer.thread`` and ``summarizer.lang``."""
    pipeline = Pipeline(metadata={"name": "summarize"})
    pipeline.add_component("summarizer", ThreadSummarizer())
    return pipeline


def summarize(request: SummaryRequest, pipeline: Pipeline, bundle: BundleRef) -> SummaryAnswer:
    """The note for a thread; a section is empty where the thread shows nothing for it."""
    start = time.perf_counter()
    inputs = {"summarizer": {"thread": request.thread, "lang": request.lang}}
    output = run_pipeline(pipeline, inputs)["summarizer"]
    elapsed = 1_000 * (time.perf_counter() - start)
    return SummaryAnswer(
        **output["sections"], lang=output["lang"], bundle=bundle, timing_ms={"summarize": round(elapsed, 3)}
    )
