"""``souffleur evaluate`` and ``souffleur runs``: recorded evaluations of the served bundle."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from evals.cli.report import Json, Report, reporting
from evals.rows import ALL
from pipelines.errors import DataError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from evals.rows import Run
    from evals.running.figures import Figure
    from evals.running.unfinished import Unfinished


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(
        epilog='Example: souffleur evaluate suggest --split dev --notes "risk 5 %" --change decide.risk=0.05'
    )(evaluate)
    app.command(epilog="Example: souffleur runs, then: souffleur runs latest")(runs)


def evaluate(
    context: typer.Context,
    system: Annotated[str, typer.Argument(help="suggest, intents, summarize, retrieval or privacy.")],
    split: Annotated[str, typer.Option(help="train, dev or test; each opening of test is counted.")] = "dev",
    examples: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own rows in the place of the manifest's.")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(metavar="PART.NAME=VALUE", help="A component's setting that differs; repeatable."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first rows, for a quick look.")] = None,
    notes: Annotated[str, typer.Option(help="What changed, in your words.")] = "",
    epochs: Annotated[
        int, typer.Option(min=1, help="How often each row is asked; from 2 on, pass^k too.")
    ] = 1,
    max_seconds: Annotated[float | None, typer.Option(help="Stop cleanly after this long.")] = None,
    cache: Annotated[str, typer.Option(help="live, record (answers are remembered) or replay.")] = "live",
    resume: Annotated[str | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.")] = None,
    json: Json = False,
) -> None:
    """Ask every row, score the answers, and keep the run for comparisons."""
    from evals.served import evaluate_served

    settings: Settings = context.obj
    with reporting(json) as report, report.progress() as tick:
        recorded = evaluate_served(
            system, split, settings, examples=examples, changes=parsed(change or []), notes=notes,
            epochs=epochs, max_seconds=max_seconds, cache=cache, resume=resume, progress=tick, limit=limit,
        )  # fmt: skip
        _show(report, recorded)


def runs(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help="A run's id, or latest; all without.")
    ] = None,
    json: Json = False,
) -> None:
    """List the recorded runs, those that were stopped among them, or show the figures of one."""
    from evals.running.store import RUNS, list_runs, load_run
    from evals.running.unfinished import unfinished

    settings: Settings = context.obj
    root = settings.home / RUNS
    with reporting(json) as report:
        if run is not None:
            _show(report, load_run(run, root))
            return
        begun = {one.run.id: one for one in unfinished(root)}
        scored = {one.id: one for one in list_runs(root)}
        ids = sorted(begun.keys() | scored.keys(), reverse=True)
        value = [
            begun[id_].as_dict() if id_ in begun
            else {**scored[id_].model_dump(mode="json"), "state": "whole"}
            for id_ in ids
        ]  # fmt: skip
        found = [(begun[id_].run if id_ in begun else scored[id_], begun.get(id_)) for id_ in ids]
        report.result({"runs": value}, lambda console: _list(console, found))


def parsed(changes: list[str]) -> dict[str, dict[str, Any]]:
    """``decide.risk=0.05`` as ``{"decide": {"risk": 0.05}}``; values are JSON, or text where they are none.

    Raises:
        DataError: a change is not of that form.
    """
    out: dict[str, dict[str, Any]] = {}
    for change in changes:
        place, equals, value = change.partition("=")
        part, dot, name = place.partition(".")
        if not (equals and dot and part and name):
            raise DataError(
                f"The change {change!r} is no PART.NAME=VALUE.", mend="For instance: decide.risk=0.05"
            )
        try:
            out.setdefault(part, {})[name] = json_.loads(value)
        except ValueError:
            out.setdefault(part, {})[name] = value
    return out


def _show(report: Report, recorded: Any) -> None:
    from evals.running.figures import figures
    from evals.running.problems import tell, unanswered

    found, failed = figures(recorded), unanswered(recorded)
    value = {
        **recorded.run.model_dump(mode="json"), "figures": [figure.as_dict() for figure in found],
        "failed": [problem.as_dict() for problem in failed],
    }  # fmt: skip

    def render(console: Console) -> None:
        _figures(console, recorded.run, found)
        tell(console, failed, "answers failed, the others are whole:", "Mend the rows, then evaluate again.")

    report.result(value, render)


def _figures(console: Console, run: Run, found: list[Figure]) -> None:
    from evals.comparing.reports import number

    console.print(f"run {run.id}: {run.name} on {run.dataset.name}/{run.dataset.split}, {run.asked} answers")
    repeated = (f"pass^{run.epochs}", "spread") if run.epochs > 1 else ()
    table = Table("metric", "mean", "95 % interval", "rows", "coverage", *repeated)
    for f in (one for one in found if one.slice == ALL):  # --json gives every slice
        i = f.interval
        bounds = "" if i.low is None else f"{i.low:.3f} .. {i.high:.3f}"
        more = [number(f.pass_hat_k), number(f.spread)] if repeated else []
        share = "" if f.coverage is None else f"{f.coverage:.0%}"
        table.add_row(f.metric, number(i.value), bounds, str(i.n), share, *more)
    console.print(table)
    if repeated:
        console.print(f"pass^{run.epochs}: right in each epoch. spread: deviation between epochs of a row.")


def _list(console: Console, found: list[tuple[Run, Unfinished | None]]) -> None:
    table = Table("run", "system", "data", "answers", "state", "notes")
    for run, left in found:
        data = f"{run.dataset.name}/{run.dataset.split} {run.dataset.sha256[:8]}"
        table.add_row(run.id, run.name, data, str(run.asked), left.state if left else "whole", run.notes)
    console.print(table if found else "No run yet. Make one: souffleur evaluate suggest")
    for run, left in found:
        if left is not None:
            console.print(f"{run.id} is {left.state}. {left.mend}", markup=False, soft_wrap=True)
