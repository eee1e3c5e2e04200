"""Passages as Haystack documents and back."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from haystack import Document as HaystackDocument

from pipelines.contracts import Passage

_META = tuple(f.name for f in fields(Passage) if f.name not in ("id", "text"))


def to_haystack(passage: Passage, embedding: list[float] | None = None) -> HaystackDocument:
    """The Haystack document of a passage: ``content`` is its text, the rest is ``meta``."""
    values = asdict(passage)
    meta = {name: _plain(values[name]) for name in _META}
    return HaystackDocument(id=passage.id, content=passage.text, meta=meta, embedding=embedding)


def from_record(record: dict[str, Any]) -> Passage:
    """The passage of a stored record; documents written by others get sensible defaults."""
    meta = {name: record[name] for name in _META if name in record}
    for name in ("intents", "sentences"):
        meta[name] = tuple(tuple(v) if isinstance(v, list) else v for v in meta.get(name) or ())
    for name, default in (
        ("document_id", record["id"]),
        ("version", ""),
        ("lang", ""),
        ("title", ""),
        ("heading", ""),
    ):
        meta.setdefault(name, default)
    return Passage(id=record["id"], text=record.get("content") or "", **meta)


def search_text(passage: Passage) -> tuple[str, str]:
    """``(head, body)`` as they are indexed: what the passage is about, and what it says."""
    head = (
        passage.title
        if not passage.heading or passage.heading == passage.title
        else f"{passage.title}. {passage.heading}"
    )
    return head, passage.text


def _plain(value: Any) -> Any:
    return [_plain(v) for v in value] if isinstance(value, tuple) else value
