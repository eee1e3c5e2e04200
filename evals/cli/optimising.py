"""``souffleur optimise``: a better prompt, searched within a budget and proven on rows it never saw."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.table import Table

from evals.cli.report import Json, reporting
from pipelines.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(epilog="Example: souffleur optimise classify --optimiser labeled --budget 1600 --seed 0")(
        optimise
    )


def optimise(
    context: typer.Context,
    task: Annotated[str, typer.Argument(help="classify, draft, summarize or route.")],
    optimiser: Annotated[str, typer.Option(help="gepa, miprov2, bootstrap or labeled.")] = "labeled",
    budget: Annotated[
        int, typer.Option(help="Calls that the search may make; asking before and after comes on top.")
    ] = 800,
    seed: Annotated[int, typer.Option(help="Same seed, same rows, same model: same prompt.")] = 0,
    model: Annotated[
        str, typer.Option(help="offline/icl (no key, no language model), or llm: SOUFFLEUR_LLM_MODEL.")
    ] = "offline/icl",
    demos: Annotated[int | None, typer.Option(help="Worked examples that a prompt may hold.")] = None,
    train: Annotated[Path | None, typer.Option(metavar="FILE", help="Your own rows to search with.")] = None,
    held_out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your own rows to prove it on; dev without.")
    ] = None,
    anchors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Rows that the new prompt must not lose.")
    ] = None,
    rows: Annotated[int | None, typer.Option(min=2, help="Prove it on the first rows only.")] = None,
    threads: Annotated[int, typer.Option(min=1, max=32, help="Calls at once.")] = 1,
    track: Annotated[bool, typer.Option(help="Write it to MLflow.")] = True,
    json: Json = False,
) -> None:
    """Search a better prompt, export it with a proof, and judge it against the one that is pinned.

    Stopped half way, the same command goes on where it was: no call is made twice. It sees train and dev
    alone. The prompt that comes of it is served by: souffleur bundle --prompts FOLDER
    """
    from evals.optimise.engines import chosen_model
    from evals.optimise.optimising import Plan, summary
    from evals.optimise.optimising import optimise as search
    from evals.optimise.searching import Optimiser
    from evals.optimise.setting_out import set_out

    settings, plan = context.obj, Plan(cast(Optimiser, optimiser), budget, seed, demos, threads).checked()
    made_by = chosen_model(model, settings)
    with reporting(json) as report, report.progress() as tick:
        what, searched, kept, guarded = set_out(task, settings, train, held_out, anchors, rows)
        made = search(what, plan, searched, kept, made_by, settings, anchors=guarded, tick=tick)
        value = summary(made) | {"folder": str(made.folder)}
        if track:
            value |= _tracked(made, value, settings)
        report.result(value, lambda console: _show(console, value))


def _tracked(made: Any, value: dict[str, Any], settings: Settings) -> dict[str, Any]:
    from evals.optimise.optimising import told
    from evals.tracking.optimising import log_optimisation
    from evals.tracking.record import log_run

    log_run(made.before, settings)
    if made.after is not None:
        log_run(made.after, settings, made.verdict, made.verdict.comparison)
    rows = [told(candidate) for candidate in made.candidates]
    return {"mlflow_run": log_optimisation(value, rows, made.folder, settings)}


def _show(console: Console, value: dict[str, Any]) -> None:
    found = value["validation"]
    console.print(
        f"{value['task']} by {value['optimiser']}, {value['model']}: {value['calls']} calls "
        f"({value['calls_not_kept_before']} new), {value['candidates']} candidates",
        markup=False,
    )
    console.print(f"on the search's own rows: {found['as_it_is']:.3f} -> {found['chosen']:.3f}")
    if not value["better_found"]:
        console.print("No candidate was better: the prompt stays as it is.")
        return
    table = Table("held-out rows", "before", "after", "difference", "95 % interval")
    for d in (row for row in value["held_out"] if row["slice"] == "all"):
        low, high = d["low"], d["high"]
        bounds = "" if low is None else f"{low:+.3f} .. {high:+.3f}"
        cells = ["" if d[k] is None else f"{d[k]:.3f}" for k in ("old", "new", "difference")]
        table.add_row(d["metric"], *cells, bounds)
    console.print(table)
    console.print(f"Parity on {value['parity']['rows']} rows: every message equal.")
    console.print(f"Verdict: {value['decision']}")
    for reason in value["reasons"]:
        console.print(f"  {reason}", markup=False, soft_wrap=True)
    console.print(
        f"Serve it: souffleur bundle --prompts {value['folder']}/prompts", markup=False, soft_wrap=True
    )
