"""``souffleur bench``: figures on anyone's files, as text or as one JSON object, and gates on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals.cli.report import Json, Report, Tick, check_gates, reporting
from pipelines.errors import DataError
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
Work = Callable[[Report, Tick], Result]


@app.callback()
def _family() -> None:
    """Measure anything, on the data of this repository or on your own files."""


@app.command(
    epilog="Example: souffleur bench retrieval --corpus faq.jsonl --queries asked.jsonl --lang fr --json"
)
def retrieval(
    context: typer.Context,
    corpus: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of id, title (optional) and text.")
    ],
    queries: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of query and gold (an id or a list).")
    ],
    lang: Lang = "fr",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Recall, MRR, nDCG and latency of the search, beside its baselines."""
    from evals.benches.retrieval import bench_retrieval

    settings: Settings = context.obj
    run_bench(
        lambda report, tick: bench_retrieval(corpus, queries, lang, _encoder(settings), tick),
        json,
        at_least,
        at_most,
    )


@app.command(epilog="Example: souffleur bench intents --train train.jsonl --test test.jsonl --json")
def intents(
    context: typer.Context,
    train: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="JSONL rows of text, intent (or oos) and lang; repeatable."),
    ],
    test: Annotated[Path, typer.Option(metavar="FILE", help="The same columns; no row of it is trained on.")],
    lang: Annotated[str | None, typer.Option(help="Measure the rows of this language alone.")] = None,
    where: Annotated[
        str | None, typer.Option(metavar="COLUMN=VALUE", help="Train and measure on these rows alone.")
    ] = None,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Accuracy, calibration, out-of-scope separation, fitting time and latency of the intent model."""
    from evals.benches.intents import bench_intents

    settings: Settings = context.obj
    run_bench(
        lambda report, tick: bench_intents(train, test, lang, _encoder(settings), report.say, where=where),
        json,
        at_least,
        at_most,
    )


@app.command(epilog="Example: souffleur bench language --test messages.jsonl --json")
def language(
    test: Annotated[
        list[Path], typer.Option(metavar="FILE", help="JSONL rows of text and lang, or of turns; repeatable.")
    ],
    min_words: Annotated[int, typer.Option(min=1, help="Leave shorter rows out.")] = 1,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """How often the language of a message is recognised, by length."""
    from evals.benches.language import bench_language

    run_bench(lambda report, tick: bench_language(test, min_words), json, at_least, at_most)


@app.command(epilog="Example: souffleur bench answers --examples asked.jsonl --lang fr --json")
def answers(
    context: typer.Context,
    examples: Annotated[
        Path, typer.Option(metavar="FILE", help="JSONL rows of thread or query, gold, answerable.")
    ],
    corpus: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Knowledge; the bundle's without it.")
    ] = None,
    lang: Lang = "fr",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Coverage, risk and citations of the suggestions, and silence where there is no answer."""
    from evals.benches.answers import bench_answers

    settings: Settings = context.obj
    run_bench(
        lambda report, tick: bench_answers(corpus, examples, lang, settings, tick), json, at_least, at_most
    )


@app.command(epilog="Example: souffleur bench summaries --test threads.jsonl --lang fr --json")
def summaries(
    test: Annotated[Path, typer.Option(metavar="FILE", help="JSONL rows of turns or dialogue, and summary.")],
    lang: Lang = "fr",
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """ROUGE and chrF of the summaries against references, beside simple baselines."""
    from evals.benches.summaries import bench_summaries

    run_bench(lambda report, tick: bench_summaries(test, lang), json, at_least, at_most)


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
        report.result(bench_everything(context.obj, out, split, report.say, tick))


@app.command(epilog="Example: souffleur bench service --passages 10000 --json")
def service(
    context: typer.Context,
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
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Latency, rate, memory and start of the service, with thousands of different questions."""
    from evals.benches.service import bench_service

    settings: Settings = context.obj
    key = _key(key_file)

    def work(report: Report, tick: Tick) -> Result:
        return bench_service(url, passages, seconds, clients, settings=settings, key=key, progress=tick)

    run_bench(work, json, at_least, at_most)


@app.command(epilog="Example: souffleur bench scale --passages 100000 --json")
def scale(
    context: typer.Context,
    passages: Annotated[
        int, typer.Option(min=100, max=1_000_000, help="Synthetic passages to search in.")
    ] = 100_000,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    json: Json = False,
) -> None:
    """Latency of the search alone, in the same run as Haystack's in-memory pair."""
    from evals.benches.scale import bench_scale

    settings: Settings = context.obj
    run_bench(lambda report, tick: bench_scale(passages, _encoder(settings), tick), json, at_least, at_most)


def run_bench(work: Work, as_json: bool, at_least: list[str] | None, at_most: list[str] | None) -> None:
    """Measure, print, and only then hold the figures to their limits: a failed gate hides no figure."""
    with reporting(as_json) as report, report.progress() as tick:
        report.result(work(report, tick))
    check_gates(report.value, at_least or [], at_most or [])


def _encoder(settings: Settings) -> Encoder:
    from pipelines.embedding import Encoder

    return Encoder(settings.cache, threads=1)  # as the service runs it, so that latencies compare


def _key(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise DataError(f"The key file {str(path)!r} cannot be read.", mend="Check the path.") from None
