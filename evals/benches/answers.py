"""Suggestions against gold questions: how often one is shown, how often it is wrong, when silence is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.data.gold import kind
from evals.data.jsonl import read_rows
from evals.scorers.citing import stands
from evals.scorers.grounded import Grade, asks_back, grade
from evals.scorers.reading import passages_of
from evals.statistics.wilson import share
from pipelines.assistant import Assistant
from pipelines.contracts import BundleRef, Message, SuggestAnswer, Suggestion, SuggestRequest
from pipelines.errors import DataError
from pipelines.settings import Settings
from pipelines.suggest import inputs

Tick = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row as it was answered: with its knowledge, and with its gold documents taken away.

    Attributes:
        confidence: of the best draft before the decision, None when there was no draft.
        best: grade of that draft.
        verbatim: for each citation shown, whether its quote stands in its passage letter by letter.
    """

    row: dict[str, Any]
    answer: SuggestAnswer
    without_gold: SuggestAnswer | None
    confidence: float | None
    best: Grade
    verbatim: tuple[bool, ...] = ()


def bench_answers(
    corpus: Path | None, examples: Path, lang: str, settings: Settings, tick: Tick | None = None
) -> dict[str, Any]:
    """Coverage, risk, silence and citations on gold questions, overall and by language.

    Args:
        corpus: knowledge to answer from; the served bundle's when None.
        examples: rows of ``thread`` or ``query``, ``gold``, ``answerable`` (see DESIGN's data formats).
        lang: language of rows that do not say theirs.
    """
    from service.bundle import open_bundle

    rows = [_normal(row, lang) for row in read_rows(examples)]
    bundle = open_bundle(settings.bundle_dir)
    with tempfile.TemporaryDirectory() as folder:
        root = (
            bundle.root if corpus is None else with_corpus(bundle.root, corpus, Path(folder), settings, lang)
        )
        assistant = Assistant(root, BundleRef(id=bundle.id), settings)
        assistant.warm_up()
        outcomes = []
        for number, row in enumerate(rows, 1):
            outcomes.append(run_row(assistant, row))
            if tick:
                tick("answers", number, len(rows))
    langs = sorted({row["lang"] for row in rows})
    return {
        "rows": len(rows), "bundle": bundle.id, "risk_target": settings.risk, **measure(outcomes),
        "by_language": {code: measure([o for o in outcomes if o.row["lang"] == code]) for code in langs},
        "risk_coverage": risk_coverage(outcomes),
    }  # fmt: skip


def run_row(assistant: Assistant, row: dict[str, Any]) -> Outcome:
    """Ask one row, and again without its gold documents when it is answerable."""
    request = SuggestRequest(thread=[Message(**turn) for turn in row["thread"]], context=row["context"])
    answer = assistant.suggest(request)
    gone = tuple(dict.fromkeys(passage.split("#")[0] for passage in row["gold"]))
    without = assistant.suggest(request, gone) if gone and kind(row) == "answer" else None
    pipeline = assistant.pipeline("suggest")
    result = pipeline.run(inputs(request), include_outputs_from={"verify"})
    drafts = result["verify"]["drafts"]
    drafter: Any = pipeline.get_component("draft")
    cited = [citation for suggestion in answer.suggestions for citation in suggestion.citations]
    lookup = passages_of(drafter.store.generation)
    verbatim = tuple(stands(citation, lookup) for citation in cited)
    if not drafts:
        return Outcome(row, answer, without, None, "wrong", verbatim)
    decider: Any = pipeline.get_component("decide")
    confidence = decider.answering.confidence
    best = max(drafts, key=lambda draft: confidence.probability(draft.features))
    citations = [sentence.citation for sentence in best.sentences if sentence.citation]
    sure = confidence.probability(best.features)
    return Outcome(row, answer, without, sure, grade(best.text, citations, row), verbatim)


