"""What people say of single answers: author, reason and time, beside the run and in MLflow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import Field

from evals.rows import Row
from evals.running.store import RUNS, load_run
from evals.tracking.record import RUN_TAG
from evals.tracking.store import client
from pipelines.errors import DataError
from pipelines.privacy.redacting import redact
from pipelines.settings import Settings

FILE = "verdicts.jsonl"


class HumanVerdict(Row):
    """One person's verdict on one answer.

    Example:
        >>> HumanVerdict(example_id="q1", verdict="wrong", author="lea", at="2026-01-01").reason
        ''
    """

    example_id: str
    verdict: Literal["right", "partial", "wrong"]
    author: str = Field(min_length=1, max_length=80)
    reason: str = ""
    at: str


def record_verdict(
    run: str, example_id: str, verdict: Literal["right", "partial", "wrong"], author: str, reason: str,
    settings: Settings,
) -> tuple[HumanVerdict, bool]:  # fmt: skip
    """Write a verdict down; returns it, and whether a trace in MLflow carries it too.

    Raises:
        DataError: there is no such run, or it did not ask that example.
    """
    recorded = load_run(run, settings.home / RUNS)
    if example_id not in {prediction.example_id for prediction in recorded.predictions}:
        raise DataError(f"The run {recorded.run.id} has no example {example_id!r}.", mend="See its rows.")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    made = HumanVerdict(example_id=example_id, verdict=verdict, author=author, reason=redact(reason), at=now)
    with (settings.home / RUNS / recorded.run.id / FILE).open("a", encoding="utf-8") as stream:
        stream.write(made.line() + "\n")
    return made, _mirror(recorded.run.id, made, settings)


def read_verdicts(run_id: str, settings: Settings) -> list[HumanVerdict]:
    """All verdicts on a run's answers, oldest first."""
    path = settings.home / RUNS / run_id / FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [HumanVerdict.model_validate_json(line) for line in lines if line]


def _mirror(run_id: str, verdict: HumanVerdict, settings: Settings) -> bool:
    if not (settings.mlruns / "mlflow.db").exists():
        return False
    with client(settings) as made:
        import mlflow
        from mlflow.entities import AssessmentSource, AssessmentSourceType

        places = [place.experiment_id for place in made.search_experiments()]
        found = made.search_runs(places, f"tags.`{RUN_TAG}` = '{run_id}'", max_results=1)
        trace = found[0].data.tags.get(f"trace.{verdict.example_id}"[:250]) if found else None
        if trace is None:
            return False
        mlflow.log_feedback(
            trace_id=trace, name="verdict", value=verdict.verdict, rationale=verdict.reason,
            source=AssessmentSource(source_type=AssessmentSourceType.HUMAN, source_id=verdict.author),
        )  # fmt: skip
    return True
