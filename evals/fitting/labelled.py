"""What the matcher learns from: questions written for it, and gold questions that passages answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.data.gold import kind
from pipelines.contracts import Message, Passage
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.matcher_pairs import LabelledQuestion
from pipelines.understanding.bursts import customer_bursts, search_query


def labelled_questions(rows: Sequence[dict[str, Any]], generation: Generation) -> list[LabelledQuestion]:
    """Of rows as in ``datasets/answers/questions`` and of gold rows; unknown passages are left out.

    A gold row gives one for each sentence that answers, or that says what to ask back.
    """
    found: list[LabelledQuestion] = []
    for row in rows:
        if "query" in row:
            found.append(LabelledQuestion(row["query"], row["gold"], row["lang"], row.get("sentence")))
        elif kind(row) != "silence":
            found += _of_gold(row, generation)
    return [question for question in found if question.gold in generation.row_of]


def _of_gold(row: dict[str, Any], generation: Generation) -> list[LabelledQuestion]:
    query = search_query(customer_bursts([Message(**turn) for turn in row["thread"]]), row["lang"])
    found = []
    for gold, quote in dict.fromkeys(zip(row["gold"], row["quotes"], strict=True)):
        if gold in generation.row_of:
            sentence = _sentence(generation.passage(generation.row_of[gold]), quote)
            found.append(LabelledQuestion(query, gold, row["lang"], sentence))
    return found


def _sentence(passage: Passage, quote: str) -> int | None:
    """Which sentence a quote is, or holds; None where it is neither."""
    texts = [passage.text[start:end] for start, end in passage.sentences]
    return next((n for n, text in enumerate(texts) if text in quote or quote in text), None)
