"""The suggestion pipeline, left to right, never back.

understand -> question -> retrieve -> draft -> verify -> decide
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from haystack import Pipeline

from pipelines.contracts import BundleRef, Draft, SuggestAnswer, Suggestion, SuggestRequest, Understanding
from pipelines.deciding.decider import Decider, Verdict
from pipelines.drafting.drafter import Drafter
from pipelines.drafting.filling import person_name
from pipelines.drafting.question import QuestionBuilder
from pipelines.drafting.verification import Verifier
from pipelines.knowledge.retrieval import HybridRetriever
from pipelines.knowledge.store import PassageStore
from pipelines.running import run_pipeline
from pipelines.sharing import Fixed
from pipelines.timing import stages
from pipelines.understanding.component import Understander


@dataclass(frozen=True, slots=True)
class SuggestParts:
    """Where the parts of a suggestion pipeline lie, relative to a bundle or absolute, and how it speaks."""

    cache: str
    index: str = "index"
    intents: str = "models/intents"
    matcher: str = "models/matcher"
    catalogue: str = "catalogue.json"
    answering: str = "models/answering.json"
    risk: float = 0.1
    max_chars: int = 350
    address: str = "vous"
    tone: str = "warm"
    links: tuple[str, ...] = ()
    top_k: int = 12


def build_suggest(parts: SuggestParts) -> Pipeline:
    """The pipeline; nothing is loaded before ``warm_up``."""
    store = PassageStore(parts.index)
    pipeline = Pipeline(metadata={"name": "suggest"})
    pipeline.add_component("understand", Understander(parts.intents, parts.cache))
    pipeline.add_component("question", QuestionBuilder(parts.cache, parts.matcher, parts.catalogue))
    pipeline.add_component("retrieve", HybridRetriever(store, top_k=parts.top_k))
    pipeline.add_component(
        "draft", Drafter(store, parts.catalogue, parts.answering, parts.max_chars, parts.address, parts.tone)
    )
    pipeline.add_component("verify", Verifier(list(parts.links), parts.max_chars))
    pipeline.add_component("decide", Decider(parts.answering, parts.risk))
    for source, target in (
        ("understand.understanding", "question.understanding"),
        ("question.query", "retrieve.query"), ("question.lang", "retrieve.lang"),
        ("question.vector", "retrieve.vector"), ("question.learned", "retrieve.learned"),
        ("question.question", "draft.question"), ("retrieve.hits", "draft.hits"),
        ("understand.understanding", "draft.understanding"),
        ("draft.drafts", "verify.drafts"), ("retrieve.hits", "verify.hits"),
        ("verify.drafts", "decide.drafts"), ("verify.dropped", "decide.dropped"),
        ("understand.understanding", "decide.understanding"), ("draft.asking", "decide.asking"),
    ):  # fmt: skip
        pipeline.connect(source, target)
    return pipeline


def suggest(
    request: SuggestRequest, pipeline: Pipeline, bundle: BundleRef, exclude: tuple[str, ...] = ()
) -> SuggestAnswer:
    """Run the pipeline for one request.

    Args:
        exclude: documents that must not be used; for measuring what happens without them.
    """
    return suggest_with_drafts(request, pipeline, bundle, exclude)[0]


def suggest_with_drafts(
    request: SuggestRequest, pipeline: Pipeline, bundle: BundleRef, exclude: tuple[str, ...] = ()
) -> tuple[SuggestAnswer, list[Draft]]:
    """The answer, and the draft behind each of its suggestions: its sentences as they were verified."""
    with stages() as timing:
        result = run_pipeline(pipeline, inputs(request, exclude), {"understand"})
    understanding: Understanding = result["understand"]["understanding"]
    verdict: Verdict = result["decide"]["verdict"]
    answer = SuggestAnswer(
        suggestions=[
            _suggestion(number, draft, confidence)
            for number, (draft, confidence) in enumerate(verdict.shown, 1)
        ],
        silence=verdict.silence,
        intent=understanding.intent,
        lang=understanding.lang,
        based_on=understanding.based_on,
        bundle=bundle,
        timing_ms=timing,
    )
    return answer, [draft for draft, _ in verdict.shown]


def inputs(request: SuggestRequest, exclude: tuple[str, ...] = ()) -> dict[str, Mapping[str, object]]:
    """A request as the pipeline's inputs."""
    messages, context = Fixed(request.thread), dict(request.context)
    if "first_name" in context:
        context["first_name"] = person_name(context["first_name"])
    return {
        "understand": {"messages": messages, "lang_hint": request.lang, "context": context},
        "question": {"messages": messages},
        "retrieve": {"exclude": list(exclude)},
        "draft": {"messages": messages, "context": context},
        "verify": {"messages": messages, "context": context},
        "decide": {"variants": request.variants},
    }


def _suggestion(number: int, draft: Draft, confidence: float) -> Suggestion:
    digest = hashlib.sha256(draft.text.encode()).hexdigest()[:8]
    return Suggestion(
        id=f"s{number}-{digest}", text=draft.text, lang=draft.lang, kind=draft.kind,
        citations=[sentence.citation for sentence in draft.sentences if sentence.citation],
        confidence=round(confidence, 4), actions=list(draft.actions),
    )  # fmt: skip
