"""A comparison and a verdict as Markdown and JSON, readable with no tool running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from evals.cli.report import GateFailed, plain
from evals.comparing.compare import Comparison, Difference, RowChange
from evals.comparing.gate import Verdict
from pipelines.writing import write_json, write_text

ROWS = 15
"""Changed rows of each kind that are told in full."""

HEAD = (
    "| metric | slice | old | new | difference, 95 % interval | p | better / worse / same | could show |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
)
"""Head of a table of :func:`difference_line`."""


def write_report(verdict: Verdict, folder: Path, openings: int = 0) -> Path:
    """Write ``gate.md`` and ``gate.json``; returns the former's path."""
    write_json(folder / "gate.json", plain({**verdict.as_dict(), "test_openings": openings}))
    path = folder / "gate.md"
    write_text(path, verdict_text(verdict, openings))
    return path


def settle(verdict: Verdict, folder: Path, openings: int = 0) -> Path:
    """Write the report, and only then fail: a gate that fails must not destroy its own evidence.

    Raises:
        GateFailed: the verdict is not ``promote``.
    """
    path = write_report(verdict, folder, openings)
    if verdict.decision != "promote":
        failed = [r for r in verdict.reasons if r.state in ("fail", "insufficient")]
        why = "; ".join(f"{r.rule}: {r.text}" for r in failed)
        raise GateFailed(f"The gate says {verdict.decision}. {why} The report: {path}")
    return path


def verdict_text(verdict: Verdict, openings: int = 0) -> str:
    """The verdict as Markdown: decision, reasons, differences, rows."""
    compared = verdict.comparison
    lines = [
        f"# {verdict.decision.upper()}: {compared.new.id} against {compared.old.id}", "",
        f"Data: {compared.new.dataset.name}/{compared.new.dataset.split}, {compared.new.dataset.rows} rows, "
        f"`{compared.new.dataset.sha256[:12]}`. Test part opened {openings} times so far.", "",
        "| rule | says | why |", "| --- | --- | --- |",
        *(f"| {r.rule} | **{r.state}** | {r.text} |" for r in verdict.reasons), "",
    ]  # fmt: skip
    return "\n".join(lines) + comparison_text(compared, level=2)


def comparison_text(compared: Comparison, level: int = 1) -> str:
    """A comparison as Markdown."""
    mark = "#" * level
    lines = [
        f"{mark} What changed", "",
        f"- old: `{compared.old.id}` {compared.old.name}. {compared.old.notes}".rstrip(),
        f"- new: `{compared.new.id}` {compared.new.name}. {compared.new.notes}".rstrip(), "",
        *HEAD, *map(difference_line, compared.differences), "",
        f"{mark} Rows, by {compared.primary}", "",
    ]  # fmt: skip
    lines += [f"{count_rows(compared)}.", ""]
    for kind in ("broken", "fixed", "both_wrong"):
        lines += _told_rows(compared, kind, mark)
    return "\n".join(lines)


def count_rows(compared: Comparison) -> str:
    """How many rows were fixed, broken, wrong in both runs, and measured by one alone."""
    counts = Counter(change.kind for change in compared.rows)
    told = ", ".join(f"{counts[kind]} {kind.replace('_', ' ')}" for kind in ("fixed", "broken", "both_wrong"))
    return f"{told}; {len(compared.unpaired)} measured by one run alone"


def difference_line(d: Difference) -> str:
    """One difference as a line of a Markdown table."""
    found = d.paired.difference
    change = "" if found.value is None else f"{found.value:+.3f}"
    if found.low is not None and found.high is not None:
        change += f" [{found.low:+.3f}, {found.high:+.3f}]"
    return (
        f"| {d.metric} | {d.slice} | {number(d.paired.old)} | {number(d.paired.new)} | {change} | "
        f"{number(d.paired.p)} | {d.paired.better} / {d.paired.worse} / {d.paired.ties} | "
        f"{number(d.detectable)} |"
    )


def _told_rows(compared: Comparison, kind: str, mark: str) -> list[str]:
    rows = [change for change in compared.rows if change.kind == kind]
    if not rows:
        return []
    lines = [f"{mark}# {kind.replace('_', ' ').capitalize()}", ""]
    for change in rows[:ROWS]:
        lines += list(_row(change))
    if len(rows) > ROWS:
        lines.append(f"... and {len(rows) - ROWS} more, in the run's `predictions.jsonl`.")
    return [*lines, ""]


def _row(change: RowChange) -> Iterator[str]:
    facets = ", ".join(f"{k}={v}" for k, v in change.slices.items())
    yield f"- `{change.example_id}` ({facets}) {change.old:g} -> {change.new:g}"
    yield f"    - old: {_flat(change.old_text)}"
    if change.new_text != change.old_text:
        yield f"    - new: {_flat(change.new_text)}"


def _flat(text: str) -> str:
    return " ".join(text.split()) or "(nothing)"


def number(value: float | None) -> str:
    """Three digits, or nothing where nothing was measured."""
    return "" if value is None else f"{value:.3f}"
