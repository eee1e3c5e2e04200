"""``souffleur bench`` of what must not go wrong: grounding, silence, canaries, personal data, statistics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.benching import AtLeast, AtMost, Lang, run_bench
from evals.cli.benching import app as app
from evals.cli.report import Json
from pipelines.settings import Settings


@app.command(epilog="Example: souffleur bench grounded --test clapnq.jsonl --lang en --json")
def grounded(
    context: typer.Context,
    test: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of question, sentences, answerable and answers.")
    ],
    lang: Lang = "en",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Answers from one given passage, or silence, beside the first and the best BM25 sentence."""
    from evals.benches.grounded import bench_grounded

    settings: Settings = context.obj
    run_bench(lambda report, tick: bench_grounded(test, lang, settings, tick), json, at_least, at_most)


@app.command(epilog="Example: souffleur bench silence --split dev --json")
def silence(
    context: typer.Context,
    examples: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your labelled questions; the manifest's without.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, dev or test; each opening of test is counted.")] = "dev",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Risk against coverage, bars for a risk, refusals and calibration, beside simpler confidences."""
    from evals.benches.silence import bench_silence

    settings: Settings = context.obj
    run_bench(lambda report, tick: bench_silence(examples, split, settings, tick), json, at_least, at_most)


@app.command(epilog="Example: souffleur bench canaries --json")
def canaries(
    context: typer.Context,
    rows: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Canary rows; those of the data folder without it.")
    ] = None,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Rows that must not regress, asked of the served bundle; exit 1 when one of them fails."""
    from evals.benches.canaries import bench_canaries

    settings: Settings = context.obj
    file = rows or settings.datasets / "canaries" / "canaries.jsonl"
    at_most = [*(at_most or []), "failed=0"]
    run_bench(lambda report, tick: bench_canaries(file, settings, tick), json, at_least, at_most)


@app.command(epilog="Example: souffleur bench privacy --test labelled.jsonl --lang fr --json")
def privacy(
    test: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of text and spans (start, end, type).")
    ],
    lang: Lang = "fr",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Recall of personal data by type, and how much is taken needlessly."""
    from evals.benches.privacy import bench_privacy

    run_bench(lambda report, tick: bench_privacy(test, lang), json, at_least, at_most)


@app.command(epilog="Example: souffleur bench statistics --json")
def statistics(
    rounds: Annotated[int, typer.Option(min=100, help="Simulated samples of each kind.")] = 2_000,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Coverage of the intervals, errors of the tests, and A/A promotions, on simulated rows."""
    from evals.benches.statistics import bench_statistics

    run_bench(lambda report, tick: bench_statistics(rounds, tick=tick), json, at_least, at_most)
