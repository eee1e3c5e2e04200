"""``souffleur data``: leaks between splits, public sets by name, and how often a test part was opened."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from evals.cli.report import GateFailed, Json, reporting
from pipelines.errors import DataError
from pipelines.settings import Settings

app = typer.Typer(
    help="Data: check it for leaks, fetch public sets, count test openings.", no_args_is_help=True
)
SHOWN = 20


@app.callback()
def _family() -> None:
    """Data: check it for leaks, fetch public sets, count test openings."""


@app.command(epilog="Example: souffleur data check --train learnt.jsonl --test measured.jsonl")
def check(
    context: typer.Context,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME", help="A set of the manifest; repeatable.")
    ] = None,
    train: Annotated[Path | None, typer.Option(metavar="FILE", help="JSONL that is learnt from.")] = None,
    test: Annotated[Path | None, typer.Option(metavar="FILE", help="JSONL that is measured on.")] = None,
    demos: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Few-shot examples, against what a --set measures on.")
    ] = None,
    meaning: Annotated[bool, typer.Option(help="Compare by embeddings too.")] = True,
    json: Json = False,
) -> None:
    """Rows that stand on both sides of a split, by text or by meaning; exit 1 when there are any."""
    from evals.data.jsonl import read_rows
    from evals.data.leakage import Leak, Side, by_likeness, check_files, check_set
    from pipelines.embedding import shared_encoder

    settings: Settings = context.obj
    if (train is None) != (test is None) or (train is not None and (set_ or demos)):
        raise DataError(
            "Give --train and --test together, or --set.", mend="See: souffleur data check --help"
        )
    encode = shared_encoder(settings.cache).encode if meaning else None
    found: list[Leak] = []
    rows: dict[str, int] = {}
    with reporting(json) as report:
        if train is not None and test is not None:
            found, rows = check_files(train, test, encode)
        else:
            shown = Side.of(demos.name, read_rows(demos)) if demos else None
            for name in set_ or ("intents", "answers", "threads"):
                more, sides = check_set(name, settings.datasets, encode, shown)
                found, rows = found + more, rows | sides
        value = {"leaks": [leak.as_dict() for leak in found], "by": by_likeness(found), "rows": rows}
        report.result(value, lambda console: _leaks(console, found, rows))
    if found:
        raise GateFailed(f"{len(found)} pairs of rows stand on both sides: take one of each pair out.")


@app.command(epilog="Example: souffleur data openings --json")
def openings(context: typer.Context, json: Json = False) -> None:
    """How often the test part of each set was opened in this home."""
    from evals.data.openings import openings as count

    settings: Settings = context.obj
    with reporting(json) as report:
        report.result({"openings": count(settings.home)})


@app.command(epilog="Example: souffleur data fetch banking77 --split test --to banking77.jsonl")
def fetch(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="banking77, massive-fr, bitext or dialogsum.")],
    to: Annotated[Path, typer.Option(metavar="FILE", help="Where the rows go, as JSONL in our columns.")],
    split: Annotated[str, typer.Option(help="train, dev or test, as far as the set has it.")] = "train",
    local: Annotated[
        Path | None, typer.Option("--from", metavar="PATH", help="A local copy in the place of the network.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Refuse a set that what ships may not learn from.")
    ] = False,
    json: Json = False,
) -> None:
    """Fetch a public set at its pinned revision, with its licence beside it."""
    from evals.data.public import PUBLIC, write_public

    settings: Settings = context.obj
    with reporting(json) as report:
        rows = write_public(name, split, to, settings.cache, local, train)
        told = PUBLIC[name]
        report.result({"rows": rows, "file": to, "licence": told.licence, "revision": told.revision})


def _leaks(console: Console, found: list[Any], rows: dict[str, int]) -> None:
    console.print(", ".join(f"{name}: {count} rows" for name, count in rows.items()), markup=False)
    if not found:
        console.print("No row stands on two sides.")
        return
    table = Table("likeness", "similarity", "one", "row", "other", "row")
    for leak in found[:SHOWN]:  # --json gives all
        table.add_row(
            leak.likeness, f"{leak.similarity:.2f}", leak.left, leak.left_id, leak.right, leak.right_id
        )
    console.print(table)
    if len(found) > SHOWN:
        console.print(f"... and {len(found) - SHOWN} more; all with --json.")
