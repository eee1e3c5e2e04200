"""Is a reply right? Against gold passages, gold sentences and the facts of a full answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import answers, citations, task
from pipelines.contracts import Citation
from pipelines.text import fold

Grade = Literal["full", "partial", "wrong"]

SHORT = 12
"""Characters below which a quote inside another proves nothing."""


def grade(text: str, citations: Sequence[Citation], row: dict[str, Any]) -> Grade:
    """Grades one reply to an answerable question.

    * ``full``: it cites a gold passage and states every fact that a full answer needs;
    * ``partial``: it quotes a gold sentence verbatim, so it is true and to the point, but a fact is missing;
    * ``wrong``: anything else, however plausible.

    Args:
        row: a row of ``datasets/answers``.

    Example:
        >>> grade("Oui.", [], {"gold": ["d#a"], "quotes": ["Oui, en 3 jours."], "facts": [["3 jours"]]})
        'wrong'
    """
    cites = {citation.passage_id for citation in citations}
    quoted = any(same_quote(citation.quote, quote) for citation in citations for quote in row["quotes"])
    folded = fold(text)
    complete = bool(row["facts"]) and all(any(fold(a) in folded for a in options) for options in row["facts"])
    if complete and (quoted or cites & set(row["gold"])):
        return "full"
    if quoted:
        return "partial" if row["facts"] else "full"
    return "wrong"


def asks_back(kinds: Sequence[tuple[str, str]], row: dict[str, Any]) -> bool:
    """Whether one of the suggestions, as ``(kind, asked fact)``, asks for the fact that the row needs."""
    return any(kind == "question" and fact == row["ask"] for kind, fact in kinds)


class GroundedScorer(RowScorer):
    """The grade of the best answer shown, as numbers; silence is no grade.

    ``right`` (full or partial) and ``full`` are of answerable rows; ``right_when_shown`` also counts an
    answer to an unanswerable row, as wrong: its mean is one minus the risk of what is shown.

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"answerable": False})
        >>> spoken = Prediction(example_id="q", output={"suggestions": [{"text": "Oui."}]})
        >>> [(s.value, s.reason) for s in GroundedScorer().score(asked, spoken)]
        [(None, 'another task'), (None, 'another task'), (0.0, '')]
    """

    names = ("right", "full", "right_when_shown")

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Values 0 or 1."""
        shown, wanted = answers(prediction), task(example)
        if not shown or wanted not in ("answer", "silence"):
            return dict.fromkeys(self.names, "another task" if shown else SILENCE)
        if wanted == "silence":
            return {"right": "another task", "full": "another task", "right_when_shown": 0.0}
        made = grade_shown(shown[0], example)
        right = float(made != "wrong")
        return {"right": right, "full": float(made == "full"), "right_when_shown": right}


def grade_shown(shown: Mapping[str, Any], example: Example) -> Grade:
    """The grade of one suggestion or draft, ``{text, citations}``, to an answerable row."""
    row = {"gold": [], "quotes": [], "facts": [], **example.expected}
    return grade(str(shown["text"]), citations(shown), row)


def same_quote(one: str, other: str) -> bool:
    """Whether one of two quotes is the other or a part of it, long enough to prove something."""
    short, long = sorted((one.strip(), other.strip()), key=len)
    return len(short) >= SHORT and short in long
