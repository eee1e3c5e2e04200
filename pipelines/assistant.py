"""Everything that a bundle can do, loaded once and shared by all requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from haystack import Pipeline
from haystack.tracing.tracer import enable_tracing

from pipelines.contracts import (
    BundleRef,
    Message,
    SuggestAnswer,
    SuggestRequest,
    SummaryAnswer,
    SummaryRequest,
    TemplateAnswer,
    TemplateRequest,
)  # fmt: skip
from pipelines.definitions import NAMES, load_pipeline
from pipelines.generating.failures import Say, warn
from pipelines.settings import Settings
from pipelines.suggest import Prepared, prepare, sentence_events, suggest, suggest_with_drafts
from pipelines.summarize import summarize
from pipelines.template import template
from pipelines.timing import StageTimer

if TYPE_CHECKING:
    from pipelines.generating.drafting import Drafting


class Assistant:
    """Suggestions, summaries and templates of one bundle; several threads may call its methods at once.

    Args:
        root: the bundle's folder.  bundle: its identity, which every answer carries.
        say: told, once each, what is wrong with a language model that is set up.

    Example:
        >>> Assistant(Path("bundle"), BundleRef(id="b"), Settings(_env_file=None)).bundle.id
        'b'
    """

    def __init__(self, root: Path, bundle: BundleRef, settings: Settings, say: Say = warn) -> None:
        self.root, self.bundle, self.settings = root, bundle, settings
        self.drafting: Drafting | None = None
        self._say = say
        self._pipelines: dict[str, Pipeline] = {}

    def warm_up(self) -> None:
        """Load all models, and run each pipeline once so that the first customer does not wait.

        Raises:
            BundleError, StoreError, ModelError, TemplateError: a part cannot be used; the message names it.
        """
        enable_tracing(StageTimer())
        for name in NAMES:
            pipeline = load_pipeline(self.root / "pipelines" / f"{name}.yaml", self.root, self.settings)
            pipeline.warm_up()
            self._pipelines[name] = pipeline
        thread = [Message(role="customer", text="Bonjour, quel est le délai de livraison ?")]
        self.suggest(SuggestRequest(thread=thread))
        self.summarize(SummaryRequest(thread=thread))
        self.template(TemplateRequest(thread=thread))
        if self.settings.llm_base_url or self.settings.llm_model or self.settings.llm_fallback_model:
            from pipelines.generating.setting_up import drafting_of

            self.drafting = drafting_of(self.settings, self.root, self._pipelines["suggest"], self._say)

    def pipeline(self, name: str) -> Pipeline:
        """One of the loaded pipelines: suggest, summarize or template."""
        return self._pipelines[name]

    def suggest(self, request: SuggestRequest, exclude: tuple[str, ...] = ()) -> SuggestAnswer:
        """Up to three replies, or silence with its reason."""
        if self.drafting is not None:
            return self.drafting.submit(self.prepare(request, exclude)).result()
        return suggest(request, self._pipelines["suggest"], self.bundle, exclude)

    def suggest_events(self, request: SuggestRequest) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each verified sentence as an event of its own, then the whole answer."""
        if self.drafting is not None:
            yield from self._drafted_events(self.drafting, self.prepare(request))
            return
        answer, drafts = suggest_with_drafts(request, self._pipelines["suggest"], self.bundle)
        yield from sentence_events(answer, drafts)
        yield "answer", answer.model_dump()

    def prepare(self, request: SuggestRequest, exclude: tuple[str, ...] = ()) -> Prepared:
        """The extractive answer, and what a language model needs to give a better one."""
        return prepare(request, self._pipelines["suggest"], self.bundle, exclude)

    @staticmethod
    def _drafted_events(drafting: Drafting, prepared: Prepared) -> Iterator[tuple[str, dict[str, Any]]]:
        events: SimpleQueue[tuple[str, dict[str, Any]] | None] = SimpleQueue()
        future = drafting.submit(prepared, events.put)
        future.add_done_callback(lambda _: events.put(None))
        try:
            while (event := events.get()) is not None:
                yield event
            future.result()
        finally:
            future.cancel()

    def summarize(self, request: SummaryRequest) -> SummaryAnswer:
        """A hand-over note by sections."""
        extracted = self.extract_summary(request)
        if self.drafting is None:
            return extracted
        return self.drafting.submit_summary(request.thread, extracted).result()

    def extract_summary(self, request: SummaryRequest) -> SummaryAnswer:
        """A hand-over note of sentences of the thread, without a language model."""
        return summarize(request, self._pipelines["summarize"], self.bundle)

    def template(self, request: TemplateRequest) -> TemplateAnswer:
        """Approved templates for a closed window; without an intent, the thread's is taken."""
        intent = request.intent
        if intent is None and request.thread:
            understander = self._pipelines["suggest"].get_component("understand")
            found = understander.run(request.thread, request.lang, dict(request.context))["understanding"]
            sure = found.intent is not None and found.intent.confidence >= 0.3
            intent = found.intent.label if sure and found.intent else None
        return template(request, self._pipelines["template"], self.bundle, intent)
