"""The commands put together, and the one place where a failure becomes a line and an exit code.

Exit codes: 0 done, 1 a gate failed, 2 the input was wrong, 3 a defect of Souffleur, 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from evals.cli import (
    assisting,
    benching,
    benching_safety,
    benching_service,
    comparing,
    curating,
    evaluating,
    indexing,
    judging,
    measuring,
    modelling,
    optimising,
    promoting,
    prompting,
    serving,
    tracking,
    training,
)
from evals.cli.report import GateFailed
from pipelines.errors import SouffleurError
from pipelines.settings import load_settings

BENCHES = (benching, benching_safety, benching_service)
"""Importing them puts their commands into the family of :mod:`evals.cli.measuring`."""

DEFECT = 3
STOPPED = 130

app = typer.Typer(
    name="souffleur",
    help="Whispers grounded replies to support agents, and stays silent when unsure.",
    epilog="Start with: souffleur setup, then souffleur serve. Each command's --help has an example.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # Typer's tracebacks show local variables, and with them customers' words
    rich_markup_mode="rich",
)
app.add_typer(training.app, name="train")
app.add_typer(measuring.app, name="bench")
app.add_typer(judging.app, name="judge")
app.add_typer(curating.app, name="data")
app.add_typer(prompting.app, name="prompts")
app.add_typer(modelling.app, name="llm")
for family in (indexing, assisting, serving, evaluating, comparing, tracking, promoting, optimising):
    family.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"souffleur {metadata.version('souffleur')}\n")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of a failure; it may quote your data.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Whispers grounded replies to support agents, and stays silent when unsure."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code and lets no exception out."""
    try:
        settings = load_settings()
        return int(app(list(arguments), prog_name="souffleur", obj=settings, standalone_mode=False) or 0)
    except GateFailed as error:
        return _say(str(error), 1)
    except SouffleurError as error:
        return _say(str(error), error.exit_code)
    except TyperException as error:
        return _misused(error)
    except (typer.Abort, KeyboardInterrupt):
        return _say("Stopped.", STOPPED)
    except BrokenPipeError:
        # Whoever read us (head, less) has left: nobody is to be told, and nothing flushed at exit.
        sys.stdout = None
        return 0
    except OSError as error:
        return _say(f"{error.filename or 'A file'}: {error.strerror or type(error).__name__}.", 2)
    except Exception as error:
        # The outermost boundary. A message may quote a customer, a type and a place cannot.
        known = _named(error)
        return _say(str(known), known.exit_code) if known else _defect(error, "--debug" in arguments)


def _named(error: BaseException) -> SouffleurError | None:
    """The failure of ours that a library wrapped in its own, as Haystack does with what components raise."""
    cause = error.__cause__
    return cause if cause is None or isinstance(cause, SouffleurError) else _named(cause)


def _misused(error: TyperException) -> int:
    """A wrong option or argument: what Typer says of it, in one line, and where the help is."""
    context = getattr(error, "ctx", None)
    help_ = f"See: {context.command_path} --help" if context else "See: souffleur --help"
    said = error.format_message().rstrip(".")
    return _say(" ".join(f"{said}. {help_}".split()), 2) if said else 2


def _say(line: str, code: int) -> int:
    sys.stderr.write(line.strip() + "\n")
    return code


def _defect(error: Exception, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    return _say(
        f"Souffleur has a defect: {type(error).__name__} in {place}. Run again with: souffleur --debug ...",
        DEFECT,
    )
