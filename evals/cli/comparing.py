"""``souffleur compare``, ``gate`` and ``power``: what two recorded runs show, and what a set could show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from evals.cli.report import Json, reporting
from evals.rows import ALL
from pipelines.settings import Settings

RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or latest.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: souffleur compare 20261120-101500 latest --metric utility")(compare)
    app.command(epilog="Example: souffleur gate latest 20261120-101500 --report artifacts/gate")(gate)
    app.command(epilog="Example: souffleur power 300 --changed 0.2")(power)


def compare(
    context: typer.Context,
    old: RunName,
    new: RunName,
    metric: Annotated[str | None, typer.Option(help="List the rows that changed by it.")] = None,
    report_to: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write it as Markdown too.")
    ] = None,
    json: Json = False,
) -> None:
    """The paired difference of two runs with its interval, by metric and slice, and the rows that changed."""
    from evals.comparing.compare import compare as compare_runs
    from evals.comparing.reports import comparison_text
    from evals.running.store import RUNS, load_run
    from pipelines.writing import write_text

    settings: Settings = context.obj
    root = settings.home / RUNS
    with reporting(json) as report:
        found = compare_runs(load_run(old, root), load_run(new, root), metric)
        if report_to is not None:
            write_text(report_to, comparison_text(found) + "\n")
        kinds = [change.kind for change in found.rows]
        value = {
            "old": found.old.id, "new": found.new.id, "primary": found.primary,
            "differences": [difference.as_dict() for difference in found.differences],
            "rows": {kind: kinds.count(kind) for kind in ("fixed", "broken", "both_wrong")},
            "fixed": [c.example_id for c in found.rows if c.kind == "fixed"],
            "broken": [c.example_id for c in found.rows if c.kind == "broken"],
            "unpaired": list(found.unpaired),
        }  # fmt: skip
        report.result(value, lambda console: _show(console, found))


def gate(
    context: typer.Context,
    challenger: RunName,
    champion: RunName,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Rules; the shipped ones without.")
    ] = None,
    report_to: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Where gate.md and gate.json go.")
    ] = None,
    json: Json = False,
) -> None:
    """Judge a challenger against a champion; exit 1 unless it may be promoted. The report comes first."""
    from evals.comparing.gate_rules import DEFAULT, read_rules
    from evals.comparing.reports import settle
    from evals.deciding import judge_runs
    from evals.running.store import RUNS

    settings: Settings = context.obj
    rules = read_rules(config or DEFAULT)
    with reporting(json) as report:
        verdict, opened = judge_runs(champion, challenger, rules, settings)
        report.result(verdict.as_dict(), lambda console: _verdict(console, verdict))
    settle(verdict, report_to or settings.home / RUNS / verdict.comparison.new.id, opened)


def power(
    rows: Annotated[int, typer.Argument(min=2, help="Independent rows (conversations) of the set.")],
    changed: Annotated[
        float, typer.Option(min=0.001, max=1, help="Share of rows whose outcome will change.")
    ] = 0.2,
    json: Json = False,
) -> None:
    """The smallest difference that a set can show, said before a run."""
    from evals.statistics.power import ALPHA, POWER, detectable_difference, expected_spread

    with reporting(json) as report:
        least = detectable_difference(rows, expected_spread(changed))
        report.result({"rows": rows, "changed": changed, "alpha": ALPHA, "power": POWER, "detectable": least})


def _show(console: Console, found: Any) -> None:
    table = Table("metric", "slice", "old", "new", "difference", "95 % interval", "p", "+ / - / =")
    for d in found.differences:
        if d.slice != ALL and d.metric != found.primary:
            continue  # --json and --report give every slice of every metric
        i = d.paired.difference
        bounds = "" if i.low is None else f"{i.low:+.3f} .. {i.high:+.3f}"
        p = "" if d.paired.p is None else f"{d.paired.p:.3f}"
        moved = f"{d.paired.better} / {d.paired.worse} / {d.paired.ties}"
        table.add_row(
            d.metric,
            d.slice,
            f"{d.paired.old:.3f}",
            f"{d.paired.new:.3f}",
            f"{i.value:+.3f}",
            bounds,
            p,
            moved,
        )
    console.print(table)
    for change in [c for c in found.rows if c.kind != "both_wrong"][:10]:
        console.print(f"{change.kind:>8} {change.example_id}  {change.old:g} -> {change.new:g}", markup=False)
        console.print(f"           old: {change.old_text}", markup=False, soft_wrap=True)
        console.print(f"           new: {change.new_text}", markup=False, soft_wrap=True)


def _verdict(console: Console, verdict: Any) -> None:
    colour = {"promote": "green", "hold": "red", "insufficient": "yellow"}[verdict.decision]
    console.print(f"[bold {colour}]{verdict.decision.upper()}[/]")
    table = Table("rule", "says", "why")
    for reason in verdict.reasons:
        table.add_row(reason.rule, reason.state, reason.text)
    console.print(table)
