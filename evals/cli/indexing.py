"""``souffleur index``: someone's own help centre in the place of the demo's."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from evals.cli.report import Json, reporting
from pipelines.errors import KnowledgeError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.knowledge.indexing import IndexReport

SHOWN_PROBLEMS = 10


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: souffleur index ~/help-centre --lang fr")(index)


def index(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of Markdown, HTML, text or JSONL files.")
    ],
    lang: Annotated[
        str | None, typer.Option(help="Language of the files that do not name theirs: fr, en or es.")
    ] = None,
    rebuild: Annotated[bool, typer.Option(help="Embed everything again, not only what changed.")] = False,
    json: Json = False,
) -> None:
    """Bring the knowledge index in line with a folder.

    Only what changed is embedded. Files that cannot be read are reported and passed over. The old index
    serves until the new one is whole; `souffleur bundle` then freezes it for the service.
    """
    from evals.building import index_knowledge

    settings: Settings = context.obj
    if not folder.is_dir():
        file = folder.is_file()
        raise KnowledgeError(
            f"{str(folder)!r} is a file, not a folder." if file else f"There is no folder {str(folder)!r}.",
            mend="Put it into a folder of its own and give that." if file else "Check the path.",
        )
    with reporting(json) as report, report.progress() as tick:
        done = index_knowledge(folder, settings, lang, rebuild, tick)
        report.result({**asdict(done), "index": settings.index_dir}, lambda console: show(done, console))


def show(done: IndexReport, console: Console) -> None:
    """The report of an indexing, for a person."""
    state = "indexed" if done.changed else "nothing had changed"
    console.print(
        f"{done.documents} documents, {done.passages} passages: {state} "
        f"({done.embedded} embedded, {done.reused} kept)."
    )
    for problem in done.problems[:SHOWN_PROBLEMS]:
        console.print(f"  passed over: {problem.where}: {problem.why}", markup=False)
    if len(done.problems) > SHOWN_PROBLEMS:
        console.print(f"  ... and {len(done.problems) - SHOWN_PROBLEMS} more; --json lists them all.")
    if done.changed:
        console.print("To serve it: souffleur bundle")
