"""What the analyses need of a recorded run: parallel lists of confidences, outcomes and labels."""

from __future__ import annotations

from evals.rows import Prediction
from evals.running.figures import by_example
from evals.running.store import Recorded, by_id
from evals.scorers.grounded import grade
from evals.scorers.reading import citations, task


def confident_answers(recorded: Recorded) -> tuple[list[float], list[bool]]:
    """Confidence and wrongness of the best draft of each answerable row, shown or withheld."""
    examples = by_id(recorded.examples)
    sure, wrong = [], []
    for prediction in _first(recorded):
        example = examples[prediction.example_id]
        best = prediction.output.get("best")
        if task(example) != "answer":
            continue
        row = {"gold": [], "quotes": [], "facts": [], **example.expected}
        sure.append(prediction.confidence or 0.0)
        wrong.append(best is None or grade(best["text"], citations(best), row) == "wrong")
    return sure, wrong


def confident_replies(recorded: Recorded) -> tuple[list[float], list[bool]]:
    """The same of every row that wants an answer or silence; any draft is wrong where silence is wanted."""
    examples = by_id(recorded.examples)
    quiet = [p for p in _first(recorded) if task(examples[p.example_id]) == "silence"]
    sure, wrong = confident_answers(recorded)
    return [*sure, *(p.confidence or 0.0 for p in quiet)], [*wrong, *(True for _ in quiet)]


def judged(recorded: Recorded, metric: str) -> tuple[list[float], list[float]]:
    """Confidence and value of every row that has both."""
    values = by_example(recorded.scores, metric)
    pairs = [
        (p.confidence, values[p.example_id])
        for p in _first(recorded)
        if p.confidence is not None and p.example_id in values
    ]
    return [sure for sure, _ in pairs], [value for _, value in pairs]


def labels(recorded: Recorded) -> tuple[list[str], list[str]]:
    """Gold and decided intents."""
    examples = by_id(recorded.examples)
    answered = [p for p in _first(recorded) if p.error is None and "intent" in p.output]
    gold = [str(examples[p.example_id].expected.get("intent", "")) for p in answered]
    return gold, [str(p.output["intent"]) for p in answered]


def latencies(recorded: Recorded) -> list[float]:
    """Milliseconds of each prediction that was computed."""
    return [p.latency_ms for p in recorded.predictions if p.latency_ms is not None and p.error is None]


def _first(recorded: Recorded) -> list[Prediction]:
    return [p for p in recorded.predictions if p.epoch == 0 and p.error is None]
