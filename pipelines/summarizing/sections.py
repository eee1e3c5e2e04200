"""The sentences of each section: the best by its weights, at most two, none twice, in thread order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Message, SummarySentence
from pipelines.summarizing.candidates import Candidate, candidates
from pipelines.summarizing.features import NAMES, features

Section = Literal["issue", "done", "resolution", "next_step"]

SECTIONS: Final[tuple[Section, ...]] = ("issue", "done", "resolution", "next_step")
MAX_SENTENCES = 2
SAME = 0.6
"""Two sentences that share this much of the shorter one's terms say the same."""

STATED: Final[tuple[Section, ...]] = ("done", "resolution")
"""Sections that tell what happened; a question tells nothing."""
_ORDER: Final[tuple[Section, ...]] = ("issue", "next_step", "done", "resolution")
"""Sections choose in this order: the one told least surely, the resolution, comes last."""


@dataclass(frozen=True, slots=True)
class SectionWeights:
    """A linear score for one section, and what it must reach.

    Attributes:
        weights: one a name of ``features.NAMES``; the constant is ``bias``.
        first: score below which the section stays empty.  second: score below which it has one sentence.

    Example:
        >>> float(SectionWeights({"customer": 1.0}, bias=0.5).vector().sum())
        1.0
    """

    weights: Mapping[str, float]
    bias: float = 0.0
    first: float = 0.0
    second: float = 0.0

    def vector(self) -> NDArray[np.float64]:
        """Weights in the order of the feature columns."""
        return np.array([self.weights.get(name, 0.0) for name in NAMES])


def load_weights() -> dict[Section, SectionWeights]:
    """The weights that ship with the package."""
    raw = json.loads(files("pipelines.summarizing").joinpath("weights.json").read_text(encoding="utf-8"))
    return {section: SectionWeights(**raw[section]) for section in SECTIONS}


def summarize_sections(
    thread: Sequence[Message], lang: str, weights: Mapping[Section, SectionWeights]
) -> dict[Section, list[SummarySentence]]:
    """Verbatim sentences by section, each with the ids of the messages that hold it."""
    found = candidates(thread, lang)
    chosen = choose(found, features(found, thread, lang), weights)
    return {
        section: [SummarySentence(text=found[i].text, messages=_sources(found, i)) for i in chosen[section]]
        for section in SECTIONS
    }


def choose(
    found: Sequence[Candidate], matrix: NDArray[np.float64], weights: Mapping[Section, SectionWeights]
) -> dict[Section, list[int]]:
    """Indexes of the candidates of each section, in thread order."""
    chosen: dict[Section, list[int]] = {section: [] for section in SECTIONS}
    taken: list[int] = []
    for section in _ORDER:
        rule = weights[section]
        scores = matrix @ rule.vector() + rule.bias if len(found) else np.empty(0)
        for i in np.argsort(-scores, kind="stable"):
            if section in STATED and found[i].text.endswith("?"):
                continue
            needed = rule.second if chosen[section] else rule.first
            if len(chosen[section]) == MAX_SENTENCES or scores[i] < needed:
                break
            if not any(_same(found[i], found[other]) for other in taken):
                chosen[section].append(int(i))
                taken.append(int(i))
        if section == "issue" and not chosen[section]:
            chosen[section] = _opening(found)
            taken.extend(chosen[section])
    return {section: sorted(indexes) for section, indexes in chosen.items()}


def _opening(found: Sequence[Candidate]) -> list[int]:
    """A thread with content always has an issue: what the customer said first."""
    return next(([i] for i, candidate in enumerate(found) if candidate.role == "customer"), [])


def _same(one: Candidate, other: Candidate) -> bool:
    a, b = set(one.terms), set(other.terms)
    return len(a & b) >= SAME * min(len(a), len(b)) or one.folded == other.folded


def _sources(found: Sequence[Candidate], chosen: int) -> list[str]:
    """Ids of the messages that hold the sentence word for word (a customer may repeat himself)."""
    return list(dict.fromkeys(other.id for other in found if other.folded == found[chosen].folded))
