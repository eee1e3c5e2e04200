"""``souffleur judge``: what the configured judge is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer
from rich.console import Console
from rich.table import Table

from evals.cli.report import GateFailed, Json, reporting
from pipelines.errors import DataError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from evals.judging.calibrate import Calibration
    from evals.rows import Usage

AGAIN = "Score again (what failed is not remembered), or set another SOUFFLEUR_JUDGE_MODEL."

app = typer.Typer(help="Hold a judge against people before it may gate.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Hold a judge against people before it may gate."""


@app.command(epilog="Example: souffleur judge calibrate --labels verdicts.jsonl")
def calibrate(
    context: typer.Context,
    labels: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="JSONL rows of id, metric, human (true or false), question, reply ..."
        ),
    ],
    lang: Annotated[str, typer.Option(help="Language of the rows that do not name theirs.")] = "fr",
    floor: Annotated[
        float | None, typer.Option(min=0, max=1, help="Kappa from which it may gate; gate.toml's without.")
    ] = None,
    cut: Annotated[float, typer.Option(min=0, max=1, help="Value from which a judge's word is a yes.")] = 0.5,
    json: Json = False,
) -> None:
    """Kappa, confusion and base rate of the judge against verdicts of people; exit 1 below the floor.

    A record of each metric goes to HOME/judges: the gate reads it, and a judge that has none, or another
    model or prompt, is reported and never gated.
    """
    from evals.comparing.gate_rules import read_rules
    from evals.judging.calibrate import calibrate as hold
    from evals.judging.judge import Judge
    from pipelines.embedding import Encoder

    settings: Settings = context.obj
    judge = Judge.from_settings(settings)
    bar = read_rules().judges.kappa if floor is None else floor
    with reporting(json) as report, report.progress() as tick:
        records = hold(
            labels,
            settings.home,
            judge,
            Encoder(settings.cache),
            lang=lang,
            floor=bar,
            cut=cut,
            progress=tick,
        )
        result = {record.metric: record.model_dump(mode="json") for record in records}
        report.result({"metrics": result}, lambda console: _table(console, records))
    refused = [f"{record.metric}: {record.refused}" for record in records if record.refused]
    if refused:
        raise GateFailed("Reported, never gated: " + "; ".join(refused) + ".")


@app.command(epilog="Example: souffleur judge score latest")
def score(
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run of suggestions: its id, or latest.")
    ] = "latest",
    cache: Annotated[
        str, typer.Option(help="record (no judgement is paid twice), live or replay (none is paid).")
    ] = "record",
    offline: Annotated[bool, typer.Option("--offline", help="Ask no judge, even a configured one.")] = False,
    json: Json = False,
) -> None:
    """Add the scores of RAGAS to a recorded run, with the judge's when one is configured.

    What a judge reads is redacted. Comparisons and gates then see these scores like any other.
    """
    from evals.judging.judge import Judge
    from evals.judging.rescoring import rescore_run
    from evals.rows import ALL
    from evals.running.cache import Mode
    from evals.running.figures import figures
    from evals.running.problems import tell, unjudged

    settings: Settings = context.obj
    if cache not in get_args(Mode):
        raise DataError(f"Unknown cache {cache!r}.", mend=f"Known: {', '.join(get_args(Mode))}.")
    judge = Judge.from_settings(settings) if settings.judge_base_url and not offline else None
    with reporting(json) as report, report.progress() as tick:
        recorded, names, usage = rescore_run(run, settings, judge, tick, cast(Mode, cache))
        found = [figure.as_dict() for figure in figures(recorded) if figure.metric in names]
        whole = {one["metric"]: one["value"] for one in found if one["slice"] == ALL}
        failed = unjudged(recorded, names)
        value = {
            "run": recorded.run.id, "figures": found, "usage": usage.model_dump(),
            "failed": [problem.as_dict() for problem in failed],
        }  # fmt: skip

        def render(console: Console) -> None:
            _figures(console, whole, usage)
            tell(console, failed, "judgements have no value:", AGAIN)

        report.result(value, render)


def _figures(console: Console, whole: Mapping[str, float | None], usage: Usage) -> None:
    for name, mean in whole.items():
        console.print(f"{name:<44} {'-' if mean is None else f'{mean:.4f}'}", markup=False)
    console.print(f"{usage.calls} calls of the judge, {usage.money:.4f} of its currency")


def _table(console: Console, records: Sequence[Calibration]) -> None:
    table = Table("metric", "rows", "kappa", "95 %", "agreed", "people say yes", "judge says yes", "may gate")
    for record in records:
        found = record.agreement
        shown = [f"{found[name]:.2f}" if found[name] is not None else "-" for name in ("kappa", "agreed")]
        ends = f"{found['low']:.2f} to {found['high']:.2f}" if found["low"] is not None else "-"
        rates = [
            f"{found[name]:.0%}" if found[name] is not None else "-" for name in ("human_rate", "judge_rate")
        ]
        table.add_row(
            record.metric, str(found["n"]), shown[0], ends, shown[1], *rates, record.refused or "yes"
        )
    console.print(table)
