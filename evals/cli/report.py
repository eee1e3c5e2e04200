"""What a command tells: progress on standard error, its result on standard output, as text or JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipelines.errors import SouffleurError

Json = Annotated[
    bool, typer.Option("--json", help="Print exactly one JSON object, and nothing else, on standard output.")
]
Tick = Callable[[str, int, int], None]
"""Called with a stage's name, what is done of it, and its total."""

Render = Callable[[Console], None]


class GateFailed(Exception):
    """A figure did not reach what was asked of it; the result has been printed all the same."""


class Report:
    """Collects the result of one command.

    Example:
        >>> report = Report(as_json=True)
        >>> report.result({"recall@1": float("nan")})
        >>> report.value
        {'recall@1': None}
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.value: Any = None
        # Bound now: what a library prints may be sent elsewhere later, our progress not.
        self.console = Console(file=sys.stderr, highlight=False)
        self._render: Render | None = None

    def say(self, line: str) -> None:
        """One line of progress."""
        self.console.print(line, markup=False)

    def result(self, value: Mapping[str, Any], render: Render | None = None) -> None:
        """The result; ``render`` shows it to a person, who else sees the figures as a list."""
        self.value, self._render = plain(value), render

    @contextmanager
    def progress(self) -> Iterator[Tick]:
        """A bar for each stage; without a terminal, a line when a stage begins and one when it ends."""
        if not self.console.is_terminal:
            yield self._lines()
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as bars:
            tasks: dict[str, Any] = {}

            def tick(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage)
                bars.update(tasks[stage], completed=done, total=total)

            yield tick

    def _lines(self) -> Tick:
        begun: set[str] = set()

        def tick(stage: str, done: int, total: int) -> None:
            if stage not in begun:
                begun.add(stage)
                self.say(f"{stage} ... ({total})")
            if done >= total:
                self.say(f"{stage}: done")

        return tick

    def print(self) -> None:
        """Show the result on standard output."""
        if self.as_json:
            sys.stdout.write(json.dumps(self.value, ensure_ascii=False, allow_nan=False) + "\n")
        elif self.value is not None:
            console = Console(highlight=False)
            (self._render or _figures(self.value))(console)
        sys.stdout.flush()


@contextmanager
def reporting(as_json: bool) -> Iterator[Report]:
    """Run a command's work; its result is printed when the work ends well.

    With ``as_json`` whatever a library prints meanwhile goes to standard error.
    """
    report = Report(as_json)
    with redirect_stdout(sys.stderr):
        yield report
    report.print()


def plain(value: Any) -> Any:
    """The value in JSON's terms: paths and models as text and objects, NaN and infinities as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(mode="json"))
    if hasattr(value, "item"):  # a numpy scalar
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def check_gates(value: Mapping[str, Any], at_least: list[str], at_most: list[str]) -> None:
    """Hold figures of a result to limits given as ``NAME=NUMBER``; ``latency_ms.p50`` reaches into an object.

    Raises:
        GateFailed: names each figure that misses its limit.
        SouffleurError: a limit cannot be read, or names no figure of the result.
    """
    missed = []
    for limit, sign in [*((item, 1) for item in at_least), *((item, -1) for item in at_most)]:
        name, _, number = limit.rpartition("=")
        found = _figure(value, name)
        try:
            wanted = float(number)
        except ValueError:
            raise SouffleurError(
                f"The limit {limit!r} is no NAME=NUMBER.", mend="For instance: --at-least accuracy=0.9"
            ) from None
        if found is None or (found - wanted) * sign < 0:
            shown = "not measured" if found is None else f"{found:g}"
            missed.append(f"{name} is {shown}, wanted {'>=' if sign > 0 else '<='} {wanted:g}")
    if missed:
        raise GateFailed("The gate failed: " + "; ".join(missed) + ".")


def _figure(value: Any, name: str) -> float | None:
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise SouffleurError(
                f"The result has no figure {name!r}.", mend="Run it with --json to see their names."
            )
        value = value[part]
    return float(value) if isinstance(value, (int, float)) else None


def _figures(value: Mapping[str, Any]) -> Render:
    def render(console: Console) -> None:
        for name, figure in _flat(value):
            shown = f"{figure:.4g}" if isinstance(figure, float) else str(figure)
            console.print(f"{name:<40} {shown}", markup=False, soft_wrap=True)

    return render


def _flat(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, f"{prefix}.{key}" if prefix else key)
    elif not isinstance(value, list) or len(value) <= 10:
        yield prefix, value
