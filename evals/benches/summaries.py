"""``bench summaries``: extractive notes against references, beside the simplest baselines, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.benches.summary_rows import SummaryRow, read_summary_rows
from evals.scorers.chrf import chrf
from evals.scorers.rouge import MEASURES, rouge
from pipelines.contracts import SummarySentence
from pipelines.summarizing.candidates import candidates
from pipelines.summarizing.sections import SECTIONS, Section, load_weights, summarize_sections
from pipelines.summarizing.textrank import textrank

Note = Mapping[Section, Sequence[SummarySentence]]
"""Sentences by section. A baseline knows no sections and says the same in each."""

BOOTSTRAPS = 1_000


def bench_summaries(test: Path, lang: str) -> dict[str, Any]:
    """Score the summaries of a test file.

    ROUGE and chrF are F-measures in [0, 1] of the whole note against the references (mean over references,
    then over rows), without stemming, with accents kept. Where references come by section: ROUGE-L over the
    sections that the reference fills (an empty one of ours counts 0), agreement on which are empty, and
    precision and recall of the turns pointed to. ``verbatim`` is the share of sentences that stand word for
    word in a message they point to.

    Raises:
        DataError: the file or a row cannot be used.
    """
    rows = read_summary_rows(test, lang)
    weights = load_weights()
    notes, elapsed = [], []
    for row in rows:
        start = time.perf_counter()
        notes.append(summarize_sections(row.thread, lang, weights))
        elapsed.append(1_000 * (time.perf_counter() - start))
    result: dict[str, Any] = {"rows": len(rows), "lang": lang, **score_notes(rows, notes)}
    result["verbatim"] = _verbatim(rows, notes)
    result["latency_ms"] = {
        "p50": float(np.percentile(elapsed, 50)),
        "p95": float(np.percentile(elapsed, 95)),
    }
    result["baselines"] = {
        name: score_notes(rows, [make(row, lang) for row in rows]) for name, make in BASELINES.items()
    }
    return result


def score_notes(rows: Sequence[SummaryRow], notes: Sequence[Note]) -> dict[str, Any]:
    """Scores of one system; a figure that cannot be measured on these rows is None."""
    texts = [_text(row, note) for row, note in zip(rows, notes, strict=True)]
    scores = [rouge(text, row.references) for row, text in zip(rows, texts, strict=True)]
    result: dict[str, Any] = {name: float(np.mean([score[name] for score in scores])) for name in MEASURES}
    result["rougeL_interval"] = _interval([score["rougeL"] for score in scores])
    result["chrf"] = float(np.mean([chrf(text, r.references) for r, text in zip(rows, texts, strict=True)]))
    result["sentences"] = float(np.mean([len(_flat(note)) for note in notes]))
    by_section = [(row, note) for row, note in zip(rows, notes, strict=True) if row.sections]
    result["sections"] = (
        {s: _section([(r, n[s]) for r, n in by_section], s) for s in SECTIONS} if by_section else None
    )
    for pointer in ("pointer_precision", "pointer_recall"):
        values = [part[pointer] for part in (result["sections"] or {}).values() if part[pointer] is not None]
        result[pointer] = float(np.mean(values)) if values else None
    return result


def _section(
    pairs: Sequence[tuple[SummaryRow, Sequence[SummarySentence]]], section: Section
) -> dict[str, Any]:
    filled: list[float] = []
    agree: list[float] = []
    right: list[float] = []
    recalled: list[float] = []
    for row, sentences in pairs:
        reference, text = row.sections[section], " ".join(sentence.text for sentence in sentences)
        agree.append(bool(reference) == bool(text))
        if reference:
            filled.append(rouge(text, [reference])["rougeL"] if text else 0.0)
        if row.evidence is not None:
            gold = row.evidence[section]
            pointed = [int(message) for sentence in sentences for message in sentence.messages]
            right.extend(index in gold for index in pointed)
            if gold:
                recalled.append(len(gold & set(pointed)) / len(gold))
    return {
        "rougeL": _mean(filled), "references": len(filled), "empty_agreement": _mean(agree),
        "pointer_precision": _mean(right), "pointer_recall": _mean(recalled), "pointers": len(right),
    }  # fmt: skip


def first_turns(row: SummaryRow, lang: str) -> Note:
    """The first two turns, whole."""
    return _everywhere(_turns(row, [0, 1]))


def last_turns(row: SummaryRow, lang: str) -> Note:
    """The last two turns, whole."""
    return _everywhere(_turns(row, [len(row.thread) - 2, len(row.thread) - 1]))


def lead(row: SummaryRow, lang: str) -> Note:
    """The first three content sentences."""
    return _everywhere([_sentence(c.text, c.id) for c in candidates(row.thread, lang)[:3]])


def central(row: SummaryRow, lang: str) -> Note:
    """The two most central content sentences (TextRank), in order."""
    found = candidates(row.thread, lang)
    best = sorted(np.argsort(-textrank([candidate.terms for candidate in found]), kind="stable")[:2])
    return _everywhere([_sentence(found[i].text, found[i].id) for i in best])


BASELINES: dict[str, Callable[[SummaryRow, str], Note]] = {
    "first_two_turns": first_turns, "last_two_turns": last_turns, "lead_3": lead, "textrank_2": central,
}  # fmt: skip


def _text(row: SummaryRow, note: Note) -> str:
    """The whole note: by sections when the reference has them, else in the order of the thread."""
    sentences = _flat(note)
    if not row.sections:
        sentences.sort(key=lambda sentence: int(sentence.messages[0]))
    return " ".join(sentence.text for sentence in sentences)


def _flat(note: Note) -> list[SummarySentence]:
    once = {
        (sentence.text, tuple(sentence.messages)): sentence for part in note.values() for sentence in part
    }
    return list(once.values())


def _turns(row: SummaryRow, indexes: Sequence[int]) -> list[SummarySentence]:
    return [_sentence(row.thread[i].text, str(i)) for i in dict.fromkeys(indexes) if 0 <= i < len(row.thread)]


def _sentence(text: str, message: str) -> SummarySentence:
    return SummarySentence(text=text, messages=[message])


def _everywhere(sentences: list[SummarySentence]) -> Note:
    return dict.fromkeys(SECTIONS, sentences)


def _verbatim(rows: Sequence[SummaryRow], notes: Sequence[Note]) -> float | None:
    checks = [
        any(sentence.text in row.thread[int(message)].text for message in sentence.messages)
        for row, note in zip(rows, notes, strict=True)
        for sentence in _flat(note)
    ]
    return _mean(checks)


def _interval(values: Sequence[float]) -> list[float]:
    """95 % percentile bootstrap over rows."""
    sample = np.random.default_rng(0).integers(0, len(values), (BOOTSTRAPS, len(values)))
    means = np.asarray(values)[sample].mean(axis=1)
    return [float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None
