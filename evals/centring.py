"""Makes the mean vectors with which the search centres questions and passages."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from evals.data.jsonl import read_rows
from evals.data.public import refuse_untrainable
from pipelines.contracts import LANGS
from pipelines.embedding import Encoder
from pipelines.knowledge.passages import search_text
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.understanding.gloss import gloss

MESSAGES = 400
"""Customer messages a language that are averaged."""


def fit_centres(knowledge: Path, messages: Path, encoder: Encoder, target: Path) -> list[str]:
    """Write, by language, the means of the passages and sentences of ``knowledge`` and of ``messages``.

    Returns the languages.

    Args:
        messages: JSONL rows of ``text`` and ``lang``: the train part of the intents.
        target: the ``.npz`` to write: ``variant``, ``question_LANG`` and ``passage_LANG``, shape ``(384,)``.
    """
    refuse_untrainable([messages])
    rows = read_rows(messages, required=("text", "lang"))
    documents = read_folder(knowledge).documents
    arrays: dict[str, Any] = {"variant": np.array(encoder.variant)}
    for lang in LANGS:
        passages = [passage for d in documents if d.lang == lang for passage in split(d)]
        texts = [gloss("\n".join(search_text(passage)), lang) for passage in passages]
        texts += [gloss(passage.text[a:b], lang) for passage in passages for a, b in passage.sentences]
        said = [gloss(row["text"], lang) for row in rows if row["lang"] == lang][:MESSAGES]
        arrays[f"question_{lang}"] = encoder.encode(said).mean(axis=0)
        arrays[f"passage_{lang}"] = encoder.encode(texts).mean(axis=0)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    target.write_bytes(buffer.getvalue())
    return list(LANGS)
