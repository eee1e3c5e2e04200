"""The two files of a retrieval bench: a corpus, and queries with their gold.

Other names for the same columns are understood, so that public sets can be measured as they are published:

    column of the corpus    also
    title                   question     (an FAQ's entries)
    text                    answer, context
    column of the queries   also
    query                   question
    gold                    context_id, gold_id
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.data.jsonl import read_rows
from pipelines.contracts import Passage
from pipelines.errors import DataError
from pipelines.text import clean, sentence_spans

ALIASES: dict[str, tuple[str, ...]] = {
    "title": ("title", "question"),
    "text": ("text", "answer", "context"),
    "query": ("query", "question"),
    "gold": ("gold", "context_id", "gold_id"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the ids of the corpus rows that answer it.

    Example:
        >>> Query("où est mon colis ?", ("tracking",), "fr").lang
        'fr'
    """

    text: str
    gold: tuple[str, ...]
    lang: str


def read_corpus(path: Path, lang: str) -> list[Passage]:
    """One passage a row: the row is what is found, however long it is.

    Raises:
        DataError: a row lacks its id or text, or an id comes twice.
    """
    names = _columns(path, ("text",))
    rows = read_rows(path, required=("id", names["text"]))
    title = _column(rows[0], "title")
    seen: set[str] = set()
    passages = []
    for number, row in enumerate(rows, start=1):
        if row["id"] in seen:
            what = f"{path}, row {number}: the id {row['id']!r} comes twice."
            raise DataError(what, mend="Give every row its own id.")
        seen.add(row["id"])
        passages.append(_passage(row, str(row.get(title) or "") if title else "", row[names["text"]], lang))
    return passages


def read_queries(path: Path, lang: str, known: set[str]) -> list[Query]:
    """The queries, their gold checked against the ids of the corpus.

    Raises:
        DataError: a row lacks its query or gold, or names an id that the corpus does not hold.
    """
    names = _columns(path, ("query", "gold"))
    queries = []
    for number, row in enumerate(read_rows(path, required=(names["query"], names["gold"])), start=1):
        gold = _ids(row[names["gold"]])
        where = f"{path}, row {number}"
        if not gold:
            what = f"{where}: {names['gold']!r} is neither an id nor a list of ids."
            raise DataError(what, mend="Name the corpus rows that answer it.")
        if missing := sorted(set(gold) - known):
            what = f"{where}: the corpus holds no {missing[0]!r}."
            raise DataError(what, mend="Use the ids of the corpus file.")
        queries.append(Query(str(row[names["query"]]), gold, str(row.get("lang") or lang)))
    return queries


def _columns(path: Path, wanted: Sequence[str]) -> dict[str, str]:
    first = read_rows(path)[0]
    found = {name: _column(first, name) for name in wanted}
    for name, column in found.items():
        if column is None:
            what = f"{path}, line 1: there is no column {' or '.join(map(repr, ALIASES[name]))}."
            raise DataError(what, mend=f"Give every row '{name}'.")
    return {name: column for name, column in found.items() if column is not None}


def _column(row: dict[str, Any], name: str) -> str | None:
    return next((alias for alias in ALIASES[name] if alias in row), None)


def _ids(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    ids = [one for one in values if isinstance(one, str) and one]
    return tuple(dict.fromkeys(ids)) if len(ids) == len(values) else ()


def _passage(row: dict[str, Any], title: str, text: object, lang: str) -> Passage:
    body = clean(str(text))
    return Passage(
        id=row["id"], document_id=row["id"], version="", lang=str(row.get("lang") or lang),
        title=clean(title), heading="", text=body, sentences=tuple(sentence_spans(body)),
    )  # fmt: skip
