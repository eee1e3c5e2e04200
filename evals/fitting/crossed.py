"""Cases from the matcher's own training questions, each seen by a matcher that was not trained on it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evals.fitting.answering import Case, gather
from pipelines.embedding import Encoder
from pipelines.hashing import sha256_text
from pipelines.index import index_folder
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.matcher_pairs import LabelledQuestion, save_matcher, training_pairs
from pipelines.knowledge.matcher_training import train_matcher
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from pipelines.suggest import SuggestParts, build_suggest

FOLDS = 3


def crossed_cases(
    rows: Sequence[dict[str, Any]], knowledge: Path, parts: SuggestParts, settings: Settings,
    say: Callable[[str], None],
) -> list[Case]:  # fmt: skip
    """Two cases a question (with its document and without), through the real pipeline.

    Args:
        rows: questions as in ``datasets/answers/questions``.
        knowledge: the folder that the index of ``parts`` was made from.
    """
    catalogue = Catalogue.load(Path(parts.catalogue))
    cases: list[Case] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(parts.index, home / "index")
        store = PassageStore(str(home / "index"))
        for fold in range(FOLDS):
            kept = [_question(row) for row in rows if _fold(row) != fold]
            pairs = training_pairs(kept, store.generation, catalogue, Encoder(settings.cache, threads=2))
            save_matcher(train_matcher(pairs), pairs, kept, store.generation, home / "matcher")
            index_folder(knowledge, store, str(settings.cache), matcher=home / "matcher")
            pipeline = build_suggest(_with(parts, home))
            pipeline.warm_up()
            held = [as_gold(row, store.generation) for row in rows if _fold(row) == fold]
            cases += gather([row for row in held if row], pipeline)
            say(f"Crossing    part {fold + 1} of {FOLDS}: {len(cases)} cases")
    return cases


def as_gold(row: dict[str, Any], generation: Generation) -> dict[str, Any]:
    """A question as a gold row; empty when its passage is not in the index."""
    if row["gold"] not in generation.row_of:
        return {}
    passage = generation.passage(generation.row_of[row["gold"]])
    start, end = passage.sentences[min(row.get("sentence", 0), len(passage.sentences) - 1)]
    return {
        "id": f"question-{sha256_text(row['query'])[:12]}", "lang": row["lang"], "context": {},
        "thread": [{"role": "customer", "text": row["query"]}],
        "answerable": True, "ask": None, "gold": [passage.id], "facts": [],
        "quotes": [passage.text[start:end]],
    }  # fmt: skip


def _question(row: dict[str, Any]) -> LabelledQuestion:
    return LabelledQuestion(row["query"], row["gold"], row["lang"], row.get("sentence"))


def _fold(row: dict[str, Any]) -> int:
    return int(sha256_text(row["query"])[:8], 16) % FOLDS


def _with(parts: SuggestParts, home: Path) -> SuggestParts:
    from dataclasses import replace

    return replace(parts, index=str(home / "index"), matcher=str(home / "matcher"))
