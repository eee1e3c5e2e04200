"""``souffleur prompts``: which prompts there are, and pinning those that were changed by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.report import Json, reporting
from pipelines.generating.prompts import FOLDER

app = typer.Typer(help="The prompts of a language model, pinned by their hashes.", no_args_is_help=True)
Folder = Annotated[Path, typer.Option(help="Folder of the .jinja files and their prompts.json.")]


@app.command(epilog="Example: souffleur prompts show")
def show(folder: Folder = FOLDER, json: Json = False) -> None:
    """List the prompts with their hash and origin; a file that was changed is refused."""
    from pipelines.generating.prompts import PromptBook

    book = PromptBook.load(folder)
    prompts = [book[name] for name in book.hashes]
    rows = {prompt.name: {"sha256": prompt.sha256, "origin": dict(prompt.origin)} for prompt in prompts}
    lines = [f"{prompt.name:15} {prompt.sha256[:12]}  {prompt.origin.get('kind', '')}" for prompt in prompts]
    with reporting(json) as report:
        report.result(rows, lambda console: console.print("\n".join(lines)))


@app.command(epilog="Example: souffleur prompts pin && souffleur bundle")
def pin(folder: Folder = FOLDER, json: Json = False) -> None:
    """Pin the files as they stand now; `souffleur bundle` then freezes them for the service."""
    from pipelines.generating.prompts import pin as pin_files

    changed = pin_files(folder)
    with reporting(json) as report:
        report.result(
            changed, lambda console: console.print(f"Pinned: {', '.join(changed) or 'nothing had changed'}")
        )
