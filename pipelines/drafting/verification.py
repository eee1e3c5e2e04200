"""Sentence by sentence: is it in its source, and is every fact of it known? What fails is dropped."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlsplit

from haystack import component, default_from_dict, default_to_dict

from pipelines.contracts import Draft, DraftSentence, Hit, Message, Passage
from pipelines.drafting.facts import facts, links, worded_facts
from pipelines.drafting.filling import VARIABLE, fill
from pipelines.text import terms

DropReason = Literal[
    "no_citation",
    "unknown_passage",
    "quote_not_verbatim",
    "unsupported",
    "unknown_fact",
    "link",
    "variable",
    "length",
    "language",
    "promise",
    "contradicted",
    "sensitive",
    "leak",
    "format",
    "truncated",
    "repeated",
]
"""Why a sentence is dropped; the later ones only befall what a model wrote."""

_HOST = re.compile(r"[\w.-]+(?::\d{1,5})?")

SUPPORT = 0.6
"""Share of a rewritten sentence's stems that its cited passage must hold."""


@component
class Verifier:
    """Drops every sentence that its source does not carry, and every draft that is left without an answer.

    Args:
        links: domains that a reply may link to.  max_chars: longest reply.

    Example:
        >>> Verifier(["a.example"]).allowed("https://help.a.example/x")
        True
        >>> Verifier(["a.example"]).allowed("https://a.example.evil.example/")
        False
    """

    def __init__(self, links: list[str], max_chars: int = 350) -> None:
        self.links, self.max_chars = links, max_chars

    def to_dict(self) -> dict[str, Any]:
        """For pipeline YAML."""
        return default_to_dict(self, links=self.links, max_chars=self.max_chars)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Verifier:
        """From pipeline YAML."""
        return default_from_dict(cls, data)

    @component.output_types(drafts=list[Draft], dropped=list[str])
    def run(
        self, drafts: list[Draft], hits: Sequence[Hit], messages: Sequence[Message], context: dict[str, str]
    ) -> dict[str, Any]:
        """Verified drafts, and why each dropped sentence was dropped."""
        passages = {hit.passage.id: hit.passage for hit in hits}
        known = known_facts(messages, context) if drafts else set()
        kept: list[Draft] = []
        dropped: list[str] = []
        for draft in drafts:
            verified, reasons = self._verify(draft, passages, known, context)
            dropped += reasons
            if verified is not None:
                kept.append(verified)
        return {"drafts": kept, "dropped": dropped}

    def allowed(self, link: str) -> bool:
        """Whether a link's host is on the allow-list or below one of its domains; tricks are refused."""
        try:
            parts = urlsplit(link if "//" in link else f"//{link}")
        except ValueError:
            return False
        # What stands before an @, or around a backslash, is read differently by different programs.
        if parts.scheme not in ("", "http", "https") or not _HOST.fullmatch(parts.netloc):
            return False
        host = (parts.hostname or "").lower()
        return any(host == domain or host.endswith(f".{domain}") for domain in self.links)

    def _verify(
        self,
        draft: Draft,
        passages: Mapping[str, Passage],
        known: Collection[str],
        context: Mapping[str, str],
    ) -> tuple[Draft | None, list[str]]:
        sentences: list[DraftSentence] = []
        reasons: list[str] = []
        for sentence in draft.sentences:
            reason = self.problem(sentence, passages, known, context)
            if reason:
                reasons.append(reason)
            else:
                sentences.append(_renumbered(sentence, len(sentences)))
        answers = any(sentence.factual for sentence in sentences) or draft.kind == "question"
        whole = replace(draft, sentences=tuple(sentences))
        if not answers or not sentences:
            return None, reasons
        if len(whole.text) > self.max_chars:
            return None, [*reasons, "length"]
        return whole, reasons

    def problem(
        self,
        sentence: DraftSentence,
        passages: Mapping[str, Passage],
        known: Collection[str],
        context: Mapping[str, str],
    ) -> DropReason | None:
        """Why a sentence must not be shown, or None."""
        if VARIABLE.search(sentence.text):
            return "variable"
        if any(not self.allowed(link) for link in links(sentence.text)):
            return "link"
        if not sentence.factual:
            return "unknown_fact" if facts(sentence.text) - set(known) else None
        citation = sentence.citation
        if citation is None:
            return "no_citation"
        passage = passages.get(citation.passage_id)
        if passage is None or passage.version != citation.version:
            return "unknown_passage"
        if not citation.quote or passage.text[citation.start : citation.end] != citation.quote:
            return "quote_not_verbatim"
        # Word for word, or filled from the context alone: each of its facts is then in the source or known.
        if sentence.text in (citation.quote, fill(citation.quote, context)):
            return None
        source = f"{passage.title}\n{passage.heading}\n{passage.text}"
        if facts(sentence.text) - facts(source) - worded_facts(source, passage.lang) - set(known):
            return "unknown_fact"
        return None if _support(sentence.text, passage) >= SUPPORT else "unsupported"


def known_facts(messages: Sequence[Message], context: Mapping[str, str]) -> set[str]:
    """Facts that the thread or the context already holds."""
    return facts("\n".join([*(message.text for message in messages), *context.values()]))


def _support(text: str, passage: Passage) -> float:
    own = set(terms(text, passage.lang))
    held = set(terms(f"{passage.title} {passage.heading} {passage.text}", passage.lang))
    return len(own & held) / len(own) if own else 0.0


def _renumbered(sentence: DraftSentence, number: int) -> DraftSentence:
    if sentence.citation is None or sentence.citation.sentence == number:
        return sentence
    return replace(sentence, citation=sentence.citation.model_copy(update={"sentence": number}))
