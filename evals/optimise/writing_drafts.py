"""Drafting: the replies of a prompt are read and verified exactly as the service does it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from evals.comparing.gate_rules import GateRules
from evals.optimise.tasks import LANGUAGE_KEPT, Judged, TaskScorer, mark_of, rules_of, share
from evals.rows import Example
from evals.running.systems import request_of
from evals.scorers.citing import CitationScorer
from evals.scorers.fidelity import FidelityScorer
from evals.scorers.grounded import GroundedScorer, grade_shown
from evals.scorers.measuring import RowScorer
from evals.scorers.overlap import OverlapScorer
from evals.scorers.reading import task as wanted_of
from evals.scorers.silence import SilenceScorer
from evals.scorers.utility import UtilityScorer
from pipelines.assistant import Assistant
from pipelines.contracts import Engine, Message
from pipelines.generating.checking import Written
from pipelines.generating.desk import DraftDesk, Manner
from pipelines.generating.prompts import PromptBook
from pipelines.generating.session import Session
from pipelines.suggest import Prepared
from pipelines.text import sentences

WORTH = {"full": 1.0, "partial": 0.7, "wrong": 0.0}
SILENT = 0.3
"""What no reply is worth where there is one: more than a wrong one."""


class DraftTask:
    """Verified replies to gold questions; nothing written is right where nothing can be answered.

    Args:
        assistant: of the bundle whose retrieval, verification and decision are used.
    """

    name = "draft"
    fields: tuple[str, ...] = ("cannot_answer", "replies")
    metric = "prompt_value"
    demos = 6
    passing = 0.7

    def __init__(self, assistant: Assistant) -> None:
        settings = assistant.settings
        manner = Manner(
            settings.brand, settings.address, settings.llm_context_tokens, 900, settings.llm_deadline_s
        )
        self._assistant = assistant
        self._desk = DraftDesk(assistant.pipeline("suggest"), PromptBook({}), manner)
        self._prepared: dict[str, Prepared] = {}

    def asks(self, example: Example) -> bool:
        """Where the language is served, something is asked and a passage was found."""
        prepared = self._of(example)
        return prepared.understanding.served and prepared.understanding.is_request and bool(prepared.hits)

    def variables(self, example: Example) -> dict[str, str]:
        """Passages, facts and thread, as the service shows them."""
        prepared = self._of(example)
        return self._desk.variables(prepared, self._desk.protect(prepared), mark_of(example))

    def answer(self, example: Example) -> dict[str, Any] | None:
        """The reference reply on its quotes; only one that the verification lets through whole."""
        wanted = wanted_of(example)
        if wanted == "silence":
            return {"cannot_answer": True, "replies": []}
        rows = self._sentences(example) if wanted == "answer" else []
        if not rows:
            return None
        value = {"cannot_answer": False, "replies": [{"sentences": rows}]}
        session = self._read(example, value)
        whole = not session.dropped and bool(session.drafts())
        return value if whole and self.judge(example, value).value >= self.passing else None

    def judge(self, example: Example, value: Mapping[str, Any]) -> Judged:
        """The grade of the first verified reply, and what was dropped of them all."""
        session, prepared, wanted = self._read(example, value), self._of(example), wanted_of(example)
        drafts = [draft for _, draft in session.drafts()]
        answer = self._desk.decided(prepared, session, Engine(name="llm", model="prompt"))
        output = answer.model_dump(mode="json", exclude={"timing_ms", "bundle"})
        dropped = dict(session.dropped)
        worth, told = SILENT, "No reply is left, and the passages answer the question."
        if wanted == "silence":
            worth = 0.0 if drafts else 1.0
            told = "The passages do not answer it: cannot_answer is right." if drafts else "Right."
        elif drafts:
            shown = {
                "text": drafts[0].text,
                "citations": [s.citation.model_dump() for s in drafts[0].sentences if s.citation],
            }
            made = grade_shown(shown, example) if wanted == "answer" else "wrong"
            worth, told = WORTH[made], f"The first reply is {made}." + _missing(made, example)
        if dropped:
            told += f" Dropped sentences: {json.dumps(dropped)}."
        language = share(session.written, dropped.get("language", 0))
        output |= {"value": worth, "in_language": language, "dropped": dropped}
        return Judged(worth, told, output, language)

    def scorers(self) -> Sequence[RowScorer]:
        """Those of answers that need no index, and the task's own."""
        return [
            TaskScorer(), UtilityScorer(), GroundedScorer(), SilenceScorer(), CitationScorer(None),
            FidelityScorer(), OverlapScorer(),
        ]  # fmt: skip

    def rules(self) -> GateRules:
        """Better replies; nothing misleading more often, and the customer's language kept."""
        return rules_of(self.metric, {"harmless": 0.03, LANGUAGE_KEPT: 0.01})

    def _of(self, example: Example) -> Prepared:
        if example.id not in self._prepared:
            # The row's own language: what the identifier makes of it is not the prompt's doing.
            request = request_of(example).model_copy(update={"lang": example.inputs.get("lang")})
            self._prepared[example.id] = self._assistant.prepare(request)
        return self._prepared[example.id]

    def _read(self, example: Example, value: Mapping[str, Any]) -> Session:
        prepared = self._of(example)
        session = self._desk.session(prepared, self._desk.protect(prepared), mark=mark_of(example))
        session.read(json.dumps(dict(value), ensure_ascii=False))
        return session

    def _sentences(self, example: Example) -> list[dict[str, str]]:
        """The reference's sentences, each with the gold quote that bears it; none where one has none."""
        prepared = self._of(example)
        protected = self._desk.protect(prepared)
        request = prepared.request
        reference = Message(role="agent", text=str(example.expected.get("reference") or ""))
        shown = self._desk.pseudonymiser.protect(
            [*request.thread, reference], dict(request.context), [], str(prepared.understanding.lang)
        )
        checker = self._desk.session(prepared, protected, mark=mark_of(example)).checker
        quotes = [
            (f"P{number}", quote)
            for number, hit in enumerate(prepared.hits, 1)
            for quote in example.expected.get("quotes") or []
            if quote in hit.passage.text
        ]
        rows: list[dict[str, str]] = []
        for text in sentences(shown.messages[-1].text):
            tried, restored = [("", ""), *quotes], protected.restore(text)
            fits = (
                (passage, quote) for passage, quote in tried
                if not isinstance(checker.check(Written(restored, passage, quote), len(rows)), str)
            )  # fmt: skip
            passage, quote = next(fits, (None, ""))
            if passage is None:
                return []
            rows.append({"text": text, "passage": passage, "quote": quote})
        return rows


def _missing(made: str, example: Example) -> str:
    if made == "full":
        return ""
    facts = [options[0] for options in example.expected.get("facts") or []]
    wanted = f" It should state: {', '.join(facts)}." if facts else ""
    quote = next(iter(example.expected.get("quotes") or []), "")
    return f"{wanted} It should rest on: {quote!r}." if quote else wanted
