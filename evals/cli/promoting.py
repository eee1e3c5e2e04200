"""``souffleur promote`` and ``rollback``: from a gated run to what is served, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.report import Json, reporting
from pipelines.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: souffleur promote latest")(promote)
    app.command(epilog="Example: souffleur rollback")(rollback)


def promote(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A recorded run of suggest.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Gate rules; the shipped without.")
    ] = None,
    json: Json = False,
) -> None:
    """Gate a run, freeze and build its bundle, replay the canaries over HTTP, then serve it.

    A red gate or a canary that is answered otherwise stops it before anything moves; exit 1.
    """
    from evals.promoting.promote import promote as promoted

    settings: Settings = context.obj
    with reporting(json) as report, report.progress() as tick:
        report.result(promoted(run, settings, report.say, tick, config))


def rollback(context: typer.Context, json: Json = False) -> None:
    """Serve the champion before this one again; a second call goes forward."""
    from evals.promoting.promote import roll_back

    settings: Settings = context.obj
    with reporting(json) as report:
        report.result(roll_back(settings, report.say).model_dump(mode="json"))
