"""What a model is told of a request, and what of its text may be shown; no model is asked here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from haystack import Pipeline
from haystack.dataclasses import ChatMessage

from pipelines.contracts import Engine, Lang, SuggestAnswer
from pipelines.deciding.decider import Decider
from pipelines.drafting.drafter import Drafter
from pipelines.drafting.filling import person_name
from pipelines.drafting.verification import Verifier
from pipelines.generating.checking import Checker
from pipelines.generating.prompts import PromptBook
from pipelines.generating.protecting import Protected, Pseudonymiser, StandIns
from pipelines.generating.quoting import (
    CHARS_PER_TOKEN,
    new_mark,
    quoted,
    shown_context,
    shown_passages,
    shown_thread,
)
from pipelines.generating.rating import rater
from pipelines.generating.session import Emit, Session, suggestion_of
from pipelines.generating.tasks import LANGUAGE
from pipelines.suggest import Prepared
from pipelines.understanding.language import LanguageIdentifier

RESERVED_TOKENS = 900
"""For the prompt's own words."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How replies look, and what a model can read: the operator's wishes.

    Example:
        >>> Manner("Cerfeuil", "vous", 8_000, 900, 6.0).room
        18600
    """

    brand: str
    address: str
    context_tokens: int
    answer_tokens: int
    deadline_s: float

    @property
    def room(self) -> int:
        """Characters of passages, facts and thread that a model can read."""
        return max(self.context_tokens - self.answer_tokens - RESERVED_TOKENS, 600) * CHARS_PER_TOKEN


class DraftDesk:
    """Prompts for drafts, and the verified replies of what a model wrote; used from any thread.

    Args:
        pipeline: the warm suggestion pipeline, whose verifier, evidence and decider are used.
    """

    def __init__(
        self, pipeline: Pipeline, prompts: PromptBook, manner: Manner,
        pseudonymiser: Pseudonymiser | None = None,
    ) -> None:  # fmt: skip
        self._drafter = cast(Drafter, pipeline.get_component("draft"))
        self._verifier = cast(Verifier, pipeline.get_component("verify"))
        self._decider = cast(Decider, pipeline.get_component("decide"))
        self.prompts, self.manner = prompts, manner
        self.pseudonymiser = pseudonymiser or StandIns()
        self.languages = LanguageIdentifier()

    def protect(self, prepared: Prepared) -> Protected:
        """What a model may see of a request: stand-ins for what is personal."""
        request = prepared.request
        passages = [hit.passage for hit in prepared.hits]
        lang = str(prepared.understanding.lang)
        return self.pseudonymiser.protect(request.thread, _named(request.context), passages, lang)

    def variables(self, prepared: Prepared, protected: Protected, mark: str) -> dict[str, str]:
        """What fills the prompt, cut to what the model reads: half for passages, a third for the thread."""
        room = self.manner.room
        return {
            "brand": self.manner.brand, "mark": mark, "language": LANGUAGE[str(prepared.understanding.lang)],
            "address": self.manner.address, "variants": str(prepared.request.variants),
            "max_chars": str(self._verifier.max_chars),
            "passages": quoted("passages", shown_passages(protected.passages, room // 2), mark),
            "context": quoted("facts", shown_context(protected.context)[: room // 8], mark),
            "thread": quoted("thread", shown_thread(protected.messages, room // 3), mark),
        }  # fmt: skip

    def prompted(self, prepared: Prepared, emit: Emit) -> tuple[Session, list[ChatMessage]]:
        """The messages for a model, and the session that reads what it writes."""
        protected, mark = self.protect(prepared), new_mark()
        messages = self.prompts["draft"].render(**self.variables(prepared, protected, mark))
        system = "\n".join(message.text or "" for message in messages if message.is_from("system"))
        return self.session(prepared, protected, emit, system=system, mark=mark), messages

    def session(
        self, prepared: Prepared, protected: Protected, emit: Emit = lambda event: None, *,
        system: str = "", mark: str,
    ) -> Session:  # fmt: skip
        """What reads and checks the text of a model that was shown ``protected``."""
        request, lang = prepared.request, cast(Lang, prepared.understanding.lang)
        checker = Checker(
            [hit.passage for hit in prepared.hits], request.thread, _named(request.context), lang,
            self._verifier, self.languages, prompt=system, mark=mark,
        )  # fmt: skip
        return Session(
            checker, rater(prepared, self._drafter, self._decider), protected.restore, emit,
            lang=lang, variants=request.variants, max_chars=self._verifier.max_chars, id_=mark[:8],
        )  # fmt: skip

    def decided(self, prepared: Prepared, session: Session, engine: Engine) -> SuggestAnswer:
        """The answer of a finished session: the replies that are sure enough, or silence."""
        numbered = session.drafts()
        verdict = self._decider.run(
            [draft for _, draft in numbered], list(session.dropped.elements()), prepared.understanding,
            prepared.asking, prepared.request.variants,
        )["verdict"]  # fmt: skip
        ids = {id(draft): session.suggestion_id(number) for number, draft in numbered}
        return prepared.answer.model_copy(
            update={
                "suggestions": [
                    suggestion_of(ids.get(id(draft), f"s{place}-{session.id}q"), draft, confidence)
                    for place, (draft, confidence) in enumerate(verdict.shown, 1)
                ],
                "silence": verdict.silence, "engine": engine, "timing_ms": dict(prepared.answer.timing_ms),
            }
        )  # fmt: skip


def _named(context: dict[str, str]) -> dict[str, str]:
    """The known facts, a first name as a person writes it."""
    if "first_name" not in context:
        return dict(context)
    return context | {"first_name": person_name(context["first_name"])}
