"""Gold questions from their hand-written form: quotes resolved to passages, parts without near duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.data.jsonl import read_rows, write_rows
from evals.data.splitting import assign, clusters, near_pairs
from pipelines.contracts import Passage
from pipelines.embedding import Encoder
from pipelines.errors import DataError
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.text import clean

GOLD_SHARES = {"train": 0.45, "dev": 0.20, "test": 0.35}
"""More test than elsewhere: rates of wrong suggestions need many rows."""


def split_gold(
    sources: Sequence[Path], knowledge: Path, folder: Path, encoder: Encoder, seed: int = 7
) -> dict[str, int]:
    """Write ``train.jsonl``, ``dev.jsonl`` and ``test.jsonl`` into ``folder``; returns the rows of each.

    Raises:
        DataError: a quote is not verbatim in its document.
    """
    passages: dict[str, list[Passage]] = {}
    for document in read_folder(knowledge).documents:
        passages[document.id] = split(document)
    rows = [
        resolve(row, passages)
        for source in sources
        for row in read_rows(source, required=("id", "thread", "lang"))
    ]
    asked = ["\n".join(turn["text"] for turn in row["thread"] if turn["role"] == "customer") for row in rows]
    strata = [{"intent": kind(row), "lang": row["lang"]} for row in rows]
    parts = assign(strata, clusters(len(rows), near_pairs(asked, encoder.encode(asked))), seed, GOLD_SHARES)
    for part in GOLD_SHARES:
        write_rows(folder / f"{part}.jsonl", [row for row, p in zip(rows, parts, strict=True) if p == part])
    return dict(Counter(parts))


def kind(row: dict[str, Any]) -> str:
    """``answer``, ``ask`` or ``silence``: what the desk should do."""
    if not row["answerable"]:
        return "silence"
    return "ask" if row.get("ask") else "answer"


def resolve(row: dict[str, Any], passages: dict[str, list[Passage]]) -> dict[str, Any]:
    """A row with ``gold`` as passage ids, and its quotes as the passages write them."""
    ids, quotes = [], []
    for entry in row["gold"]:
        quote = clean(entry["quote"])
        holder = next((p for p in passages.get(entry["document"], []) if quote in p.text), None)
        if holder is None:
            raise DataError(
                f"Row {row['id']}: a quote is not in {entry['document']!r}.",
                mend="Quote a sentence of it verbatim.",
            )
        ids.append(holder.id)
        quotes.append(quote)
    made = {name: row[name] for name in ("id", "lang", "thread", "context", "answerable", "ask")}
    return made | {
        "gold": ids,
        "quotes": quotes,
        "facts": row["facts"],
        "reference": row["reference"],
        "why": row.get("why", ""),
    }
