"""``souffleur setup``, ``bundle``, ``serve`` and ``key``: from the data to a running service."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from evals.cli.report import Json, reporting
from pipelines.errors import BundleError
from pipelines.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: souffleur setup && souffleur serve")(setup)
    app.command(epilog="Example: souffleur serve --port 8080")(serve)
    app.command(
        epilog="Example: souffleur bundle, after souffleur index or souffleur train; --rollback goes back."
    )(bundle)
    app.command(epilog="Example: souffleur key")(key)


def setup(context: typer.Context, json: Json = False) -> None:
    """Index the demo's help centre, train its models and freeze the first bundle.

    Each step is skipped when nothing it depends on has changed, so a second run takes a second.
    """
    from evals.building import set_up

    settings: Settings = context.obj
    with reporting(json) as report, report.progress() as tick:
        folder = set_up(settings, report.say, tick)
        report.result(
            {"bundle": folder.name, "folder": folder},
            lambda console: console.print(f"The bundle {folder.name} is ready."),
        )


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on; 3000 by default.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Another bundle than the current one.")
    ] = None,
) -> None:
    """Serve the current bundle over HTTP, with a page to try it at /.

    A new bundle is taken up while it runs. Without SOUFFLEUR_API_KEYS it answers this machine only.
    """
    from service.launch import serve as launch

    settings: Settings = context.obj
    launch(settings.model_copy(update={"bundle": bundle}) if bundle else settings, host, port)


def bundle(
    context: typer.Context,
    listing: Annotated[bool, typer.Option("--list", help="List the bundles instead.")] = False,
    back: Annotated[
        bool, typer.Option("--rollback", help="Serve the previous bundle again instead.")
    ] = False,
    prompts: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Prompts in the place of the packaged ones.")
    ] = None,
    json: Json = False,
) -> None:
    """Freeze the index and the models into a bundle, and make it the served one.

    A running service takes it up within a second, without dropping a request.
    """
    settings: Settings = context.obj
    if listing and back:
        raise BundleError("--list and --rollback exclude each other.", mend="Give one of them.")
    with reporting(json) as report:
        if listing:
            rows = _bundles(settings.home)
            report.result({"bundles": rows}, lambda console: _show(rows, console))
            return
        if back:
            from service.freezing import rollback

            folder = rollback(settings.home).root
        else:
            from evals.building import freeze_bundle

            folder = freeze_bundle(settings, prompts) if prompts else freeze_bundle(settings)
        report.result(
            {"bundle": folder.name, "folder": folder},
            lambda console: console.print(f"Served now: {folder.name}"),
        )


def key(json: Json = False) -> None:
    """Make a bearer key: it is shown once, and only its SHA-256 goes into the settings."""
    made = "sk-souffleur-" + secrets.token_urlsafe(32)
    digest = hashlib.sha256(made.encode()).hexdigest()

    def render(console: Console) -> None:
        console.print(f"Key, for the client (not kept anywhere): {made}", markup=False, soft_wrap=True)
        console.print(
            f"For .env, beside others after a comma:   SOUFFLEUR_API_KEYS={digest}",
            markup=False,
            soft_wrap=True,
        )

    with reporting(json) as report:
        report.result({"key": made, "sha256": digest}, render)


def _bundles(home: Path) -> list[dict[str, Any]]:
    from service.bundle import open_bundle

    rows = []
    served = (home / "bundles" / "current").resolve().name
    for folder in sorted((home / "bundles").glob("[0-9a-f]*")):
        if folder.is_symlink() or not folder.is_dir():
            continue
        row: dict[str, Any] = {
            "id": folder.name,
            "served": folder.name == served,
            "created": None,
            "problem": None,
        }
        try:
            row["created"] = open_bundle(folder).created
        except BundleError as error:
            row["problem"] = error.what
        rows.append(row)
    return sorted(rows, key=lambda row: row["created"] or "")


def _show(rows: list[dict[str, Any]], console: Console) -> None:
    for row in rows:
        console.print(
            f"{'*' if row['served'] else ' '} {row['id']}  {row['created'] or row['problem']}",
            markup=False,
            soft_wrap=True,
        )
    if not rows:
        console.print("There is no bundle yet. Make one: souffleur setup")