def measure(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The figures of some outcomes; each share is ``{value, low, high, n}`` with a Wilson 95 % interval."""
    answerable = [o for o in outcomes if kind(o.row) == "answer"]
    shown = [o for o in answerable if _answers(o.answer)]
    grades = [_grade(_answers(o.answer)[0], o.row) for o in shown]
    every = [_grade(s, o.row) for o in shown for s in _answers(o.answer)]
    silent = [o for o in outcomes if kind(o.row) == "silence"]
    asked = [o for o in outcomes if kind(o.row) == "ask"]
    removed = [o.without_gold for o in answerable if o.without_gold is not None]
    spoken_wrong = sum(bool(o.answer.suggestions) for o in silent)
    return {
        "coverage": share(len(shown), len(answerable)),
        "wrong": share(grades.count("wrong"), len(shown)),
        "wrong_any_suggestion": share(every.count("wrong"), len(every)),
        "full": share(grades.count("full"), len(shown)),
        "wrong_with_unanswerable": share(grades.count("wrong") + spoken_wrong, len(shown) + spoken_wrong),
        "silence_unanswerable": share(sum(not o.answer.suggestions for o in silent), len(silent)),
        "silence_without_gold": share(sum(not _answers(a) for a in removed), len(removed)),
        "silence_without_gold_strict": share(sum(not a.suggestions for a in removed), len(removed)),
        "asked_back": share(sum(_asked(o) for o in asked), len(asked)),
        "verbatim_citations": _verbatim(outcomes),
        "silence_reasons": _reasons(outcomes),
    }


def risk_coverage(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Share wrong among the most confident answerable rows, at each tenth of coverage."""
    rated = sorted(
        ((o.confidence or 0.0, o.best == "wrong") for o in outcomes if kind(o.row) == "answer"), reverse=True
    )
    points = []
    for tenth in range(1, 11):
        count = round(len(rated) * tenth / 10)
        if count:
            wrong = sum(bad for _, bad in rated[:count])
            points.append(
                {
                    "coverage": tenth / 10,
                    "risk": round(wrong / count, 4),
                    "confidence": round(rated[count - 1][0], 4),
                }
            )
    return points


def _answers(answer: SuggestAnswer) -> list[Suggestion]:
    """Suggestions that state something; a clarifying question states nothing."""
    return [suggestion for suggestion in answer.suggestions if suggestion.kind != "question"]


def _grade(suggestion: Suggestion, row: dict[str, Any]) -> Grade:
    return grade(suggestion.text, suggestion.citations, row)


def _asked(outcome: Outcome) -> bool:
    pairs = [(s.kind, a.value) for s in outcome.answer.suggestions for a in s.actions]
    return asks_back(pairs, outcome.row)


def _verbatim(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    checked = [verbatim for outcome in outcomes for verbatim in outcome.verbatim]
    return share(sum(checked), len(checked))


def _reasons(outcomes: Sequence[Outcome]) -> dict[str, int]:
    reasons = [o.answer.silence.reason for o in outcomes if o.answer.silence]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}


def _normal(row: dict[str, Any], lang: str) -> dict[str, Any]:
    """A row of anyone's file with every column; ``query`` stands for a thread of one message."""
    thread = row.get("thread") or ([{"role": "customer", "text": row["query"]}] if row.get("query") else None)
    if not thread:
        raise DataError("A row has neither 'thread' nor 'query'.", mend="Give each row one of them.")
    gold = row.get("gold") or []
    defaults = {"context": {}, "answerable": bool(gold), "ask": None, "quotes": [], "facts": [], "lang": lang}
    return {**defaults, **row, "thread": thread, "gold": [gold] if isinstance(gold, str) else gold}


def with_corpus(bundle: Path, corpus: Path, folder: Path, settings: Settings, lang: str) -> Path:
    """The bundle's models over another knowledge, in a temporary folder."""
    from pipelines.index import index_folder
    from pipelines.knowledge.store import PassageStore

    for part in bundle.iterdir():
        if part.name != "index":
            (folder / part.name).symlink_to(part.resolve())
    matcher = bundle / "models" / "matcher"
    index_folder(corpus, PassageStore(str(folder / "index")), str(settings.cache), lang, matcher=matcher)
    return folder
