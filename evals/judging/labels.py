"""Verdicts of people on replies, against which a judge is held.

JSONL, one verdict of one person on one reply a line:

    column      what
    id          of the reply; several people may judge the same one, each on a line of their own
    metric      faithfulness, relevancy, context_precision, context_recall or factual_correctness
    human       true or false: is the reply good in this respect
    question    what was asked
    reply       what was answered
    contexts    a list of the texts that the reply could rest on, best first
    reference?  a right answer, for the metrics that compare with one
    lang?       fr, en or es
    cluster?    rows of one conversation share it, so that they are resampled together
    author?, reason?, at?   who said so, why and when; kept with the data, not read
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.data.jsonl import read_rows
from evals.judging.ragas_seam import JUDGED
from evals.judging.samples import Sample
from pipelines.errors import DataError

NEEDS = {
    "faithfulness": ("question", "reply", "contexts"),
    "relevancy": ("question", "reply"),
    "context_precision": ("question", "contexts", "reference"),
    "context_recall": ("question", "contexts", "reference"),
    "factual_correctness": ("reply", "reference"),
}


@dataclass(frozen=True, slots=True)
class Label:
    """One verdict of one person, with all that a judge needs to give its own.

    Example:
        >>> Label("1", "relevancy", True, Sample("délai ?", "Sous trois jours."), "1").human
        True
    """

    id: str
    metric: str
    human: bool
    sample: Sample
    cluster: str


def read_labels(path: Path, lang: str = "fr") -> list[Label]:
    """The verdicts of a file.

    Args:
        lang: of rows that do not say theirs.

    Raises:
        DataError: a row is wrong; it names the file, the row and the column, and repeats no text.
    """
    rows = read_rows(path, required=("id", "metric", "human"))
    labels = [_label(row, f"{path}, row {number}", lang) for number, row in enumerate(rows, 1)]
    seen: dict[tuple[str, str], Sample] = {}
    for number, label in enumerate(labels, 1):
        if seen.setdefault((label.metric, label.id), label.sample) != label.sample:
            raise DataError(
                f"{path}, row {number}: the id {label.id!r} stands for two different replies.",
                mend="Give each reply its own id.",
            )
    return labels


def _label(row: dict[str, Any], where: str, lang: str) -> Label:
    metric, human = row["metric"], row["human"]
    if metric not in JUDGED:
        raise DataError(f"{where}: 'metric' is none that is judged.", mend=f"Known: {', '.join(JUDGED)}.")
    if human not in (True, False) or not isinstance(human, (bool, int)):
        raise DataError(f"{where}: 'human' is neither true nor false.", mend="Give one of the two.")
    for column in NEEDS[metric]:
        value = row.get(column)
        texts = value if column == "contexts" else [value]
        if (
            not texts
            or not isinstance(texts, list)
            or not all(isinstance(text, str) and text.strip() for text in texts)
        ):
            raise DataError(
                f"{where}: the column '{column}' is missing, empty or of another shape.",
                mend=f"'{metric}' reads: {', '.join(NEEDS[metric])}; contexts are a list of texts.",
            )
    sample = Sample(
        question=str(row.get("question") or ""), response=row.get("reply"), lang=str(row.get("lang") or lang),
        contexts=tuple(row.get("contexts") or ()), reference=str(row.get("reference") or ""),
    )  # fmt: skip
    return Label(row["id"], metric, bool(human), sample, str(row.get("cluster") or row["id"]))
