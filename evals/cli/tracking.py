"""``souffleur track`` and ``review``: recorded runs on MLflow's pages, and what people say of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

import typer

from evals.cli.report import Json, reporting
from pipelines.errors import DataError
from pipelines.settings import Settings

RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or latest.")]
VERDICTS = ("right", "partial", "wrong")


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: souffleur track latest --against 20261120-101500, then: make dashboards")(
        track
    )
    app.command(
        epilog='Example: souffleur review latest gold-fr-012 wrong --author lea --reason "old price"'
    )(review)


def track(
    context: typer.Context,
    run: RunName,
    against: Annotated[
        str | None, typer.Option(metavar="RUN", help="Judge it against this run, and say so on its page.")
    ] = None,
    traces: Annotated[int, typer.Option(min=0, max=200, help="Rows traced, a span a component.")] = 10,
    json: Json = False,
) -> None:
    """Write a recorded run to MLflow: figures with intervals, pictures, tables, rows and traces, redacted."""
    settings: Settings = context.obj
    with reporting(json) as report:
        report.result(tracked(run, settings, against, traces, report.say))


def review(
    context: typer.Context,
    run: RunName,
    example: Annotated[str, typer.Argument(help="The example's id.")],
    verdict: Annotated[str, typer.Argument(help="right, partial or wrong.")],
    author: Annotated[str, typer.Option(help="Who says so.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    json: Json = False,
) -> None:
    """Write down a person's verdict on one answer, with author, reason and time."""
    from evals.tracking.verdicts import record_verdict

    if verdict not in VERDICTS:
        raise DataError(f"The verdict {verdict!r} is none.", mend=f"Give one of {', '.join(VERDICTS)}.")
    kind = cast(Literal["right", "partial", "wrong"], verdict)
    with reporting(json) as report:
        made, mirrored = record_verdict(run, example, kind, author, reason, context.obj)
        report.result({**made.model_dump(mode="json"), "in_mlflow": mirrored})


def tracked(run: str, settings: Settings, against: str | None, traces: int, say: Any) -> dict[str, Any]:
    """Log a run, its verdict and its traces; returns where they are."""
    from evals.comparing.gate_rules import read_rules
    from evals.deciding import judge_runs
    from evals.running.store import RUNS, load_run
    from evals.running.systems import SuggestSystem, served_assistant
    from evals.tracking.record import log_run
    from evals.tracking.tracer import trace_sample

    recorded = load_run(run, settings.home / RUNS)
    verdict = judge_runs(against, recorded.run.id, read_rules(), settings)[0] if against else None
    say(f"MLflow      writing {recorded.run.id}")
    id_ = log_run(recorded, settings, verdict, verdict.comparison if verdict else None)
    made: dict[str, str] = {}
    if traces and recorded.run.system.get("system") == "suggest":
        say(f"MLflow      tracing {min(traces, len(recorded.examples))} rows")
        system = SuggestSystem(served_assistant(settings), recorded.run.system.get("changes") or {})
        made = trace_sample(system, recorded.examples[:traces], id_, recorded.run.question, settings)
    return {
        "run": recorded.run.id, "mlflow_run": id_, "experiment": recorded.run.question, "traces": len(made),
        "verdict": verdict.decision if verdict else None,
    }  # fmt: skip
