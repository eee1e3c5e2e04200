"""Answers from one given passage, or silence: beside the first sentence and the best BM25 sentence.

Rows: ``question``, ``sentences`` (of the passage), ``answerable``, ``answers`` of ``text`` (references). Each
passage is indexed and split as any document; the question is asked with every other document taken away.
"""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.analyses.calibration import auroc
from evals.benches.answers import with_corpus
from evals.data.jsonl import read_rows, write_rows
from evals.scorers.citing import stands
from evals.scorers.reading import passages_of
from evals.scorers.rouge import rouge
from evals.statistics.bootstrap import bootstrap_mean
from evals.statistics.wilson import share
from pipelines.assistant import Assistant
from pipelines.contracts import BundleRef, Message, SuggestRequest
from pipelines.errors import DataError
from pipelines.settings import Settings
from pipelines.suggest import inputs
from pipelines.text import terms

Tick = Callable[[str, int, int], None]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
FOLDS = 5
COVERAGE = 0.6
LIMIT_CHARS = 1_000
"""Longest answer here; a messenger's 350 would cut what these references tell."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one row: the best draft, its signs, the served confidence, verbatim quotes."""

    text: str
    signs: dict[str, float]
    confidence: float
    verbatim: tuple[bool, ...]


def bench_grounded(test: Path, lang: str, settings: Settings, tick: Tick | None = None) -> dict[str, Any]:
    """ROUGE-L on the answerable rows, and silence on the others at 60 % coverage of the answerable.

    ``calibrated`` is what a logistic regression over the draft's signs says of rows of other folds: how it is
    when somebody labels their own rows. ``as_served`` is the demo's confidence, on rows that it never saw.

    Raises:
        DataError: a row is wrong, or all rows are of one kind.
    """
    from service.bundle import open_bundle

    rows = read_rows(test, required=("question", "sentences"))
    answerable = np.array([bool(row.get("answerable")) for row in rows])
    if answerable.all() or not answerable.any():
        raise DataError(f"{test}: all rows are answerable, or none is.", mend="Give both kinds.")
    bundle = open_bundle(settings.bundle_dir)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        write_rows(corpus, [_document(row, number) for number, row in enumerate(rows)])
        place = Path(folder) / "bundle"
        place.mkdir()
        root = with_corpus(bundle.root, corpus, place, settings, lang)
        own = settings.model_copy(update={"max_chars": LIMIT_CHARS})
        assistant = Assistant(root, BundleRef(id=bundle.id), own)
        assistant.warm_up()
        readings = []
        for number, row in enumerate(rows):
            readings.append(_read(assistant, row, number, len(rows), lang))
            if tick:
                tick("grounded", number + 1, len(rows))
    return {
        "rows": len(rows),
        "answerable": int(answerable.sum()),
        **_figures(rows, answerable, readings, lang),
    }


def _figures(
    rows: Sequence[dict[str, Any]], answerable: Bools, readings: Sequence[Reading], lang: str
) -> dict[str, Any]:
    asked = [(row, one) for row, one, can in zip(rows, readings, answerable, strict=True) if can]
    ours = [_rouge(one.text, row) for row, one in asked]
    verbatim = [quote for one in readings for quote in one.verbatim]
    served = np.array([one.confidence for one in readings])
    baselines = {
        "lead_sentence": bootstrap_mean([_rouge(_clean(row["sentences"][0]), row) for row, _ in asked]),
        "best_bm25_sentence": bootstrap_mean([_rouge(_bm25(row, lang), row) for row, _ in asked]),
    }
    return {
        "rougeL": bootstrap_mean(ours).as_dict(),
        "citations_verbatim": share(sum(verbatim), len(verbatim)),
        "as_served": _selective(served, answerable),
        "calibrated": _selective(_calibrated(readings, answerable), answerable),
        "baselines": {name: found.as_dict() for name, found in baselines.items()},
    }


