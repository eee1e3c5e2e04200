"""Genuinely different replies from ranked sentences: a direct answer, an answer with its next step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Citation, Draft, DraftSentence, Lang, SuggestionKind
from pipelines.deciding.features import confidence_features
from pipelines.drafting.answer_types import GIVES
from pipelines.drafting.evidence import Candidate
from pipelines.drafting.filling import fill, variables
from pipelines.drafting.inquiry import Question
from pipelines.drafting.phrases import greeting
from pipelines.text import fold, terms

_OTHERS = re.compile(r"\b(?:autres?|aucun autre|others?|any other|otr[oa]s?)\b", re.IGNORECASE)

MAX_SENTENCES = 3
NEAREST = 8
"""Sentences that are looked at for what else to say."""

GAP = 2.5
"""How far below the lead, in ranker scores, a sentence may lie and still be said along with it."""
LATER_GAP = 2.0
"""The same for a third sentence: it wanders off sooner."""

SAME_PASSAGE, SAME_DOCUMENT = 1.5, 0.5
"""What a sentence gains, in ranker scores, by standing where the lead stands: it goes on with its thought."""

SAME = 0.6
"""Share of common stems from which two sentences say the same."""


@dataclass(frozen=True, slots=True)
class Style:
    """How replies look: their length in characters, and a greeting when the thread has had none."""

    max_chars: int = 350
    greet: bool = False
    first_name: str = ""


class Composer:
    """Builds drafts from candidates.

    Example:
        >>> Composer(Style(max_chars=120)).style.max_chars
        120
    """

    def __init__(self, style: Style) -> None:
        self.style = style

    def drafts(
        self,
        question: Question,
        candidates: Sequence[Candidate],
        scores: NDArray[np.float64],
        context: Mapping[str, str],
    ) -> list[Draft]:
        """Answers, best first; at most two, and none says what another says."""
        usable = [
            i
            for i, candidate in enumerate(candidates)
            if not candidate.sign("misfit") and _fillable(candidate, context)
        ]
        if not usable:
            return []
        kept = [candidates[i] for i in usable]
        kept_scores = scores[usable]
        order = [int(i) for i in np.argsort(-kept_scores, kind="stable")]
        first = self._lead(question, order, kept, kept_scores)
        chosen = [first]
        if second := self._second(question, first, order, kept, kept_scores):
            chosen.append(second)
        kinds: tuple[SuggestionKind, ...] = ("answer", "answer_next_step")
        return [
            self._draft(kind, indices, kept, context, question, kept_scores)
            for kind, indices in zip(kinds, chosen, strict=False)
        ]

    def _lead(
        self, question: Question, order: list[int], kept: Sequence[Candidate], scores: NDArray[np.float64]
    ) -> list[int]:
        """The best sentence and what may be said along with it; a macro is said whole.

        Whether a thing may be used, whose number was asked about, comes before all else.
        """
        warnings = [i for i in order if kept[i].sign("warned") and kept[i].passage.kind != "macro"]
        fitting = [i for i in order[:3] if not _of_others(kept[i], question)]
        lead = [*warnings, *fitting, *order][0]
        if kept[lead].passage.kind == "macro":
            return _whole(lead, kept)
        near = scores + [_beside(candidate, kept[lead]) for candidate in kept]
        chosen = [lead]
        room = self._room() - len(kept[lead].text)
        for index in sorted(order, key=lambda i: -near[i])[:NEAREST]:
            candidate = kept[index]
            gap = GAP if len(chosen) == 1 else LATER_GAP
            if len(chosen) == MAX_SENTENCES or near[index] < scores[lead] - gap:
                break
            if index == lead or candidate.passage.kind == "macro" or len(candidate.text) + 1 > room:
                continue
            if any(_alike(candidate, kept[other]) for other in chosen):
                continue
            chosen.append(index)
            room -= len(candidate.text) + 1
        return chosen

    def _second(
        self, question: Question, first: list[int], order: list[int], kept: Sequence[Candidate],
        scores: NDArray[np.float64],
    ) -> list[int] | None:  # fmt: skip
        """A reply of another kind: a macro that fits, or the lead with what to do next."""
        lead = first[0]
        for index in order:
            candidate = kept[index]
            near = scores[index] >= scores[lead] - 2 * GAP
            if (
                candidate.passage.kind == "macro"
                and index not in first
                and near
                and candidate.sign("intent") >= 0.3
            ):
                return _whole(index, kept)
        if kept[lead].passage.kind == "macro":
            rest = [i for i in order if kept[i].passage.kind != "macro" and scores[i] >= scores[lead] - GAP]
            return self._lead(question, rest, kept, scores) if rest else None
        for index in order:
            candidate = kept[index]
            if index in first or candidate.passage.document_id != kept[lead].passage.document_id:
                continue
            if scores[index] < scores[lead] - 2 * GAP:
                break
            fits = len(candidate.text) + 1 + len(kept[lead].text) <= self._room()
            if fits and GIVES["how"].search(fold(candidate.text)) and not _alike(candidate, kept[lead]):
                return [lead, index]
        return None

    def _draft(
        self, kind: SuggestionKind, indices: list[int], kept: Sequence[Candidate], context: Mapping[str, str],
        question: Question, scores: NDArray[np.float64],
    ) -> Draft:  # fmt: skip
        lang = _lang(question.lang)
        macro = kept[indices[0]].passage.kind == "macro"
        shown = indices if macro else _in_order(indices, kept)
        sentences: list[DraftSentence] = []
        if self.style.greet and not macro and self._room() >= sum(len(kept[i].text) + 1 for i in shown):
            sentences.append(DraftSentence(greeting(lang, self.style.first_name), None, factual=False))
        for index in shown:
            sentences.append(_sentence(kept[index], len(sentences), context))
        return Draft(
            kind, tuple(sentences), lang, features=confidence_features(question, kept, scores, indices)
        )

    def _room(self) -> int:
        return self.style.max_chars - (len(self.style.first_name) + 10 if self.style.greet else 0)


def _sentence(candidate: Candidate, number: int, context: Mapping[str, str]) -> DraftSentence:
    passage = candidate.passage
    citation = Citation(
        sentence=number, passage_id=passage.id, document_id=passage.document_id, version=passage.version,
        title=passage.title, url=passage.url, quote=candidate.text, start=candidate.start, end=candidate.end,
    )  # fmt: skip
    text = fill(candidate.text, context) if passage.kind == "macro" else candidate.text
    return DraftSentence(text or "", citation)


def _fillable(candidate: Candidate, context: Mapping[str, str]) -> bool:
    """A macro counts only when the whole of it can be filled; one that asks is no answer."""
    passage = candidate.passage
    if passage.kind != "macro":
        # What an article asks its reader is no answer.
        return not variables(candidate.text) and not candidate.text.endswith("?")
    return not passage.ask and all(fill(passage.text[a:b], context) is not None for a, b in passage.sentences)


def _whole(index: int, kept: Sequence[Candidate]) -> list[int]:
    """All sentences of a macro, as it was written."""
    return [i for i, candidate in enumerate(kept) if candidate.passage.id == kept[index].passage.id]


def _in_order(indices: Sequence[int], kept: Sequence[Candidate]) -> list[int]:
    """The lead, then what stands beside it in reading order, then the rest as ranked."""
    lead = indices[0]
    beside = [i for i in indices[1:] if kept[i].passage.id == kept[lead].passage.id]
    others = [i for i in indices[1:] if i not in beside]
    return [lead, *sorted(beside, key=lambda i: kept[i].index), *others]


def _of_others(candidate: Candidate, question: Question) -> bool:
    """Whether a sentence speaks of other cases than the one asked about: true, yet a misleading answer."""
    return bool(_OTHERS.search(candidate.text)) and not _OTHERS.search(question.request)


def _beside(candidate: Candidate, lead: Candidate) -> float:
    if candidate.passage.id == lead.passage.id:
        return SAME_PASSAGE
    return SAME_DOCUMENT if candidate.passage.document_id == lead.passage.document_id else 0.0


def _alike(one: Candidate, other: Candidate) -> bool:
    a, b = set(terms(one.text, one.passage.lang)), set(terms(other.text, other.passage.lang))
    return bool(a and b) and len(a & b) / min(len(a), len(b)) >= SAME


def _lang(code: str) -> Lang:
    return "en" if code == "en" else "es" if code == "es" else "fr"
