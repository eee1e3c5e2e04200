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


def _mcc(report: Report) -> str:
    return f"{report['mcc_best_threshold']:.3f}, n {report['rows']['test']}"


def _macro_f1(report: Report) -> str:
    parts = [f"{code} {part['macro_f1']:.3f}" for code, part in report["by_language"].items()]
    return ", ".join([f"{report['macro_f1']:.3f}", *parts])


def _gain(report: Report) -> str:
    found = next(d for d in report["held_out"] if (d["metric"], d["slice"]) == ("intent_correct", "all"))
    return f"{found['old']:.3f} to {found['new']:.3f} [{found['low']:+.3f}, {found['high']:+.3f}]"


def _rouges(report: Report) -> str:
    return ", ".join(f"{report[name]:.3f}" for name in ("rouge1", "rouge2", "rougeL"))


def _rouge_l(report: Report) -> str:
    base = report["baselines"]
    others = (base["lead_sentence"]["value"], base["best_bm25_sentence"]["value"])
    return f"{report['rougeL']['value']:.3f}; {others[0]:.3f}, {others[1]:.3f}"


def _found(*kinds: str) -> Callable[[Report], str]:
    return lambda r: ", ".join(f"{r['by_type'][kind]['value']:.3f}" for kind in kinds)


def _covered(report: Report) -> str:
    values = [found["value"] for found in report["coverage"].values()]
    return f"{min(values):.3f}, {max(values):.3f}"


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
    Line(
        "intents-hint3-curekart",
        "intents, hint3 curekart: MCC, best of five engines",
        ".603",
        lambda r: _mcc(r),
    ),
    Line("intents-hint3-powerplay11", "... powerplay11", ".425", lambda r: _mcc(r)),
    Line("intents-hint3-sofmattress", "... sofmattress", ".638", lambda r: _mcc(r)),
    Line("intents-demo", "demo intents (test): macro-F1, by language", ".90", _macro_f1),
    Line(
        "intents-demo",
        "... out-of-scope AUROC, calibration error",
        ".95, .05",
        lambda r: f"{r['oos_auroc']:.3f}, {r['ece']:.3f}",
    ),
    Line(
        "optimise-intents",
        "intents by prompt alone (offline/icl), before and after optimising",
        "gain > 0",
        _gain,
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
        "grounded-clapnq",
        "clapnq: silent on the unanswerable at 60 % coverage, calibrated on other folds",
        ".85",
        lambda r: _share(r["calibrated"]["silence_unanswerable"]),
    ),
    Line(
        "grounded-clapnq",
        "... by the demo's confidence, unseen",
        "",
        lambda r: _share(r["as_served"]["silence_unanswerable"]),
    ),
    Line("grounded-clapnq", "... ROUGE-L; first sentence, best BM25 sentence", "above both", _rouge_l),
    Line(
        "summaries-dialogsum",
        "dialogsum test, extractive: ROUGE-1, -2, -L",
        ".193 .061 .157",
        lambda r: _rouges(r),
    ),
    Line(
        "summaries-dialogsum",
        "... TextRank in the same run",
        "",
        lambda r: _rouges(r["baselines"]["textrank_2"]),
    ),
    Line(
        "privacy-pii-chat",
        "personal data, French chats: e-mail, phone, ids",
        ".97",
        _found("EMAIL", "PHONENUMBER", "ALPHANUMERIC_ID"),
    ),
    Line("privacy-pii-chat", "... names, addresses", "", _found("NAME", "ADDRESS")),
    Line(
        "privacy-pii-presidio",
        "personal data, presidio: e-mail, phone, IBAN, card",
        ".97",
        _found("EMAIL_ADDRESS", "PHONE_NUMBER", "IBAN_CODE", "CREDIT_CARD"),
    ),
    Line(
        "privacy-pii-presidio",
        "... names, street addresses of many countries",
        "",
        _found("PERSON", "STREET_ADDRESS"),
    ),
    Line("statistics", "coverage of 95 % intervals in simulation: lowest, highest", ".935 to .965", _covered),
    Line(
        "statistics",
        "a run against itself is promoted",
        "at most .05",
        lambda r: _share(r["promoted_a_against_a"]),
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
        "service-10000",
        "... on a machine that took for a million turns of a Python loop",
        "",
        lambda r: f"{r['machine']['loop_ms']:.0f} ms",
    ),
    Line(
        "service-100000",
        "/suggest, 100,000 passages, one client: p50",
        "30 ms",
        lambda r: f"{r['one_client']['p50_ms']:.1f} ms",
    ),
    Line(
        "experiment",
        "one setting changed, 300 questions: from a notebook's cell to a compared run with plots",
        "60 s",
        lambda r: f"{r['seconds']:.0f} s, the kernel's start included",
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