def _selective(sure: Floats, answerable: Bools) -> dict[str, Any]:
    bar = float(np.quantile(sure[answerable], 1 - COVERAGE))
    silent = sure[~answerable] < bar
    return {
        "auroc": auroc(sure, answerable), "coverage_answerable": share(
            int((sure[answerable] >= bar).sum()), int(answerable.sum())
        ), "silence_unanswerable": share(int(silent.sum()), len(silent)),
    }  # fmt: skip


def _calibrated(readings: Sequence[Reading], answerable: Bools) -> Floats:
    """Probability of each row by a model of the other folds; a row without a draft has signs of nothing."""
    from sklearn.linear_model import LogisticRegression

    names = sorted({name for one in readings for name in one.signs})
    table = np.array(
        [[one.signs.get(name, 0.0) for name in names] + [float(not one.text)] for one in readings]
    )
    table = (table - table.mean(0)) / (table.std(0) + 1e-9)
    fold, out = np.arange(len(readings)) % FOLDS, np.zeros(len(readings))
    for number in range(FOLDS):
        own = fold == number
        model = LogisticRegression(C=0.05, max_iter=2_000).fit(table[~own], answerable[~own])
        out[own] = model.predict_proba(table[own])[:, 1]
    return out


def _read(assistant: Assistant, row: dict[str, Any], number: int, count: int, lang: str) -> Reading:
    pipeline = assistant.pipeline("suggest")
    question = str(row["question"]).rstrip(" ?") + " ?"
    request = SuggestRequest(thread=[Message(role="customer", text=question)], lang=lang)  # type: ignore[arg-type]
    others = tuple(_id(other) for other in range(count) if other != number)
    result = pipeline.run(inputs(request, others), include_outputs_from={"verify"})
    drafts = result["verify"]["drafts"]
    decider: Any = pipeline.get_component("decide")
    drafter: Any = pipeline.get_component("draft")
    if not drafts:
        return Reading("", {}, 0.0, ())
    sure = decider.answering.confidence
    best = max(drafts, key=lambda draft: sure.probability(draft.features))
    lookup = passages_of(drafter.store.generation)
    quotes = tuple(stands(s.citation, lookup) for s in best.sentences if s.citation)
    return Reading(best.text, dict(best.features), float(sure.probability(best.features)), quotes)


def _document(row: dict[str, Any], number: int) -> dict[str, Any]:
    text = " ".join(_clean(sentence) for sentence in row["sentences"])
    return {"id": _id(number), "title": row.get("title") or "", "text": text}


def _id(number: int) -> str:
    return f"passage-{number:05d}"


def _clean(sentence: str) -> str:
    """A sentence without the spaces that tokenised corpora put before signs."""
    for old, new in ((" .", "."), (" ,", ","), (" ;", ";"), ("`` ", '"'), (" ''", '"'), (" 's", "'s")):
        sentence = sentence.replace(old, new)
    return sentence


def _rouge(text: str, row: dict[str, Any]) -> float:
    references = [answer["text"] for answer in row.get("answers", []) if answer.get("text")]
    return rouge(text, references)["rougeL"] if text and references else 0.0


def _bm25(row: dict[str, Any], lang: str) -> str:
    """The sentence of the passage that BM25 (k1 1.2, b .75) ranks first for the question."""
    split = [terms(_clean(sentence), lang) for sentence in row["sentences"]]
    mean = fmean(len(words) for words in split) or 1.0
    df = Counter(word for words in split for word in set(words))

    def score(words: Sequence[str]) -> float:
        counts, total = Counter(words), 0.0
        for word in set(terms(row["question"], lang)):
            idf = math.log(1 + (len(split) - df[word] + 0.5) / (df[word] + 0.5))
            n = counts[word]
            total += idf * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * len(words) / mean)) if n else 0.0
        return total

    return _clean(row["sentences"][max(range(len(split)), key=lambda i: score(split[i]))])
