"""What is fitted on the demo's questions: the matcher of HOME, and the weights of answering."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evals.building import MATCHER
from evals.data.jsonl import read_rows
from evals.data.public import refuse_untrainable
from evals.fitting.answering import Case, fit_answering, gather
from evals.fitting.crossed import crossed_cases
from evals.fitting.labelled import labelled_questions
from pipelines.deciding.answering import Answering
from pipelines.embedding import Encoder
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.matcher_documents import save_documents
from pipelines.knowledge.matcher_pairs import training_pairs
from pipelines.knowledge.matcher_training import train_matcher
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from pipelines.suggest import SuggestParts, build_suggest

Tick = Callable[[str, int, int], None]
Say = Callable[[str], None]


def matcher_files(settings: Settings) -> list[Path]:
    """What the matcher learns from: questions written for it, then gold questions of every train part."""
    answers = settings.datasets / "answers"
    return [*sorted((answers / "questions").glob("*.jsonl")), *sorted(answers.glob("train*.jsonl"))]


def gold_files(settings: Settings) -> list[Path]:
    """Gold questions in a desk's own mix: train and dev with what was added; never the test part."""
    return [settings.datasets / "answers" / f"{part}.jsonl" for part in ("train", "train_desk", "dev")]


def hard_files(settings: Settings) -> list[Path]:
    """Gold questions in another mix than a desk's: they teach, and set neither threshold nor calibration.

    Those of ``train_near`` are near misses, those of ``train_more_LANG`` ask for every article as often,
    and those of ``train_silent`` are answered nowhere.
    """
    natural = gold_files(settings)
    return [
        file for file in sorted((settings.datasets / "answers").glob("train_*.jsonl")) if file not in natural
    ]


def catalogue_path(settings: Settings) -> Path:
    """The product catalogue beside the knowledge."""
    return settings.datasets / "knowledge" / "catalogue.json"


def speaks_of_index(files: Sequence[Path], settings: Settings) -> bool:
    """Whether most questions name passages of the index: false once somebody's own knowledge is in it."""
    known = PassageStore(str(settings.index_dir)).generation.row_of
    gold = [row["gold"] for file in files if file.is_file() for row in read_rows(file)]
    named = [value if isinstance(value, str) else value[0] for value in gold if value]
    return bool(named) and sum(value in known for value in named) > len(named) / 2


def fit_matcher(files: Sequence[Path], settings: Settings, tick: Tick | None = None) -> int:
    """Train the matcher on labelled questions and save it in HOME; returns how many it learnt from."""
    refuse_untrainable(files, settings.datasets)
    generation = PassageStore(str(settings.index_dir)).generation
    questions = labelled_questions(_labelled(files), generation)
    catalogue = Catalogue.load(catalogue_path(settings))
    encoder = Encoder(settings.cache, threads=2)
    pairs = training_pairs(questions, generation, catalogue, encoder)
    matcher = train_matcher(pairs, progress=(lambda done, of: tick("match", done, of)) if tick else None)
    matcher.save(settings.home / MATCHER)
    save_documents(questions, encoder, settings.home / MATCHER)
    return len(questions)


def fit_answering_model(
    gold: Sequence[Path], hard: Sequence[Path], settings: Settings, out: Path, say: Say
) -> dict[str, Any]:
    """Fit ranker and confidence, write them to ``out``; returns ``cases`` and figures on unseen questions.

    Questions that the matcher learns from are seen through matchers that did not (minutes).

    Args:
        gold, hard: files of labelled questions, never of a test part; hard ones only teach.
    """
    refuse_untrainable([*gold, *hard], settings.datasets)
    home = settings.home
    with tempfile.TemporaryDirectory() as folder:
        # Untrained: what was learned before may be of other signs.
        Answering.untrained().save(untrained := Path(folder) / "answering.json")
        parts = SuggestParts(
            cache=str(settings.cache), index=str(settings.index_dir), intents=str(home / "models/intents"),
            matcher=str(home / MATCHER), catalogue=str(catalogue_path(settings)), answering=str(untrained),
        )  # fmt: skip
        natural, harder = _asked(gold), _asked(hard)
        cases = _gathered([*natural, *harder], [*gold, *hard], settings, parts, say)
    say(f"Gathered    {len(cases)} cases of gold questions")
    own = {id(row) for row in natural}
    fitted = fit_answering(
        [case for case in cases if id(case.row) in own], [case for case in cases if id(case.row) not in own]
    )
    fitted.answering.save(out)
    return {"cases": len(cases), "held_out": fitted.held_out}


def _gathered(
    rows: Sequence[dict[str, Any]], files: Sequence[Path], settings: Settings, parts: SuggestParts, say: Say
) -> list[Case]:
    """The cases of the rows of some files."""
    learnt = matcher_files(settings)
    if {file.resolve() for file in files} & {file.resolve() for file in learnt}:
        return crossed_cases(_labelled(learnt), rows, settings.datasets / "knowledge", parts, settings, say)
    pipeline = build_suggest(parts)
    pipeline.warm_up()
    return gather(rows, pipeline)


def _labelled(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [row for file in files for row in read_rows(file, required=("gold", "lang"))]


def _asked(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [row for file in files for row in read_rows(file, required=("id", "thread", "lang"))]
