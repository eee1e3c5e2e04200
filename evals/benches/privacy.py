"""How much of what is personal is found on anyone's labelled rows, by type, beside a few plain patterns."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evals.data.examples import check_spans
from evals.data.jsonl import read_rows
from evals.scorers.privacy import covered
from evals.statistics.wilson import share
from pipelines.privacy.detecting import personal_spans

Places = list[tuple[int, int]]
Detector = Callable[[str, str], Places]

PLAIN = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|https?://\S+|\+?\d[\d .()-]{6,}\d")
"""The baseline: what a first attempt at redaction usually is."""


def bench_privacy(test: Path, lang: str = "fr") -> dict[str, Any]:
    """Recall by type, leaks and what was taken needlessly.

    A span counts as found when every letter and digit of it is covered, whatever the kind it was given.

    Args:
        test: rows of ``text`` and ``spans`` of ``start, end, type``; ``lang`` of a row wins.

    Raises:
        DataError: a row is wrong; it names the row's number and never its text.
    """
    rows = read_rows(test, required=("text",))
    for number, row in enumerate(rows, 1):
        check_spans(row, f"Row {number}")
    started = time.perf_counter()
    ours = measure(rows, lang, _ours)
    spent = time.perf_counter() - started
    return {
        "rows": len(rows), **ours, "ms_per_row": round(spent / len(rows) * 1000, 3),
        "baselines": {"plain_patterns": measure(rows, lang, _plain)},
    }  # fmt: skip


def measure(rows: Sequence[dict[str, Any]], lang: str, detector: Detector) -> dict[str, Any]:
    """The figures of one detector; shares with a Wilson 95 % interval."""
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    needless = taken = leaking = 0
    for row in rows:
        text = row["text"]
        places = detector(text, str(row.get("lang") or lang))
        hit = covered(text, row.get("spans", []), places)
        for span, one in zip(row.get("spans", []), hit, strict=True):
            total[span["type"]] += 1
            found[span["type"]] += one
        gold = _positions([(span["start"], span["end"]) for span in row.get("spans", [])])
        taken += len(places)
        needless += sum(not gold & set(range(*place)) for place in places)
        leaking += not all(hit)
    return {
        "recall": share(sum(found.values()), sum(total.values())),
        "by_type": {kind: share(found[kind], count) for kind, count in sorted(total.items())},
        "rows_with_a_leak": share(leaking, len(rows)),
        "taken_needlessly": share(needless, taken),
    }


def _ours(text: str, lang: str) -> Places:
    return [(span.start, span.end) for span in personal_spans(text, lang)]


def _plain(text: str, lang: str) -> Places:
    return [match.span() for match in PLAIN.finditer(text)]


def _positions(places: Places) -> set[int]:
    return {i for start, end in places for i in range(start, end)}
