"""The suggestion pipeline, left to right, never back.

understand -> question -> retrieve -> draft -> verify -> decide
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from haystack import Pipeline

from pipelines.contracts import (
    BundleRef,
    Draft,
    Hit,
    SuggestAnswer,
    Suggestion,
    SuggestRequest,
    Understanding,
)
from pipelines.deciding.decider import Decider, Verdict
from pipelines.drafting.drafter import Drafter
from pipelines.drafting.filling import person_name
from pipelines.drafting.inquiry import Question
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
    top_k: int = 8


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
    return _answered(request, pipeline, bundle, exclude, {"understand"})[:2]


def suggest_with_outputs(
    request: SuggestRequest, pipeline: Pipeline, bundle: BundleRef, outputs: set[str]
) -> tuple[SuggestAnswer, dict[str, Any]]:
    """The answer, and what the components named in ``outputs`` gave on the way there, by component."""
    answer, _, result = _answered(request, pipeline, bundle, (), {"understand"} | outputs)
    return answer, result


@dataclass(frozen=True, slots=True)
class Prepared:
    """The extractive answer to a request, and all that a language model needs to give a better one."""

    request: SuggestRequest
    understanding: Understanding
    question: Question
    hits: Sequence[Hit]
    asking: Draft | None
    answer: SuggestAnswer
    drafts: tuple[Draft, ...]

    def sentence_events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each verified sentence of the answer as an event of its own."""
        return sentence_events(self.answer, self.drafts)


def prepare(
    request: SuggestRequest, pipeline: Pipeline, bundle: BundleRef, exclude: tuple[str, ...] = ()
) -> Prepared:
    """Run the pipeline for one request and keep what it found on its way."""
    answer, drafts, found = _answered(
        request, pipeline, bundle, exclude, {"understand", "question", "retrieve", "draft"}
    )
    return Prepared(
        request, found["understand"]["understanding"], found["question"]["question"],
        found["retrieve"]["hits"], found["draft"]["asking"], answer, tuple(drafts),
    )  # fmt: skip


def sentence_events(answer: SuggestAnswer, drafts: Sequence[Draft]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each verified sentence of an answer as an event of its own."""
    for suggestion, draft in zip(answer.suggestions, drafts, strict=True):
        # The draft's own sentences: splitting the text again would cut "J.-P. Le Goff" in two.
        for number, sentence in enumerate(draft.sentences):
            yield "sentence", {
                "suggestion": suggestion.id, "index": number, "text": sentence.text,
                "citation": sentence.citation.model_dump() if sentence.citation else None,
            }  # fmt: skip


def _answered(
    request: SuggestRequest, pipeline: Pipeline, bundle: BundleRef, exclude: tuple[str, ...],
    outputs: set[str],
) -> tuple[SuggestAnswer, list[Draft], dict[str, Any]]:  # fmt: skip
    with stages() as timing:
        result = run_pipeline(pipeline, inputs(request, exclude), outputs)
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
    return answer, [draft for draft, _ in verdict.shown], result


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
