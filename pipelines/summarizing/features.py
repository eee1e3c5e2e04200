"""What a sentence shows of its part in the thread, as numbers in about [0, 1]."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Message
from pipelines.summarizing.candidates import Candidate
from pipelines.summarizing.cues import CUES, cues
from pipelines.summarizing.textrank import textrank

LAST = 6
"""How many messages make the end of a thread."""

_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_IDENTIFIER = re.compile(r"\b(?:[A-Z]{2,4}-?\d{5,}|\d[A-Z]\d{8,})\b|\S+@\S+\.\w+")

_BY_ROLE: Final = ("problem", "request", "action", "resolution", "next_step", "acknowledge", "solved")
_SHAPE: Final = (
    "customer", "position", "early", "late", "first_burst", "last_burst", "centrality", "length", "short",
    "long", "figures", "identifier", "question", "answers_question",
)  # fmt: skip

_WHOLE: Final = ("thread_pending", "thread_solved")

NAMES: Final = (
    *_SHAPE,
    *CUES,
    *(f"customer_{cue}" for cue in _BY_ROLE),
    "late_resolution",
    "late_next_step",
    "late_action",
    *_WHOLE,
)
"""Names of the columns of :func:`features`."""


def features(found: Sequence[Candidate], thread: Sequence[Message], lang: str) -> NDArray[np.float64]:
    """One row a candidate, one column a name of :data:`NAMES`."""
    if not found:
        return np.empty((0, len(NAMES)))
    central = textrank([candidate.terms for candidate in found]) * len(found)
    bursts = _bursts(thread)
    first = next((bursts[i] for i, message in enumerate(thread) if message.role == "customer"), 0)
    shown = [cues(candidate.folded, lang) for candidate in found]
    whole = _whole(found, shown, len(thread))
    rows = []
    for candidate, rank, said in zip(found, central, shown, strict=True):
        acts = {cue: float(value) for cue, value in said.items()}
        shape = _shape(candidate, thread, float(rank), bursts, first)
        customer, position = shape[0], shape[1]
        crossed = [customer * acts[cue] for cue in _BY_ROLE]
        late = [position * acts[cue] for cue in ("resolution", "next_step", "action")]
        rows.append([*shape, *acts.values(), *crossed, *late, *whole])
    return np.array(rows)


def _shape(
    candidate: Candidate, thread: Sequence[Message], rank: float, bursts: Sequence[int], first: int
) -> list[float]:
    position = candidate.message / max(len(thread) - 1, 1)
    length = len(candidate.terms)
    before = thread[candidate.message - 1].text if candidate.message else ""
    return [
        float(candidate.role == "customer"),
        position,
        max(0.0, 1 - candidate.message / 4),
        max(0.0, 1 - (len(thread) - 1 - candidate.message) / 4),
        float(bursts[candidate.message] == first),
        float(bursts[candidate.message] >= bursts[-1] - 1),
        min(rank, 3.0) / 3,
        min(length, 16) / 16,
        float(length < 3),
        float(length > 16),
        min(len(_FIGURE.findall(candidate.text)), 3) / 3,
        float(bool(_IDENTIFIER.search(candidate.text))),
        float(candidate.text.rstrip().endswith("?")),
        float("?" in before),
    ]


def _whole(found: Sequence[Candidate], shown: Sequence[Mapping[str, bool]], total: int) -> list[float]:
    """Does the desk leave something pending at the end; does the customer say there that it is solved?"""
    end = [(c, said) for c, said in zip(found, shown, strict=True) if c.message >= total - LAST]
    return [
        float(any(said["pending"] for c, said in end if c.role == "agent")),
        float(any(said["solved"] for c, said in end if c.role == "customer")),
    ]


def _bursts(thread: Sequence[Message]) -> list[int]:
    """The number of the run of messages of one role that each message belongs to."""
    numbers: list[int] = []
    for i, message in enumerate(thread):
        changed = i > 0 and thread[i - 1].role != message.role
        numbers.append(numbers[-1] + changed if numbers else 0)
    return numbers
