"""A prompt file under evaluation: rendered as the service renders it, read as the service reads it."""

from __future__ import annotations

import time
from typing import Any

from evals.optimise.engines import Engine
from evals.optimise.tasks import Task
from evals.rows import Example, Prediction, Usage
from evals.running.systems import code_hash
from pipelines.generating.prompts import PromptBook
from pipelines.generating.reading import read_object


class PromptSystem:
    """One prompt of a folder, asked with one model.

    Example:
        >>> PromptSystem.name
        'prompt'
    """

    name = "prompt"

    def __init__(self, task: Task, book: PromptBook, engine: Engine) -> None:
        self.task, self.book, self.engine = task, book, engine

    @property
    def prompts(self) -> dict[str, str]:
        """The prompt's hash by its name."""
        return {self.task.name: self.book[self.task.name].sha256}

    def describe(self) -> dict[str, Any]:
        """Task, model, prompt and code."""
        return {
            "system": f"prompt {self.task.name}", "model": self.engine.model.name, "prompts": self.prompts,
            "code": code_hash(),
        }  # fmt: skip

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        """The answer, judged by the task; ``output.value`` is what it is worth."""
        messages = self.book[self.task.name].render(**self.task.variables(example))
        system = messages[0].text or ""
        turns = [(message.role.value, message.text or "") for message in messages[1:]]
        started = time.perf_counter()
        found = self.engine.ask(system, turns, {})
        spent = 1_000 * (time.perf_counter() - started)
        judged = self.task.judge(example, read_object(found["text"]) or {})
        output = {**judged.output, "value": judged.value, "in_language": judged.in_language}
        usage = Usage(
            calls=1, input_tokens=found["input_tokens"] or 0, output_tokens=found["output_tokens"] or 0
        )
        return Prediction(
            example_id=example.id, epoch=epoch, output=output, latency_ms=round(spent, 3), usage=usage
        )
