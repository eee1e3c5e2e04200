"""How well intents are told on anyone's rows, beside three usual baselines fitted in the same run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.analyses.calibration import auroc, calibration
from evals.analyses.confusion import Confusion
from evals.data.jsonl import read_rows
from pipelines.embedding import DIMENSION, Encoder
from pipelines.errors import DataError
from pipelines.understanding.intent_training import all_cores, train_intents
from pipelines.understanding.intents import OOS, IntentModel, IntentPrediction

Rows = list[dict[str, Any]]
LATENCY_SAMPLE = 300


def bench_intents(
    train: Sequence[Path],
    test: Path,
    lang: str | None = None,
    encoder: Encoder | None = None,
    progress: Callable[[str], None] | None = None,
    baselines: bool = True,
    where: str | None = None,
) -> dict[str, Any]:
    """Fit on the files of ``train``, measure on ``test`` (rows ``text, intent``; ``oos`` = out of scope).

    Args:
        lang: only test rows of this language are measured; training always uses every row.
        progress: called with the name of each step as it begins.
        where: ``COLUMN=VALUE`` that a row must hold, for files of several bots.

    Raises:
        DataError: a bad row, or no test row in the language or with that value.
    """
    say = progress or (lambda step: None)
    training = _only(train, where)
    testing = _only([test], where)
    testing = [row for row in testing if lang in (None, row.get("lang"))]
    if not testing:
        raise DataError(f"{test}: no row has lang '{lang}'.", mend="Give a language the file holds, or none.")
    encoder = encoder or Encoder(_cache())
    encoder.warm_up()
    say("fit")
    wide = Encoder(encoder.cache, threads=2)  # to fit; the one that is timed keeps its own threads
    model = train_intents(training, wide, progress=progress)
    model.encoder = encoder
    say("test")
    texts = [r["text"] for r in testing]
    # The language is not given: the bench judges what a bare message gets.
    vectors = wide.encode_wide(texts, [model.reading(text) for text in texts])
    predictions = [model.predict(text, vector) for text, vector in zip(texts, vectors, strict=True)]
    report: dict[str, Any] = {
        "rows": {"train": len(training), "test": len(testing)},
        **scores([str(row["intent"]) for row in testing], predictions),
        "by_language": _by_language(testing, predictions),
        "fit_s": model.notes["fit_s"],
        "latency_ms": round(_latency(model, texts), 3),
        "model": model.notes,
    }
    if baselines:
        say("baselines")
        report["baselines"] = _baselines(training, testing, wide)
    return report


def _only(files: Sequence[Path], where: str | None) -> Rows:
    rows = [row for file in files for row in read_rows(file, required=("text", "intent"))]
    if where is None:
        return rows
    column, _, value = where.partition("=")
    kept = [row for row in rows if str(row.get(column)) == value]
    if not kept:
        names = ", ".join(map(str, files))
        raise DataError(f"{names}: no row has {where}.", mend="Give a COLUMN=VALUE that the file holds.")
    return kept


def scores(gold: list[str], predictions: list[IntentPrediction]) -> dict[str, Any]:
    """Accuracies, macro-F1 over the labels of ``gold``, AUROC of out of scope and calibration error.

    ``in_scope_accuracy`` takes the best label of each in-scope row; ``accuracy`` lets the model say ``oos``.
    """
    decided = [p.decision for p in predictions]
    right = np.array([d == g for d, g in zip(decided, gold, strict=True)])
    outside = np.array([g == OOS for g in gold])
    labels_right = np.array([p.label == g for p, g in zip(predictions, gold, strict=True)])
    sure = np.array([p.out_of_scope if p.decision == OOS else p.labels[0][1] for p in predictions])
    out = np.array([p.out_of_scope for p in predictions])
    return {
        "accuracy": round(float(right.mean()), 4),
        "in_scope_accuracy": round(float(labels_right[~outside].mean()), 4) if (~outside).any() else None,
        "macro_f1": Confusion.of(gold, decided).macro_f1,
        "oos_auroc": auroc(out, outside),
        "oos_recall": round(float(np.mean([d == OOS for d, o in zip(decided, outside, strict=True) if o])), 4)
        if outside.any()
        else None,
        "ece": round(calibration(sure, right).ece, 4),
        "mcc_best_threshold": _best_mcc(gold, predictions) if outside.any() else None,
    }


def _by_language(testing: Rows, predictions: Sequence[IntentPrediction]) -> dict[str, Any]:
    """The same figures of each language, where the rows hold several."""
    names = sorted({str(row["lang"]) for row in testing if row.get("lang")})
    found = {}
    for name in names if len(names) > 1 else ():
        own = [place for place, row in enumerate(testing) if row.get("lang") == name]
        gold = [str(testing[place]["intent"]) for place in own]
        found[name] = scores(gold, [predictions[place] for place in own])
    return found


def _best_mcc(gold: list[str], predictions: list[IntentPrediction]) -> float:
    """Matthews correlation at the best confidence threshold: an upper bound, as HINT3 reports it."""
    from sklearn.metrics import matthews_corrcoef

    sure = np.array([p.labels[0][1] for p in predictions])
    best = -1.0
    for threshold in np.quantile(sure, np.linspace(0, 1, 51)):
        decided = [OOS if s < threshold else p.label for s, p in zip(sure, predictions, strict=True)]
        best = max(best, float(matthews_corrcoef(gold, decided)))
    return round(best, 4)


def _latency(model: IntentModel, texts: list[str]) -> float:
    """Median milliseconds of a message with its embedding, one thread, nothing remembered."""
    encoder = model.encoder
    if encoder is None:
        raise DataError("The model has no encoder.", mend="Attach one before timing it.")
    times = []
    for text in texts[:LATENCY_SAMPLE]:
        started = time.perf_counter()
        model.predict(text, encoder.encode_wide([text], [model.reading(text)])[0])
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def _texts(rows: Rows) -> list[str]:
    return [str(row["text"]) for row in rows]


def _baselines(training: Rows, testing: Rows, encoder: Encoder) -> dict[str, Any]:
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    gold, wanted = [r["intent"] for r in training], [r["intent"] for r in testing]
    texts, test_texts = [r["text"].lower() for r in training], [r["text"].lower() for r in testing]
    # As they stand, without a reading: what these models give by themselves.
    (vectors, _, shared), (test_vectors, _, test_shared) = (
        np.split(encoder.encode_wide(some, some), [DIMENSION, 2 * DIMENSION], axis=1)
        for some in map(_texts, (training, testing))
    )
    word = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+")
    char = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    lexical = hstack([word.fit_transform(texts), char.fit_transform(texts)]).tocsr()
    test_lexical = hstack([word.transform(test_texts), char.transform(test_texts)]).tocsr()
    joined, test_joined = (
        hstack([lexical, csr_matrix(2 * vectors)]),
        hstack([test_lexical, csr_matrix(2 * test_vectors)]),
    )
    candidates = {
        "tfidf_linear_svc": (LinearSVC(), lexical, test_lexical),
        "minilm_logistic_regression": (LogisticRegression(C=10, max_iter=300), vectors, test_vectors),
        "multilingual_logistic_regression": (LogisticRegression(C=10, max_iter=300), shared, test_shared),
        "joined_linear_svc": (LinearSVC(), joined.tocsr(), test_joined.tocsr()),
    }
    out = {}
    for name, (classifier, x, test_x) in candidates.items():
        started = time.perf_counter()
        with all_cores():
            decided = [str(d) for d in classifier.fit(x, gold).predict(test_x)]
        accuracy = sum(d == g for d, g in zip(decided, wanted, strict=True)) / len(wanted)
        out[name] = {
            "accuracy": round(accuracy, 4),
            "macro_f1": Confusion.of(wanted, decided).macro_f1,
            "fit_s": round(time.perf_counter() - started, 2),
        }
    return out


def _cache() -> Path:
    from pipelines.settings import load_settings

    return load_settings().cache
