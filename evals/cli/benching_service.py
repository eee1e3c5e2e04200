"""``souffleur bench`` of how fast it is: the service, its search among many passages, and an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.measuring import Job, Result, bench
from pipelines.errors import DataError


@bench("souffleur bench service --passages 10000 --json")
def service(
    job: Job,
    url: Annotated[
        str | None, typer.Option(help="A running service on this machine; starts its own without it.")
    ] = None,
    passages: Annotated[
        int, typer.Option(min=100, max=1_000_000, help="Synthetic passages of its own service.")
    ] = 10_000,
    seconds: Annotated[float, typer.Option(help="Length of each of the two stretches.")] = 20.0,
    clients: Annotated[int, typer.Option(help="Clients of the second stretch; the first has one.")] = 8,
    key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File that holds the bearer key of --url.")
    ] = None,
) -> Result:
    """Latency, rate, memory and start of the service, with thousands of different questions."""
    from evals.benches.service import bench_service

    key = _key(key_file)
    return bench_service(url, passages, seconds, clients, settings=job.settings, key=key, progress=job.tick)


@bench("souffleur bench scale --passages 100000 --json")
def scale(
    job: Job,
    passages: Annotated[
        int, typer.Option(min=100, max=1_000_000, help="Synthetic passages to search in.")
    ] = 100_000,
) -> Result:
    """Latency of the search alone, in the same run as Haystack's in-memory pair."""
    from evals.benches.scale import bench_scale

    return bench_scale(passages, job.encoder, job.tick)


@bench("souffleur bench experiment --plots artifacts/plots --at-most seconds=60 --json")
def experiment(
    job: Job,
    rows: Annotated[int, typer.Option(min=10, help="How many labelled questions are asked.")] = 300,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the pictures go; nowhere without.")
    ] = None,
) -> Result:
    """Seconds of an experiment: a cell changes one setting and ends in a compared run with plots."""
    from evals.benches.experiment import bench_experiment

    return bench_experiment(job.settings, plots, rows, job.tick)


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise DataError(f"The key file {str(path)!r} cannot be read.", mend="Check the path.") from None
