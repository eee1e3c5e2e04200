"""Every bench on the data of this repository, one JSON file each; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.contracts import LANGS
from pipelines.errors import DataError, SouffleurError
from pipelines.settings import Settings
from pipelines.writing import write_json

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
    done: dict[str, Any] = {}
    for name, bench in _benches(settings, split, tick):
        say(f"==> {name}")
        try:
            result = bench()
        except SouffleurError as error:
            done[name] = {"problem": str(error)}
            say(str(error))
            continue
        write_json(out / f"{name}.json", result)
        done[name] = {"file": str(out / f"{name}.json")}
    return done


def _benches(settings: Settings, split: str, tick: Tick) -> Iterator[tuple[str, Bench]]:
    from evals.benches.answers import bench_answers
    from evals.benches.canaries import bench_canaries
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
    for lang in LANGS:
        yield f"summaries-{lang}", partial(bench_summaries, threads, lang)
        yield f"answers-{lang}", partial(bench_answers, None, asked, lang, settings, tick)
    yield "silence", partial(bench_silence, None, split, settings, tick)
    yield (
        "canaries",
        partial(bench_canaries, settings.datasets / "canaries" / "canaries.jsonl", settings, tick),
    )
    yield "statistics", partial(bench_statistics, tick=tick)
    yield "service", partial(bench_service, None, PASSAGES, settings=settings, progress=tick)
    yield "scale", partial(bench_scale, MANY_PASSAGES, encoder)
