"""A system without models and its rows: what the workbench's own tests evaluate."""

from __future__ import annotations

from typing import Any

from evals.rows import DatasetRef, Example, Prediction, Usage
from evals.scorers.measuring import Found, RowScorer

DATA = DatasetRef(name="toy", split="dev", sha256="0" * 64, rows=4)


def examples(count: int = 4) -> list[Example]:
    langs = ("fr", "en")
    return [
        Example(
            id=f"q{i}", inputs={"query": f"n {i}"}, expected={"want": i % 2}, slices={"lang": langs[i % 2]}
        )
        for i in range(count)
    ]


class Counting:
    """Says whether its row's number is even; counts how often it is asked."""

    name = "counting"

    def __init__(self, version: str = "1", fail: str = "") -> None:
        self.asked: list[tuple[str, int]] = []
        self.version, self.fail = version, fail

    def describe(self) -> dict[str, Any]:
        return {"system": self.name, "version": self.version}

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        self.asked.append((example.id, epoch))
        if example.id == self.fail:
            raise ValueError("my card number is 4970")
        number = int(example.inputs["query"].split()[1])
        return Prediction(
            example_id=example.id, epoch=epoch, output={"said": (number + epoch) % 2},
            usage=Usage(calls=1, input_tokens=10, money=0.5),
        )  # fmt: skip


class Right(RowScorer):
    names = ("right",)

    def measure(self, example: Example, prediction: Prediction) -> Found:
        return {"right": float(prediction.output["said"] == example.expected["want"])}
