"""``souffleur bench`` of how well it understands, finds, answers and sums up, on anyone's files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.measuring import Job, Lang, Result, app, bench
from evals.cli.report import GateFailed, Json, reporting


@bench("souffleur bench retrieval --corpus faq.jsonl --queries asked.jsonl --lang fr --json")
def retrieval(
    job: Job,
    corpus: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of id, title (optional) and text.")
    ],
    queries: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of query and gold (an id or a list).")
    ],
    lang: Lang = "fr",
) -> Result:
    """Recall, MRR, nDCG and latency of the search, beside its baselines."""
    from evals.benches.retrieval import bench_retrieval

    return bench_retrieval(corpus, queries, lang, job.encoder, job.tick)


@bench("souffleur bench intents --train train.jsonl --test test.jsonl --json", opens=("test",))
def intents(
    job: Job,
    train: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="JSONL rows of text, intent (or oos) and lang; repeatable."),
    ],
    test: Annotated[Path, typer.Option(metavar="FILE", help="The same columns; no row of it is trained on.")],
    lang: Annotated[str | None, typer.Option(help="Measure the rows of this language alone.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="COLUMN=VALUE", help="Train and measure on these rows alone.")
    ] = None,
) -> Result:
    """Accuracy, calibration, out-of-scope separation, fitting time and latency of the intent model."""
    from evals.benches.intents import bench_intents

    return bench_intents(train, test, lang, job.encoder, job.report.say, where=where)


@bench("souffleur bench language --test messages.jsonl --json", opens=("test",))
def language(
    job: Job,
    test: Annotated[
        list[Path], typer.Option(metavar="FILE", help="JSONL rows of text and lang, or of turns; repeatable.")
    ],
    min_words: Annotated[int, typer.Option(min=1, help="Leave shorter rows out.")] = 1,
) -> Result:
    """How often the language of a message is recognised, by length."""
    from evals.benches.language import bench_language

    return bench_language(test, min_words)


@bench("souffleur bench answers --examples asked.jsonl --lang fr --json", opens=("examples",))
def answers(
    job: Job,
    examples: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of thread or query, gold, answerable.")
    ],
    corpus: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Knowledge; the bundle's without it.")
    ] = None,
    lang: Lang = "fr",
) -> Result:
    """Coverage, risk and citations of the suggestions, and silence where there is no answer."""
    from evals.benches.answers import bench_answers

    return bench_answers(corpus, examples, lang, job.settings, job.tick)


@bench("souffleur bench summaries --test threads.jsonl --lang fr --json", opens=("test",))
def summaries(
    job: Job,
    test: Annotated[Path, typer.Option(metavar="FILE", help="JSONL rows of turns or dialogue, and summary.")],
    lang: Lang = "fr",
) -> Result:
    """ROUGE and chrF of the summaries against references, beside simple baselines."""
    from evals.benches.summaries import bench_summaries

    return bench_summaries(test, lang)


@app.command("all", epilog="Example: souffleur bench all --out artifacts/bench")
def everything(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="DIR", help="One JSON file a bench.")] = Path(
        "artifacts/bench"
    ),
    split: Annotated[str, typer.Option(help="dev, or test: the part kept for the last look.")] = "dev",
    json: Json = False,
) -> None:
    """Every bench that the data of this repository allows, one after the other (some minutes)."""
    from evals.benches.everything import bench_everything

    with reporting(json) as report, report.progress() as tick:
        done = bench_everything(context.obj, out, split, report.say, tick)
        report.result(done)
    failed = [name for name, told in done.items() if "problem" in told]
    if failed:
        raise GateFailed(f"{len(failed)} of {len(done)} benches could not measure: {', '.join(failed)}.")
