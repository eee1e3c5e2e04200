"""What is optimised: which rows ask, what fills the prompt, what a right answer is, and how it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from evals.comparing.gate_rules import Canaries, Ceilings, GateRules, Guard, Primary
from evals.rows import Example
from evals.scorers.measuring import Found, RowScorer
from pipelines.hashing import sha256_text

LANGUAGE_KEPT = "prompt_language"


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer, judged.

    Attributes:
        value: in [0, 1].  feedback: what was wrong, for an optimiser that reads; no customer's name.
        output: what a run keeps of the answer, as the scorers of the kind read it.
        in_language: share of the written sentences that are in the customer's language; None without any.
    """

    value: float
    feedback: str
    output: dict[str, Any] = field(default_factory=dict)
    in_language: float | None = None


class Task(Protocol):
    """One prompt's work.

    Attributes:
        name: also that of its prompt.
        fields: of the object that a model answers.  metric: what the gate decides by.
        demos: worked examples that a prompt of this task holds at most.
    """

    name: str
    fields: tuple[str, ...]
    metric: str
    demos: int
    passing: float

    def asks(self, example: Example) -> bool:
        """Whether the service would ask a model about this row at all."""
        ...

    def variables(self, example: Example) -> dict[str, str]:
        """What fills the prompt for a row; what is personal has its stand-in."""
        ...

    def answer(self, example: Example) -> dict[str, Any] | None:
        """The right object, or None where a row is no worked example."""
        ...

    def judge(self, example: Example, value: Mapping[str, Any]) -> Judged:
        """What the object of an answer is worth."""
        ...

    def scorers(self) -> Sequence[RowScorer]:
        """For recorded runs."""
        ...

    def rules(self) -> GateRules:
        """The gate of this task, fixed here before any run."""
        ...


class TaskScorer(RowScorer):
    """The task's own figures, as the prediction keeps them.

    * ``prompt_value``: in [0, 1], the metric of the optimiser; an unreadable answer is 0;
    * ``prompt_language``: share of written sentences in the customer's language.

    Example:
        >>> from evals.rows import Prediction
        >>> made = Prediction(example_id="q", output={"value": 0.5, "in_language": None})
        >>> [(s.name, s.value) for s in TaskScorer().score(Example(id="q", inputs={}), made)]
        [('prompt_value', 0.5), ('prompt_language', None)]
    """

    names = ("prompt_value", LANGUAGE_KEPT)

    def measure(self, example: Example, prediction: Any) -> Found:
        """Both of one row."""
        kept = prediction.output.get("in_language")
        return {
            "prompt_value": float(prediction.output["value"]),
            LANGUAGE_KEPT: "nothing written" if kept is None else float(kept),
        }


def mark_of(example: Example) -> str:
    """The marks' word for a row: the same in every run, so that its calls are found again."""
    return sha256_text(f"mark {example.id}")[:12]


KEPT = 0.99
"""Share of the written sentences that must be in the customer's language: optimised prompts drift."""


def rules_of(metric: str, guards: Mapping[str, float], least: int = 60) -> GateRules:
    """A gate: ``metric`` clearly better, nothing of ``guards`` lost; a prompt has no canaries of its own."""
    return GateRules(
        primary=Primary(metric=metric, minimum_pairs=least),
        guards=tuple(
            Guard(metric=name, delta=delta, floor=KEPT if name == LANGUAGE_KEPT else None)
            for name, delta in guards.items()
        ),
        canaries=Canaries(required=False), ceilings=Ceilings(),
    )  # fmt: skip


def share(written: int, foreign: int) -> float | None:
    """Share of sentences in the right language; None where nothing was written.

    Example:
        >>> share(4, 1), share(0, 0)
        (0.75, None)
    """
    return 1 - foreign / written if written else None
