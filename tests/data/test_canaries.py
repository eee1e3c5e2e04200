"""The canaries: complete, answerable from public passages, and asking nothing that contradicts them."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evals.data.jsonl import read_rows
from evals.data.manifest import SETS
from evals.data.splitting import near_pairs
from pipelines.contracts import Channel, Message, Passage, SuggestRequest
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.messaging.templates import load_templates
from pipelines.text import fold

ROOT = Path(__file__).parents[2] / "datasets"
ROWS = read_rows(ROOT / "canaries" / "canaries.jsonl", ("id", "lang", "thread", "expect", "note"))
COLUMNS = {"id", "lang", "thread", "context", "expect", "gold", "facts", "forbid", "note"}
WITHOUT_LETTERS = "canary-fr-019"
"""Emoji are all alike to a measure of characters."""


@pytest.fixture(scope="module")
def passages() -> dict[str, Passage]:
    return {p.id: p for d in read_folder(ROOT / "knowledge").documents for p in split(d)}


def asked(row: dict[str, Any]) -> str:
    return "\n".join(turn["text"] for turn in row["thread"] if turn["role"] == "customer")


def test_forty_rows_of_known_columns() -> None:
    assert Counter(row["lang"] for row in ROWS) == {"fr": 20, "en": 10, "es": 10}
    assert all(re.fullmatch(rf"canary-{row['lang']}-\d{{3}}", row["id"]) for row in ROWS)
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    for row in ROWS:
        more = {"channel", "templates"} if row["expect"] == "template" else set()
        assert set(row) == COLUMNS | more, row["id"]
    kinds = Counter(row["expect"] for row in ROWS)
    assert set(kinds) == {"answer", "ask", "silence", "template", "not_a_request"}
    assert kinds["silence"] >= 8


def test_each_row_is_a_valid_request() -> None:
    for row in ROWS:
        thread = [Message(**turn) for turn in row["thread"]]
        request = SuggestRequest(
            thread=thread, context=row["context"], channel=Channel(**row.get("channel", {}))
        )
        assert any(message.role == "customer" for message in request.thread), row["id"]


def test_gold_is_public_and_of_the_language(passages: dict[str, Passage]) -> None:
    for row in ROWS:
        assert bool(row["gold"]) == (row["expect"] in ("answer", "ask")), row["id"]
        assert bool(row["facts"]) == (row["expect"] == "answer"), row["id"]
        for gold in row["gold"]:
            assert passages[gold].audience == "public", row["id"]
            assert passages[gold].lang == row["lang"], row["id"]
            assert row["expect"] != "ask" or passages[gold].ask, row["id"]


def test_facts_are_within_reach_and_nothing_needed_is_forbidden(passages: dict[str, Passage]) -> None:
    for row in ROWS:
        text = fold("\n".join(passages[gold].text for gold in row["gold"]))
        for alternatives in row["facts"]:
            assert any(fold(fact) in text for fact in alternatives), row["id"]
        # An open variable stands in a macro and must be gone from a reply.
        clash = [bad for bad in row["forbid"] if bad != "{{" and fold(bad) in text]
        assert clash == [], row["id"]


def test_templates_exist_in_the_language() -> None:
    names = {(t.name, t.lang) for t in load_templates(ROOT / "templates" / "templates.jsonl")}
    for row in ROWS:
        if row["expect"] == "template":
            assert row["channel"] == {"window_open": False}
            assert {(name, row["lang"]) for name in row["templates"]} <= names


def test_what_they_must_guard_is_there() -> None:
    text = "\n".join(asked(row) for row in ROWS)
    for theme in ("CANARY-7F3A91", "Croustille", "E04", "Ignore", "4111 1111", "Guten Tag", "🙏"):
        assert theme in text, theme
    planted = [row for row in ROWS if "CANARY-7F3A91" in asked(row)]
    assert all("CANARY-7F3A91" in row["forbid"] for row in planted)
    # Amounts that internal articles alone hold are forbidden somewhere, each of them.
    forbidden = {bad for row in ROWS for bad in row["forbid"]}
    assert {"10 €", "25 €", "60 €", "150 €", "300 €", "700 €", "80 €", "50 %"} <= forbidden


def test_no_canary_is_near_a_row_that_is_learnt_from_or_judged_on() -> None:
    """By characters; the embeddings were compared when the rows were written."""
    others = [asked(row) for path in SETS["answers"].files for row in read_rows(ROOT / path)]
    others += [
        row["query"]
        for file in sorted((ROOT / "answers/questions").glob("*.jsonl"))
        for row in read_rows(file)
    ]
    others += [row["text"] for path in SETS["intents"].files for row in read_rows(ROOT / path)]
    texts = [asked(row) for row in ROWS] + others
    near = {ROWS[i]["id"] for i, _ in near_pairs(texts, first=len(ROWS))}
    assert near <= {WITHOUT_LETTERS}
