"""``souffleur bench`` of what must not go wrong: grounding, silence, canaries, personal data, statistics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.measuring import Job, Lang, Result, bench


@bench("souffleur bench grounded --test clapnq.jsonl --lang en --json")
def grounded(
    job: Job,
    test: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of question, sentences, answerable and answers.")
    ],
    lang: Lang = "en",
) -> Result:
    """Answers from one given passage, or silence, beside the first and the best BM25 sentence."""
    from evals.benches.grounded import bench_grounded

    return bench_grounded(test, lang, job.settings, job.tick)


@bench("souffleur bench silence --split dev --json")
def silence(
    job: Job,
    examples: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your labelled questions; the manifest's without.")
    ] = None,
    split: Annotated[str, typer.Option(help="train, dev or test; each opening of test is counted.")] = "dev",
) -> Result:
    """Risk against coverage, bars for a risk, refusals and calibration, beside simpler confidences."""
    from evals.benches.silence import bench_silence

    return bench_silence(examples, split, job.settings, job.tick)


@bench("souffleur bench canaries --json", at_most=("failed=0",))
def canaries(
    job: Job,
    rows: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Canary rows; those of the data folder without it.")
    ] = None,
) -> Result:
    """Rows that must not regress, asked of the served bundle; exit 1 when one of them fails."""
    from evals.benches.canaries import bench_canaries

    file = rows or job.settings.datasets / "canaries" / "canaries.jsonl"
    return bench_canaries(file, job.settings, job.tick)


@bench("souffleur bench privacy --test labelled.jsonl --lang fr --json")
def privacy(
    job: Job,
    test: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of text and spans (start, end, type).")
    ],
    lang: Lang = "fr",
) -> Result:
    """Recall of personal data by type, and how much is taken needlessly."""
    from evals.benches.privacy import bench_privacy

    return bench_privacy(test, lang)


@bench("souffleur bench statistics --json")
def statistics(
    job: Job,
    rounds: Annotated[int, typer.Option(min=100, help="Simulated samples of each kind.")] = 2_000,
) -> Result:
    """Coverage of the intervals, errors of the tests, and A/A promotions, on simulated rows."""
    from evals.benches.statistics import bench_statistics

    return bench_statistics(rounds, tick=job.tick)
