"""What every bench on the command line has: progress, one JSON object, limits, and openings written down."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals.cli.report import Json, Report, Tick, check_gates, reporting
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.embedding import Encoder

app = typer.Typer(
    help="Measure anything, on the data of this repository or on your own files.",
    no_args_is_help=True,
)

Lang = Annotated[str, typer.Option(help="Language of the rows that do not name theirs: fr, en or es.")]
LIMIT = "NAME=NUMBER"
AtLeast = Annotated[
    list[str] | None, typer.Option(metavar=LIMIT, help="Exit 1 when a figure is below; may be repeated.")
]
AtMost = Annotated[
    list[str] | None, typer.Option(metavar=LIMIT, help="Exit 1 when a figure is above; may be repeated.")
]
Result = dict[str, Any]
SHARED = {"at_least": (AtLeast, None), "at_most": (AtMost, None), "json": (Json, False)}
"""Options of every bench, after its own."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a bench is given beside its own options.

    Example:
        >>> Job.__slots__
        ('settings', 'report', 'tick')
    """

    settings: Settings
    report: Report
    tick: Tick

    @property
    def encoder(self) -> Encoder:
        """The embedding model as the service runs it, so that latencies compare."""
        from pipelines.embedding import Encoder

        return Encoder(self.settings.cache, threads=1)


@app.callback()
def _family() -> None:
    """Measure anything, on the data of this repository or on your own files."""


def bench(
    example: str, *, opens: Iterable[str] = (), at_most: Iterable[str] = ()
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Make a command of a function that measures: ``(job, its own options) -> figures``.

    Measure, print, and only then hold the figures to their limits: a failed gate hides no figure.

    Args:
        example: how it is called.  at_most: limits that always hold.
        opens: options that name files; rows of a test part in them are written down as an opening.
    """

    def made(measure: Callable[..., Result]) -> Callable[..., Result]:
        def command(context: typer.Context, **options: Any) -> None:
            gates = {name: options.pop(name) or [] for name in ("at_least", "at_most")}
            settings: Settings = context.obj
            with reporting(options.pop("json")) as report, report.progress() as tick:
                _note_openings(measure.__name__, [options[name] for name in opens], settings)
                report.result(measure(Job(settings, report, tick), **options))
            check_gates(report.value, gates["at_least"], [*gates["at_most"], *at_most])

        _dress(command, measure)
        app.command(measure.__name__, epilog=f"Example: {example}")(command)
        return measure

    return made


def _dress(command: Callable[..., None], measure: Callable[..., Result]) -> None:
    """Give a command the options of what it measures, where Typer looks for them."""
    kind = inspect.Parameter.KEYWORD_ONLY
    own = list(inspect.signature(measure, eval_str=True).parameters.values())[1:]
    shared = [
        inspect.Parameter(name, kind, default=default, annotation=option)
        for name, (option, default) in SHARED.items()
    ]
    context = inspect.Parameter("context", kind, annotation=typer.Context)
    parameters = [context, *(one.replace(kind=kind) for one in own), *shared]
    command.__doc__ = measure.__doc__
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]


def _note_openings(name: str, given: Iterable[Path | list[Path] | None], settings: Settings) -> None:
    from evals.data.openings import record_files

    files = [path for value in given for path in (value if isinstance(value, list) else [value]) if path]
    if files:
        record_files(files, settings.home, settings.datasets, f"bench {name}")
