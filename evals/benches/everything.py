"""Every bench on the data of this repository, one JSON file each; one that fails does not stop the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, cast

from evals.data.openings import record_files
from evals.rows import Split
from pipelines.contracts import LANGS
from pipelines.errors import DataError, SouffleurError
from pipelines.settings import Settings
from pipelines.writing import write_json

if TYPE_CHECKING:
    from pipelines.embedding import Encoder

SPLITS = ("dev", "test")
PASSAGES = 10_000
MANY_PASSAGES = 100_000

Say = Callable[[str], None]
Tick = Callable[[str, int, int], None]
Bench = Callable[[], dict[str, Any]]


def bench_everything(settings: Settings, out: Path, split: str, say: Say, tick: Tick) -> dict[str, Any]:
    """Run all benches and write ``OUT/NAME.json``; returns the file of each, or what went wrong with it.

    Raises:
        DataError: there is no such split.
    """
    if split not in SPLITS:
        raise DataError(f"There is no split {split!r}.", mend=f"Give one of {', '.join(SPLITS)}.")
    if split == "test":
        files = [settings.datasets / name / f"{split}.jsonl" for name in ("intents", "threads", "answers")]
        record_files(files, settings.home, settings.datasets, "bench all")
    done: dict[str, Any] = {}
    benches = list(_benches(settings, split, out, tick))
    for number, (name, bench) in enumerate(benches, 1):
        say(f"==> {name} ({number} of {len(benches)})")
        began = time.perf_counter()
        problem = _written(bench, out / f"{name}.json")
        told = {"problem": problem} if problem else {"file": str(out / f"{name}.json")}
        done[name] = {**told, "seconds": round(time.perf_counter() - began, 1)}
        say(problem or f"    {done[name]['seconds']:g} s, {out / f'{name}.json'}")
    return done


def _written(bench: Bench, file: Path) -> str:
    """Measure and write; what went wrong, or nothing."""
    try:
        write_json(file, bench())
    except SouffleurError as error:
        return str(error)
    except Exception as error:  # the others are still worth their minutes; a message may quote a row
        return f"A defect: {type(error).__name__}. Run this bench alone with: souffleur --debug bench"
    return ""


def _retrieval(settings: Settings, split: str, encoder: Encoder, tick: Tick) -> dict[str, Any]:
    """The gold questions of a split over the demo's help centre; the questions are in three languages."""
    from evals.benches.retrieval import bench_retrieval
    from evals.chapters import corpus_of, queries_of

    with TemporaryDirectory() as folder:
        corpus = corpus_of(settings, Path(folder) / "corpus.jsonl")
        queries = queries_of(settings, Path(folder) / "queries.jsonl", split=cast(Split, split))
        return bench_retrieval(corpus, queries, "fr", encoder, tick)


def _benches(settings: Settings, split: str, out: Path, tick: Tick) -> Iterator[tuple[str, Bench]]:
    from evals.benches.answers import bench_answers
    from evals.benches.canaries import bench_canaries
    from evals.benches.experiment import bench_experiment
    from evals.benches.intents import bench_intents
    from evals.benches.language import bench_language
    from evals.benches.scale import bench_scale
    from evals.benches.service import bench_service
    from evals.benches.silence import bench_silence
    from evals.benches.statistics import bench_statistics
    from evals.benches.summaries import bench_summaries
    from evals.building import demo_messages
    from pipelines.embedding import Encoder

    encoder = Encoder(settings.cache)
    messages, threads, asked = (
        settings.datasets / name / f"{split}.jsonl" for name in ("intents", "threads", "answers")
    )
    yield "language", partial(bench_language, messages)
    yield "intents", partial(bench_intents, demo_messages(settings), messages, None, encoder)
    yield "retrieval", partial(_retrieval, settings, split, encoder, tick)
    for lang in LANGS:
        yield f"summaries-{lang}", partial(bench_summaries, threads, lang)
        yield f"answers-{lang}", partial(bench_answers, None, asked, lang, settings, tick)
    yield "silence", partial(bench_silence, None, split, settings, tick)
    yield (
        "canaries",
        partial(bench_canaries, settings.datasets / "canaries" / "canaries.jsonl", settings, tick),
    )
    yield "statistics", partial(bench_statistics, tick=tick)
    yield "experiment", partial(bench_experiment, settings, out / "plots", progress=tick)
    yield "service", partial(bench_service, None, PASSAGES, settings=settings, progress=tick)
    yield "scale", partial(bench_scale, MANY_PASSAGES, encoder)
