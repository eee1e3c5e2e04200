"""Rows of a set of the manifest, or of anyone's file, as examples; and which data they are.

kind        columns of a row                                       what the system sees     what a scorer sees
answers     id?, thread or query, context?, gold, answerable ...   thread, context, lang    all the rest
intents     text, intent, lang?                                    text, lang               intent
retrieval   query, gold, lang?                                     query, lang              gold
summaries   turns or dialogue, summary, lang?                      turns, lang              summary
privacy     text, spans, lang?                                     text, lang               spans
replies     context, reply, lang?                                  thread, lang             reference
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

from evals.data.jsonl import read_rows
from evals.data.manifest import load
from evals.rows import DatasetRef, Example, Split
from pipelines.errors import DataError
from pipelines.hashing import sha256_text

Row = Mapping[str, Any]
FACETS = ("lang", "slice", "channel", "difficulty")
"""Columns by which figures are also given."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "answers": (),
    "intents": ("text", "intent"),
    "retrieval": ("query", "gold"),
    "summaries": ("summary",),
    "privacy": ("text",),
    "replies": ("reply",),
}
SETS = {
    "answers": "answers", "intents": "intents", "anchors": "intents", "threads": "summaries",
    "questions": "answers",
}  # fmt: skip
"""Sets of the manifest that hold rows, and the kind of these."""


def load_set(
    name: str, split: Split, root: Path = Path("datasets"), opened: Callable[[str], object] | None = None,
    train: bool = False,
) -> tuple[list[Example], DatasetRef]:  # fmt: skip
    """Examples of one split of a set, read only when its files are what the manifest says.

    Args:
        opened: called with the set's name when the split is ``test``: each opening is counted.
        train: whether something that ships will learn from the rows; its licence is held to that.

    Raises:
        DataError: no such set or split, a changed file, a licence that forbids it, no rows, or a wrong row.
    """
    if name not in SETS:
        raise DataError(f"There is no set {name!r} of rows.", mend=f"Known: {', '.join(sorted(SETS))}.")
    rows = load(name, split, root, train=train)
    if split == "test" and opened:
        opened(name)
    return as_examples(rows, SETS[name], f"{name}/{split}"), reference(f"{name}", split, rows)


def load_file(path: Path, kind: str, lang: str | None = None) -> tuple[list[Example], DatasetRef]:
    """Examples of anyone's JSONL file.

    Args:
        kind: one of :data:`REQUIRED`.  lang: of rows that do not say theirs.

    Raises:
        DataError: the file or a row is wrong; it names the file and the line.
    """
    if kind not in REQUIRED:
        raise DataError(f"There is no kind of rows {kind!r}.", mend=f"Known: {', '.join(REQUIRED)}.")
    rows = [{"lang": lang, **row} if lang else row for row in read_rows(path, required=REQUIRED[kind])]
    return as_examples(rows, kind, path.name), reference(path.name, "all", rows)


def as_examples(rows: Sequence[Row], kind: str, source: str) -> list[Example]:
    """Rows of one kind as examples; a row without an id is numbered.

    Raises:
        DataError: no rows, two rows of one id, or a row that lacks what its kind needs.
    """
    if not rows:
        raise DataError(f"{source}: the split is empty.", mend="Choose another split, or add rows.")
    examples = [_example(row, kind, source, number) for number, row in enumerate(rows, 1)]
    seen: dict[str, int] = {}
    for number, example in enumerate(examples, 1):
        if (first := seen.setdefault(example.id, number)) != number:
            raise DataError(
                f"{source}, row {number}: the id {example.id!r} stands twice, first in row {first}.",
                mend="Give each row its own id.",
            )
    return examples


def reference(name: str, split: str, rows: Sequence[Row]) -> DatasetRef:
    """Which data: the hash is of the rows themselves, so that a renamed file is the same data."""
    from pipelines.hashing import canonical

    digest = sha256_text("\n".join(canonical(dict(row)) for row in rows))
    known = split if split in get_args(Split) else "all"
    return DatasetRef(name=name, split=cast(Split, known), sha256=digest, rows=len(rows))


def _example(row: Row, kind: str, source: str, number: int) -> Example:
    where = f"{source}, row {number}"
    for column in REQUIRED[kind]:
        if row.get(column) in (None, "", []):
            raise DataError(
                f"{where}: the column {column!r} is missing or empty.", mend=f"Give it {column!r}."
            )
    inputs, hidden = _PARTS[kind](row, where)
    lang = row.get("lang")
    if lang:
        inputs["lang"] = lang
    expected = {key: value for key, value in row.items() if key not in hidden and value is not None}
    slices = {facet: str(row[facet]) for facet in FACETS if isinstance(row.get(facet), str)}
    if kind == "intents":
        slices["scope"] = "out" if row["intent"] == "oos" else "in"
    if kind == "answers":
        slices["task"] = _task(row)
    return Example(
        id=str(row.get("id") or f"{Path(source).stem}-{number:05d}"), inputs=inputs, expected=expected,
        slices=slices, cluster=str(row.get("cluster") or row.get("conversation") or ""), source=source,
    )  # fmt: skip


def _answers(row: Row, where: str) -> tuple[dict[str, Any], set[str]]:
    thread = row.get("thread") or ([{"role": "customer", "text": row["query"]}] if row.get("query") else None)
    if not thread:
        raise DataError(f"{where}: neither 'thread' nor 'query'.", mend="Give each row one of them.")
    return {"thread": thread, "context": row.get("context") or {}}, {"id", "thread", "query", "context"}


def _texts(row: Row, where: str) -> tuple[dict[str, Any], set[str]]:
    return {"text": row["text"]}, {"id", "text", "lang"}


def _personal(row: Row, where: str) -> tuple[dict[str, Any], set[str]]:
    check_spans(row, where)
    return _texts(row, where)


def check_spans(row: Row, where: str) -> None:
    """Hold the personal spans of a row against its text; a row without ``spans`` holds nothing personal.

    Raises:
        DataError: a span is not ``{start, end, type}`` with characters inside the text; the text is not told.
    """
    for span in row.get("spans") or []:
        try:
            sound = 0 <= span["start"] < span["end"] <= len(row["text"]) and isinstance(span["type"], str)
        except (KeyError, TypeError):
            sound = False
        if not sound:
            raise DataError(
                f"{where}: a span is wrong.",
                mend="Each needs start, end (characters inside the text) and type.",
            )


def _queries(row: Row, where: str) -> tuple[dict[str, Any], set[str]]:
    return {"query": row["query"]}, {"id", "query", "lang"}


def _turns(row: Row, where: str) -> tuple[dict[str, Any], set[str]]:
    if not (row.get("turns") or row.get("dialogue")):
        raise DataError(f"{where}: neither 'turns' nor 'dialogue'.", mend="Give each row one of them.")
    key = "turns" if row.get("turns") else "dialogue"
    return {key: row[key]}, {"id", "turns", "dialogue", "lang"}


def _replies(row: Row, where: str) -> tuple[dict[str, Any], set[str]]:
    return {"thread": row.get("context") or []}, {"id", "context", "lang"}


_PARTS: Mapping[str, Callable[[Row, str], tuple[dict[str, Any], set[str]]]] = {
    "answers": _answers, "intents": _texts, "retrieval": _queries, "summaries": _turns, "privacy": _personal,
    "replies": _replies,
}  # fmt: skip


def _task(row: Row) -> str:
    if not row.get("answerable", bool(row.get("gold"))):
        return "silence"
    return "ask" if row.get("ask") else "answer"
