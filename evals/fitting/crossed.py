"""Cases of gold questions that the matcher learns from, each seen by a matcher that was not trained on it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evals.fitting.answering import Case, gather
from evals.fitting.labelled import labelled_questions
from pipelines.embedding import Encoder
from pipelines.hashing import sha256_text
from pipelines.index import index_folder
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.matcher_documents import save_documents
from pipelines.knowledge.matcher_pairs import training_pairs
from pipelines.knowledge.matcher_training import train_matcher
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from pipelines.suggest import SuggestParts, build_suggest

FOLDS = 5
Row = dict[str, Any]


def crossed_cases(
    taught: Sequence[Row], asked: Sequence[Row], knowledge: Path, parts: SuggestParts, settings: Settings,
    say: Callable[[str], None],
) -> list[Case]:  # fmt: skip
    """The cases of ``asked`` through the real pipeline, with a matcher for each fold.

    Args:
        taught: what the matcher learns from, gold rows and questions; of the gold rows each matcher is
            spared those of its fold.
        asked: gold rows.
        knowledge: the folder that the index of ``parts`` was made from.
    """
    catalogue = Catalogue.load(Path(parts.catalogue))
    encoder = Encoder(settings.cache, threads=2)
    cases: list[Case] = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(parts.index, home / "index")
        own = replace(parts, index=str(home / "index"), matcher=str(home / "matcher"))
        store = PassageStore(own.index)
        for fold in range(FOLDS):
            kept = labelled_questions([row for row in taught if _fold(row) != fold], store.generation)
            pairs = training_pairs(kept, store.generation, catalogue, encoder)
            train_matcher(pairs).save(Path(own.matcher))
            save_documents(kept, encoder, Path(own.matcher))
            index_folder(knowledge, store, str(settings.cache), matcher=Path(own.matcher))
            pipeline = build_suggest(own)
            pipeline.warm_up()
            cases += gather([row for row in asked if _fold(row) == fold], pipeline)
            say(f"Crossing    part {fold + 1} of {FOLDS}: {len(cases)} cases")
    return cases


def _fold(row: Row) -> int | None:
    """Of a gold row; a question that only the matcher learns from is in none."""
    return None if "query" in row else int(sha256_text(row["id"])[:8], 16) % FOLDS
