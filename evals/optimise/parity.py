"""The proof that an exported prompt is what was optimised: message by message, on real rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dspy

from evals.optimise.forms import Form
from evals.optimise.programs import messages_of
from evals.optimise.tasks import Task
from evals.rows import Example
from pipelines.errors import PromptError
from pipelines.generating.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Parity:
    """How many rows were compared, and the ids of those whose messages differ.

    Example:
        >>> Parity(2, ("b",)).share
        0.5
    """

    rows: int
    differ: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the rows whose messages are equal."""
        return 1 - len(self.differ) / self.rows if self.rows else 0.0


def parity(
    predictor: dspy.Predict, form: Form, prompt: Prompt, task: Task, rows: Sequence[Example]
) -> Parity:
    """DSPy's messages of a program against those that Haystack renders of its file."""
    differ = []
    for row in rows:
        variables = task.variables(row)
        rendered = [{"role": m.role.value, "content": m.text} for m in prompt.render(**variables)]
        if rendered != messages_of(predictor, form, variables):
            differ.append(row.id)
    return Parity(len(rows), tuple(differ))


def require(found: Parity, name: str) -> None:
    """Refuse an export that is not what was optimised.

    Raises:
        PromptError: a row's messages differ, or none was compared.
    """
    if found.differ or not found.rows:
        raise PromptError(
            f"The exported prompt {name!r} differs from the optimised one on {len(found.differ)} of "
            f"{found.rows} rows.",
            mend="It was not kept; optimise again.",
        )
