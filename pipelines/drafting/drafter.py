"""The drafting stage: hits in, replies of the extractive composer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from haystack import component, default_from_dict, default_to_dict

from pipelines.contracts import Draft, Hit, Lang, Message, Understanding
from pipelines.deciding.answering import Answering
from pipelines.drafting.asking import asking_draft, missing_fact
from pipelines.drafting.composing import Composer, Style
from pipelines.drafting.evidence import Evidence
from pipelines.drafting.inquiry import Question
from pipelines.drafting.phrases import Address
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.store import PassageStore


@component
class Drafter:
    """Ranks the sentences of the hits and composes two answers, and a question when a needed fact is missing.

    Args:
        store: the store that the hits come from.  catalogue_path, answering_path: may be absent.
        tone: ``warm`` greets where the thread has had no agent yet; ``neutral`` never does.

    Example:
        >>> Drafter(PassageStore("var/index"), "catalogue.json", "answering.json").max_chars
        350
    """

    def __init__(
        self, store: PassageStore, catalogue_path: str, answering_path: str, max_chars: int = 350,
        address: str = "vous", tone: str = "warm",
    ) -> None:  # fmt: skip
        self.store, self.catalogue_path, self.answering_path = store, catalogue_path, answering_path
        self.max_chars, self.address, self.tone = max_chars, address, tone
        self.catalogue = Catalogue([])
        self.answering = Answering.untrained()
        self._evidence: Evidence | None = None
        self._ready = False

    def to_dict(self) -> dict[str, Any]:
        """For pipeline YAML."""
        return default_to_dict(
            self, store=self.store.to_dict(),
            catalogue_path=self.catalogue_path, answering_path=self.answering_path,
            max_chars=self.max_chars, address=self.address, tone=self.tone,
        )  # fmt: skip

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Drafter:
        """From pipeline YAML."""
        data["init_parameters"]["store"] = PassageStore.from_dict(data["init_parameters"]["store"])
        return default_from_dict(cls, data)

    def warm_up(self) -> None:
        """Load catalogue and ranker."""
        if not self._ready:
            self.catalogue = Catalogue.load(Path(self.catalogue_path))
            self.answering = Answering.load(Path(self.answering_path))
            self._ready = True

    @property
    def evidence(self) -> Evidence:
        """Over the generation that serves now; kept, for it remembers the words of passages."""
        generation = self.store.generation
        if self._evidence is None or self._evidence.generation is not generation:
            self._evidence = Evidence(generation, self.catalogue)
        return self._evidence

    @component.output_types(drafts=list[Draft], asking=Draft | None)
    def run(
        self, question: Question, hits: Sequence[Hit], understanding: Understanding,
        messages: Sequence[Message],
        context: dict[str, str],
    ) -> dict[str, Any]:  # fmt: skip
        """Answers, best first, and the clarifying question (None when nothing needed is missing)."""
        self.warm_up()
        if not understanding.served or not understanding.is_request:
            return {"drafts": [], "asking": None}
        candidates = self.evidence.candidates(question, hits)
        scores = self.answering.ranker.score(candidates)
        unwritten = self.answering.unwritten.score(question.request, question.wide)
        question = replace(question, unwritten=unwritten)
        composer = Composer(self._style(messages, context))
        drafts = composer.drafts(question, candidates, scores, context) if candidates else []
        fact = missing_fact(understanding, messages, context, self.catalogue)
        lang, address = cast(Lang, understanding.lang), cast(Address, self.address)
        return {"drafts": drafts, "asking": asking_draft(fact, lang, address) if fact else None}

    def _style(self, messages: Sequence[Message], context: dict[str, str]) -> Style:
        greet = self.tone == "warm" and all(message.role == "customer" for message in messages)
        return Style(self.max_chars, greet, " ".join(context.get("first_name", "").split())[:40])
