"""The README's results table, made from the committed reports: ``python -m evals.results_table``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.writing import write_text

ROOT = Path(__file__).resolve().parents[1]
REPORTS = Path(__file__).with_name("reports")
BEGIN, END = "<!-- results -->", "<!-- /results -->"

Report = dict[str, Any]


class Line(NamedTuple):
    """One line of the table: which report, what is measured, what was wanted, and how to read it off."""

    report: str
    what: str
    wanted: str
    read: Callable[[Report], str]


def _share(value: Report) -> str:
    return f"{value['value']:.3f} [{value['low']:.2f}, {value['high']:.2f}], n {value['n']}"


def _recall(report: Report) -> str:
    parts = []
    for name in ("recall@1", "recall@5"):
        low, high = report["intervals"][name]
        parts.append(f"{name[-1]} {report[name]:.3f} [{low:.2f}, {high:.2f}]")
    return ", ".join(parts)


def _by_language(name: str) -> Callable[[Report], str]:
    return lambda r: ", ".join(f"{code} {part[name]['value']:.2f}" for code, part in r["by_language"].items())


LINES = (
    Line("retrieval-covid", "retrieval, covid_faq_fr: recall@1, @5", ".60, .87", _recall),
    Line("retrieval-piaf", "retrieval, piaf_fr, all questions: recall@1, @5", ".70, .87", _recall),
    Line("intents-banking77", "intents, banking77: accuracy", ".942", lambda r: f"{r['accuracy']:.4f}"),
    Line(
        "intents-banking77",
        "... fitted with embeddings, a message",
        "180 s, 6 ms",
        lambda r: f"{r['fit_s']:.0f} s, {r['latency_ms']:.1f} ms",
    ),
    Line(
        "language",
        "language of support turns of 5 words or more: accuracy",
        ".97",
        lambda r: f"{r['accuracy']:.4f}, n {r['rows']}",
    ),
    Line("answers-test", "demo gold questions (test): answered", ".60", lambda r: _share(r["coverage"])),
    Line("answers-test", "... answered, by language", "", _by_language("coverage")),
    Line("answers-test", "... wrong among the answers shown", ".10", lambda r: _share(r["wrong"])),
    Line(
        "answers-test",
        "... wrong at 60 % coverage, on the risk-coverage curve",
        ".10",
        lambda r: f"{r['risk_coverage'][5]['risk']:.3f}",
    ),
    Line("answers-test", "... wrong, by language", "", _by_language("wrong")),
    Line(
        "answers-test", "... silent on the unanswerable", ".90", lambda r: _share(r["silence_unanswerable"])
    ),
    Line(
        "answers-test",
        "... no answer once its gold documents are deleted",
        ".95",
        lambda r: _share(r["silence_without_gold"]),
    ),
    Line(
        "answers-test", "... not even a question then", "", lambda r: _share(r["silence_without_gold_strict"])
    ),
    Line(
        "service-10000",
        "/suggest, 10,000 passages, one client: p50, p95",
        "15, 30 ms",
        lambda r: f"{r['one_client']['p50_ms']:.1f}, {r['one_client']['p95_ms']:.1f} ms",
    ),
    Line(
        "service-10000",
        "... eight clients",
        "80 requests/s",
        lambda r: f"{r['many_clients']['requests_per_s']:.0f} requests/s",
    ),
    Line(
        "service-10000",
        "... resident memory, ready from cold",
        "700 MB, 8 s",
        lambda r: f"{r['rss_mb']:.0f} MB (peak {r['peak_rss_mb']:.0f}), {r['ready_s']:.1f} s",
    ),
    Line(
        "service-100000",
        "/suggest, 100,000 passages, one client: p50",
        "30 ms",
        lambda r: f"{r['one_client']['p50_ms']:.1f} ms",
    ),
    Line(
        "scale",
        "search of 100,000 passages against Haystack in memory",
        "50 times",
        lambda r: f"{r['speed_ratio']:.0f} times",
    ),
)


def table(reports: Path = REPORTS) -> str:
    """The table in Markdown; a line whose report is not there is left out."""
    rows = ["| what | wanted | measured | report |", "| --- | --- | --- | --- |"]
    for line in LINES:
        path = reports / f"{line.report}.json"
        if path.exists():
            measured = line.read(json.loads(path.read_text(encoding="utf-8")))
            rows.append(f"| {line.what} | {line.wanted} | {measured} | `{path.name}` |")
    return "\n".join(rows)


def with_table(readme: str, made: str) -> str:
    """The README with the table between its marks.

    Example:
        >>> print(with_table("a\\n<!-- results -->\\nold\\n<!-- /results -->\\nb", "new"))
        a
        <!-- results -->
        <BLANKLINE>
        new
        <BLANKLINE>
        <!-- /results -->
        b
    """
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{made}\n\n{END}{tail}"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    write_text(readme, with_table(readme.read_text(encoding="utf-8"), table()))
