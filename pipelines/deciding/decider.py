"""Speak or stay silent: the last stage before delivery."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from haystack import component, default_from_dict, default_to_dict

from pipelines.contracts import Draft, Silence, SilenceReason, Understanding
from pipelines.deciding.answering import Answering
from pipelines.drafting.asking import reports_case
from pipelines.text import terms

SHORT = 6
"""Content words up to which a message may lack a needed fact; a longer one asks something precise."""

BESIDE = 0.5
"""Probability of the intent from which its question is asked beside an answer."""

SCOPE = 0.5
"""Probability of being out of scope from which silence is explained by it."""

DETAIL: dict[SilenceReason, str] = {
    "no_evidence": "Nothing in the knowledge speaks of this.",
    "low_confidence": "The best reply found is not sure enough for the risk that is set.",
    "out_of_scope": "The desk does not handle this.",
    "unsupported": "No draft was carried by its source.",
    "not_a_request": "The customer asks for nothing here.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Drafts that may be shown with their confidence, in the composer's order, or the silence."""

    shown: tuple[tuple[Draft, float], ...]
    silence: Silence | None


@component
class Decider:
    """Shows what is right often enough for the risk, and explains its silence otherwise.

    Args:
        answering_path: what was learned; untrained where it is absent.
        risk: target share of wrong suggestions.

    Example:
        >>> Decider("answering.json", risk=0.1).risk
        0.1
    """

    def __init__(self, answering_path: str, risk: float = 0.1) -> None:
        self.answering_path, self.risk = answering_path, risk
        self.answering = Answering.untrained()
        self._ready = False

    def to_dict(self) -> dict[str, Any]:
        """For pipeline YAML."""
        return default_to_dict(self, answering_path=self.answering_path, risk=self.risk)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Decider:
        """From pipeline YAML."""
        return default_from_dict(cls, data)

    def warm_up(self) -> None:
        """Load what was learned."""
        if not self._ready:
            self.answering = Answering.load(Path(self.answering_path))
            self._ready = True

    @component.output_types(verdict=Verdict)
    def run(
        self, drafts: list[Draft], dropped: list[str], understanding: Understanding,
        asking: Draft | None = None, variants: int = 3,
    ) -> dict[str, Any]:  # fmt: skip
        """One verdict.

        Args:
            dropped: why verification dropped sentences.  asking: the clarifying question, if one is due.
        """
        self.warm_up()
        early = _early(understanding)
        if early:
            return {"verdict": _silent(*early)}
        confidence = self.answering.confidence
        rated = [(draft, confidence.probability(draft.features)) for draft in drafts]
        bar = confidence.threshold(self.risk)
        shown = [pair for pair in rated if pair[1] >= bar]
        if asking is not None and (question := self._question(asking, understanding, bool(shown))):
            shown.append(question)
        if shown:
            return {"verdict": Verdict(tuple(shown[:variants]), None)}
        return {"verdict": _silent(_reason(rated, dropped, understanding))}

    def _question(
        self, asking: Draft, understanding: Understanding, beside: bool
    ) -> tuple[Draft, float] | None:
        """The question beside an answer, or alone when a short message leaves little doubt of the intent."""
        intent = understanding.intent
        if intent is None:
            return None
        likely = intent.confidence * (1 - intent.out_of_scope)
        sure = likely >= self.answering.confidence.question
        short = len(set(terms(understanding.request, understanding.lang))) <= SHORT
        alone = sure and short and reports_case(understanding)
        return (asking, intent.confidence) if (beside and likely >= BESIDE) or alone else None


def _early(understanding: Understanding) -> tuple[SilenceReason, str] | None:
    if not understanding.is_request:
        return "not_a_request", DETAIL["not_a_request"]
    if not understanding.served:
        return "out_of_scope", f"The language {understanding.lang!r} is not served."
    return None


def _reason(
    rated: Sequence[tuple[Draft, float]], dropped: Sequence[str], understanding: Understanding
) -> SilenceReason:
    if not rated and dropped:
        return "unsupported"
    if understanding.intent and understanding.intent.out_of_scope >= SCOPE:
        return "out_of_scope"
    return "low_confidence" if rated else "no_evidence"


def _silent(reason: SilenceReason, detail: str = "") -> Verdict:
    return Verdict((), Silence(reason=reason, detail=detail or DETAIL[reason]))
