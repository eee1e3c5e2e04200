"""Rows of a summary test file: a thread or a dialogue, and its references (by section, or as plain texts)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.data.jsonl import read_rows
from pipelines.contracts import MAX_MESSAGE_CHARS, MAX_MESSAGES, Message, Role
from pipelines.errors import DataError
from pipelines.summarizing.sections import SECTIONS

_ROLES: dict[str, Role] = {"customer": "customer", "user": "customer", "client": "customer", "agent": "agent"}


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One thread with what an agent wrote about it.

    Attributes:
        references: whole summaries; several when several people wrote one.
        sections: reference by section, an empty text where nothing is to say; empty when the file has none.
        evidence: by section, the indexes of the turns on which the reference rests; None when not annotated.

    Example:
        >>> SummaryRow("1", (Message(role="customer", text="cassé"),), ("Cassé.",)).evidence is None
        True
    """

    id: str
    thread: tuple[Message, ...]
    references: tuple[str, ...]
    sections: Mapping[str, str] = field(default_factory=dict)
    evidence: Mapping[str, frozenset[int]] | None = None


def read_summary_rows(path: Path, lang: str) -> list[SummaryRow]:
    """The rows of one language (a row without ``lang`` is of every language).

    Raises:
        DataError: a row has no turns or no reference, or there is no row of that language. It names the row.
    """
    rows = [
        _row(row, f"{path}, row {number}")
        for number, row in enumerate(read_rows(path), start=1)
        if row.get("lang", lang) == lang
    ]
    if not rows:
        raise DataError(
            f"{path}: no row is of language '{lang}'.", mend="Use the language of the file: --lang fr|en|es."
        )
    return rows


def _row(row: Mapping[str, Any], where: str) -> SummaryRow:
    thread = _thread(row, where)
    summary = row.get("summary", row.get("summaries"))
    identity = str(row.get("id", where))
    if isinstance(summary, dict):
        sections: dict[str, str] = {section: str(summary.get(section) or "").strip() for section in SECTIONS}
        whole = " ".join(text for text in sections.values() if text)
        _need(whole, where, "summary")
        return SummaryRow(identity, thread, (whole,), sections, _evidence(row.get("evidence"), where))
    texts = [summary] if isinstance(summary, str) else summary
    _need(
        isinstance(texts, list) and all(isinstance(text, str) and text.strip() for text in texts) and texts,
        where,
        "summary",
    )
    return SummaryRow(identity, thread, tuple(texts or ()))


def _thread(row: Mapping[str, Any], where: str) -> tuple[Message, ...]:
    if isinstance(dialogue := row.get("dialogue"), str):
        turns = _spoken(dialogue)
    else:
        given = row.get("turns")
        _need(isinstance(given, list) and all(isinstance(turn, dict) for turn in given or []), where, "turns")
        turns = [(str(turn.get("role", "")).lower(), str(turn.get("text") or "")) for turn in given or []]
    _need(0 < len(turns) <= MAX_MESSAGES, where, "turns")
    return tuple(
        Message(id=str(i), role=role, text=text[:MAX_MESSAGE_CHARS])
        for i, (role, text) in enumerate(_roles(turns))
    )


def _spoken(dialogue: str) -> list[tuple[str, str]]:
    """``Name: text`` lines; a line without a name belongs to the turn before it."""
    turns: list[tuple[str, str]] = []
    for line in filter(str.strip, dialogue.splitlines()):
        name, colon, text = line.partition(":")
        if colon and len(name) <= 40:
            turns.append((name.strip().lower(), text.strip()))
        elif turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]} {line.strip()}")
        else:
            turns.append(("", line.strip()))
    return turns


def _roles(turns: Sequence[tuple[str, str]]) -> list[tuple[Role, str]]:
    """Known roles as they are; otherwise the first speaker is taken for the customer."""
    first = turns[0][0]
    return [(_ROLES.get(name, "customer" if name == first else "agent"), text) for name, text in turns]


def _evidence(given: object, where: str) -> dict[str, frozenset[int]] | None:
    if given is None:
        return None
    _need(isinstance(given, dict), where, "evidence")
    assert isinstance(given, dict)
    return {section: frozenset(int(i) for i in given.get(section) or []) for section in SECTIONS}


def _need(condition: object, where: str, column: str) -> None:
    if not condition:
        raise DataError(
            f"{where}: the column '{column}' is missing, empty or of another shape.",
            mend="A row is: id, turns [{role, text}] or dialogue, summary (a text, a list, or by section).",
        )
