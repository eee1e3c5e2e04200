"""``report.md`` in a run's folder: what was measured, what changed, the verdict; no words of a customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from evals.comparing.reports import HEAD, count_rows, difference_line, number
from evals.rows import ALL
from evals.running.figures import Figure, figures
from evals.running.store import Recorded, keeping
from pipelines.writing import write_text

if TYPE_CHECKING:
    from evals.comparing.compare import Comparison
    from evals.comparing.gate import Verdict

REPORT = "report.md"


def write_run_report(
    recorded: Recorded, folder: Path, compared: Comparison | None = None, verdict: Verdict | None = None
) -> Path:
    """Write the report of a run into its folder, in the place of the one before; returns its path.

    Raises:
        DataError: the disk refuses.
    """
    with keeping(folder / REPORT) as path:
        write_text(path, run_report(recorded, compared, verdict))
    return path


def run_report(recorded: Recorded, compared: Comparison | None = None, verdict: Verdict | None = None) -> str:
    """The report as Markdown; rows are told by their ids alone, their words stand in the run's own files.

    Args:
        compared: against which run; a verdict brings its own.
    """
    compared = verdict.comparison if verdict is not None else compared
    parts = [_measured(recorded), _table(recorded)]
    if compared is not None:
        parts.append(_changed(compared))
    if verdict is not None:
        parts.append(_verdict(verdict))
    return "\n".join(line for part in parts for line in part)


def _measured(recorded: Recorded) -> Iterator[str]:
    run, data = recorded.run, recorded.run.dataset
    yield f"# {run.name} {run.id}"
    yield ""
    if run.notes:
        yield f"{run.notes}"
        yield ""
    yield f"- question: {run.question.replace('-', ' ')}"
    yield f"- data: {data.name}/{data.split}, {data.rows} rows, `{data.sha256[:12]}`"
    yield f"- system: {', '.join(f'{name} `{_short(value)}`' for name, value in run.system.items() if value)}"
    yield f"- answers: {run.asked}, epochs {run.epochs}, errors {run.errors}"
    if others := sum(one.stood_in for one in recorded.predictions):
        yield f"- **{others} answers are not the model's**: it failed or refused, and something stood in"
    if not run.complete:
        yield "- **stopped early**: not every row was asked"
    yield f"- code: `{run.commit or 'no checkout'}`, lock `{run.lock_sha256[:12]}`, {run.created}"
    yield ""


def _table(recorded: Recorded) -> Iterator[str]:
    repeated = recorded.run.epochs > 1
    more = f" pass^{recorded.run.epochs} | spread |" if repeated else ""
    yield "## What was measured"
    yield ""
    yield f"| metric | slice | mean, 95 % interval | rows | coverage | errors |{more}"
    yield f"| --- | --- | --- | --- | --- | --- |{' --- | --- |' if repeated else ''}"
    for figure in sorted(figures(recorded), key=lambda one: one.slice != ALL):
        yield _line(figure, repeated)
    yield ""


def _line(figure: Figure, repeated: bool) -> str:
    i = figure.interval
    bounds = "" if i.low is None or i.high is None else f" [{i.low:.3f}, {i.high:.3f}]"
    share = "" if figure.coverage is None else f"{figure.coverage:.0%}"
    more = f" {number(figure.pass_hat_k)} | {number(figure.spread)} |" if repeated else ""
    return (
        f"| {figure.metric} | {figure.slice} | {number(i.value)}{bounds} | {i.n} | {share} | "
        f"{figure.errors} |{more}"
    )


def _changed(compared: Comparison) -> Iterator[str]:
    yield f"## What changed against {compared.old.id}"
    yield ""
    told = {key: (compared.old.system.get(key), value) for key, value in compared.new.system.items()}
    for key, (old, new) in told.items():
        if old != new:
            yield f"- {key}: `{_short(old)}` became `{_short(new)}`"
    yield f"- rows by {compared.primary}: {count_rows(compared)}"
    yield ""
    yield from HEAD
    yield from (difference_line(one) for one in compared.differences if one.slice == ALL)
    yield ""
    for kind in ("broken", "fixed"):
        ids = [f"`{row.example_id}`" for row in compared.rows if row.kind == kind]
        if ids:
            yield f"{kind.capitalize()}: {', '.join(ids)}"
            yield ""


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"## Verdict: {verdict.decision.upper()}"
    yield ""
    yield "| rule | says | why |"
    yield "| --- | --- | --- |"
    yield from (f"| {reason.rule} | **{reason.state}** | {reason.text} |" for reason in verdict.reasons)
    yield ""


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 120 else f"{text[:117]}..."
