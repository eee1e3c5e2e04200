"""Thread whose window is closed -> the approved templates that fit, filled, with the request body to send."""

from __future__ import annotations

import time
from pathlib import Path

from haystack import Pipeline

from pipelines.contracts import BundleRef, TemplateAnswer, TemplateRequest
from pipelines.messaging.components import TemplateFiller, TemplateRanker
from pipelines.messaging.window import ServiceWindow
from pipelines.running import run_pipeline


def build_template(templates_path: Path | str) -> Pipeline:
    """The template pipeline over a JSON Lines library, which ``warm_up`` reads or refuses (TemplateError)."""
    pipeline = Pipeline(metadata={"name": "template"})
    pipeline.add_component("window", ServiceWindow())
    pipeline.add_component("rank", TemplateRanker(str(templates_path)))
    pipeline.add_component("fill", TemplateFiller())
    pipeline.connect("rank.ranked", "fill.ranked")
    return pipeline


def template(
    request: TemplateRequest, pipeline: Pipeline, bundle: BundleRef, intent: str | None = None
) -> TemplateAnswer:
    """Ranked templates for a request, or the reason why there is none.

    Args:
        intent: what an intent model made of the thread; the intent of the request wins.
    """
    start = time.perf_counter()
    thread, channel, context = request.thread, request.channel, dict(request.context)
    output = run_pipeline(
        pipeline,
        {
            "window": {"thread": thread, "channel": channel},
            "rank": {
                "thread": thread,
                "intent": request.intent or intent,
                "lang": request.lang,
                "context": context,
                "limit": request.limit,
            },
            "fill": {"thread": thread, "context": context, "channel": channel},
        },
    )
    elapsed = 1_000 * (time.perf_counter() - start)
    window, rank = output["window"]["window"], output["rank"]
    return TemplateAnswer(
        window_open=window.open, expires_in_s=window.expires_in_s, templates=output["fill"]["templates"],
        reason=rank["reason"], lang=rank["lang"], bundle=bundle, timing_ms={"template": round(elapsed, 3)},
    )  # fmt: skip
