"""Questions and the passages that answer them, made ready for training the matcher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.embedding import Encoder
from pipelines.errors import DataError
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.matcher import passage_text, sentence_texts
from pipelines.knowledge.matcher_training import Pairs
from pipelines.text import spell_out
from pipelines.understanding.gloss import gloss


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A customer's question, the passage that answers it, and which of its sentences does (when known)."""

    query: str
    gold: str
    lang: str
    sentence: int | None = None


def query_text(text: str, lang: str, catalogue: Catalogue) -> str:
    """A customer's words as every learned part reads them: shorthand spelled out, products named."""
    return catalogue.expand(spell_out(text, lang), lang)


def training_pairs(
    questions: Sequence[LabelledQuestion], generation: Generation, catalogue: Catalogue, encoder: Encoder
) -> Pairs:
    """Each question with its passage and, where the sentence is known, with that sentence.

    Raises:
        DataError: no question names a passage of the store.
    """
    known = [question for question in questions if question.gold in generation.row_of]
    if not known:
        raise DataError(
            "No question names a passage of the index.", mend="Index the knowledge they are about first."
        )
    texts = [query_text(question.query, question.lang, catalogue) for question in known]
    answers: list[str] = []
    vectors, links, documents = [], [], []
    numbers: dict[str, int] = {}
    at: dict[tuple[str, int], int] = {}
    for index, question in enumerate(known):
        row = generation.row_of[question.gold]
        passage = generation.passage(row)
        sentences = generation.sentences_of(row)
        for part in [-1] if question.sentence is None else [-1, min(question.sentence, len(sentences) - 1)]:
            key = (passage.id, part)
            if key not in at:
                at[key] = len(answers)
                answers.append(passage_text(passage) if part < 0 else sentence_texts(passage)[part])
                vectors.append(generation.vectors[row] if part < 0 else sentences[part].astype(np.float32))
                documents.append(numbers.setdefault(passage.document_id, len(numbers)))
            links.append((index, at[key]))
    readings = [gloss(text, q.lang) for text, q in zip(texts, known, strict=True)]
    return Pairs(texts, encoder.encode(readings), answers, np.stack(vectors), links, documents)
