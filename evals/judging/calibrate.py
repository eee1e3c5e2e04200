"""What a judge is worth: its verdicts held against those of people, and the record that lets it gate.

A record is of one metric by one judge: the version of the judge's model and prompts is part of the metric's
name, so that another model or prompt has no record until it is calibrated itself. A metric without a record,
or below the floor, is reported and never gated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from evals.judging.agreement import Agreement, agreement
from evals.judging.judge import Judge
from evals.judging.labels import Label, read_labels
from evals.judging.ragas_seam import Metric, judged_metrics
from evals.judging.scorer import RagasScorer
from evals.rows import Prediction, Row, Score
from pipelines.hashing import sha256_file
from pipelines.writing import write_json

if TYPE_CHECKING:
    from pipelines.embedding import Encoder

FOLDER = "judges"
FLOOR = 0.6
CUT = 0.5
"""A judge's value from here on is a yes."""

MINIMUM_ROWS = 30
MINIMUM_COVERAGE = 0.98
_JUDGED = re.compile(r"judged_\w+_[0-9a-f]{8}")

Progress = Callable[[str, int, int], None]


class Calibration(Row):
    """The record of one judged metric; ``refused`` says why it may not gate, empty when it may.

    Example:
        >>> Calibration.model_json_schema()["title"]
        'Calibration'
    """

    metric: str
    judge_model: str
    version: str = Field(description="Of the judge's model, prompts and answer schemas")
    labels_sha256: str
    rows: int = Field(ge=0, description="Verdicts of people")
    coverage: float = Field(ge=0, le=1, description="Share of them that the judge gave a value for")
    cut: float
    agreement: dict[str, Any]
    floor: float
    refused: str
    usage: dict[str, Any]
    created: str


def calibrate(
    labels: Path,
    home: Path,
    judge: Judge,
    encoder: Encoder,
    *,
    lang: str = "fr",
    floor: float = FLOOR,
    cut: float = CUT,
    progress: Progress | None = None,
) -> list[Calibration]:
    """Let the judge give its verdict on every labelled reply, and record how far it agrees with people.

    Each reply is judged once, however many people did. One record a metric goes to ``HOME/judges``.

    Raises:
        DataError: a label is wrong.
        SettingsError: RAGAS is not installed.
    """  # fmt: skip
    every = read_labels(labels, lang)
    known = {
        metric.name.removeprefix("judged_").rsplit("_", 1)[0]: metric
        for metric in judged_metrics(judge, encoder)
    }
    digest = sha256_file(labels)
    made = []
    for name in dict.fromkeys(label.metric for label in every):
        own = [label for label in every if label.metric == name]
        scorer = RagasScorer([known[name]], judge=judge)
        scores = _judged(scorer, own, progress, name)
        record = _record(known[name], own, scores, judge, digest, floor, cut, scorer)
        write_json(home / FOLDER / f"{record.metric}.json", record.model_dump(mode="json"))
        made.append(record)
    return made


def _judged(
    scorer: RagasScorer, labels: Sequence[Label], progress: Progress | None, name: str
) -> dict[str, Score]:
    samples = {label.id: label.sample for label in labels}
    scores = {}
    for number, (id_, sample) in enumerate(samples.items(), 1):
        (scores[id_],) = scorer.score_sample(sample, Prediction(example_id=id_))
        if progress:
            progress(name, number, len(samples))
    return scores


def _record(
    metric: Metric, labels: Sequence[Label], scores: dict[str, Score], judge: Judge, digest: str,
    floor: float, cut: float, scorer: RagasScorer,
) -> Calibration:  # fmt: skip
    pairs = [(label, value) for label in labels if (value := scores[label.id].value) is not None]
    found = agreement(
        [label.human for label, _ in pairs], [value >= cut for _, value in pairs],
        [label.cluster for label, _ in pairs],
    )  # fmt: skip
    coverage = len(pairs) / len(labels)
    return Calibration(
        metric=metric.name, judge_model=judge.model, version=metric.version, labels_sha256=digest,
        rows=len(labels), coverage=round(coverage, 6), cut=cut, agreement=found.as_dict(), floor=floor,
        refused=_refused(found, coverage, floor), usage=scorer.usage.model_dump(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def _refused(found: Agreement, coverage: float, floor: float) -> str:
    if found.n < MINIMUM_ROWS:
        return f"only {found.n} verdicts were compared, {MINIMUM_ROWS} are needed"
    if coverage < MINIMUM_COVERAGE:
        return f"the judge gave a value for {coverage:.1%} of the verdicts, {MINIMUM_COVERAGE:.0%} are needed"
    if found.kappa is None:
        return "kappa is undefined: there is only one kind of verdict"
    return f"kappa is {found.kappa:.2f}, below {floor:g}" if found.kappa < floor else ""


def is_judged(metric: str) -> bool:
    """Whether a metric is the word of a judge.

    Example:
        >>> is_judged("judged_faithfulness_0a1b2c3d"), is_judged("rougeL")
        (True, False)
    """
    return _JUDGED.fullmatch(metric) is not None


def why_not_calibrated(metric: str, home: Path, floor: float = FLOOR) -> str | None:
    """Why a judged metric may not gate; None when it may. A floor above the recorded one is held to."""
    path = home / FOLDER / f"{metric}.json"
    if not is_judged(metric) or not path.is_file():
        return "its judge was never held against people: run souffleur judge calibrate"
    try:
        record = Calibration.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return f"its record {path.name} cannot be read"
    if record.metric != metric:
        return f"its record {path.name} is of another metric"
    kappa = record.agreement.get("kappa")
    if record.refused:
        return record.refused
    if not isinstance(kappa, float) or kappa < floor:
        return f"kappa is {kappa}, below {floor:g}"
    return None


def is_calibrated(metric: str, home: Path, floor: float = FLOOR) -> bool:
    """Whether a metric's judge agrees with people well enough to gate."""
    return why_not_calibrated(metric, home, floor) is None
