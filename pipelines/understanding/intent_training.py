"""Fits an :class:`IntentModel`: kernel ridge regression, the rest chosen on its exact leave-one-out scores.

Needs scikit-learn and its dependencies (scipy, threadpoolctl) at training time only.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding import Encoder
from pipelines.errors import DataError
from pipelines.understanding.intent_kernel import Similarities, lower_triangle, solve
from pipelines.understanding.intent_rows import MAX_READ, SEARCH_ROWS, informative, judged_last, sample
from pipelines.understanding.intent_space import Space
from pipelines.understanding.intents import OOS, Calibration, IntentModel, Kernel, oos_features
from pipelines.understanding.lexical_features import LexicalFeatures
from pipelines.understanding.nearness import Points
from pipelines.understanding.scope_training import fit_logistic, fit_slope, scope_rows, unsupervised_scope

Floats = NDArray[np.float32]
SHAPES = tuple(
    Kernel(word=lexical, char=lexical, reading=reading, dense=dense, gamma=gamma, ridge=0.4)
    for lexical in (0.5, 1.0)
    for reading in (0.0, 2.0)
    for dense, gamma in ((4.0, 4.0), (4.0, 2.0), (8.0, 2.0))
)
RIDGES = (0.2, 0.4, 0.8, 1.2)


def train_intents(
    rows: Sequence[Mapping[str, Any]],
    encoder: Encoder,
    progress: Callable[[str], None] | None = None,
) -> IntentModel:
    """Fit on rows with ``text`` and ``intent`` (``oos`` = out of scope).

    Args:
        encoder: embeds the rows, and stays attached.
        progress: called with the name of each step as it begins.

    Raises:
        DataError: fewer than two intents in scope.
    """
    started = time.perf_counter()
    say = progress or (lambda step: None)
    labels = sorted({str(row["intent"]) for row in rows})
    if len([label for label in labels if label != OOS]) < 2:
        raise DataError("The rows hold fewer than two intents in scope.", mend="Label at least two intents.")
    read, judged = judged_last(sample([str(row["intent"]) for row in rows], MAX_READ), rows)
    texts = [str(rows[i]["text"]) for i in read]
    target = np.array([labels.index(str(rows[i]["intent"])) for i in read])
    readings = [IntentModel.reading(text, rows[i].get("lang")) for text, i in zip(texts, read, strict=True)]
    say("embedding")
    wide = encoder.encode_wide(texts, readings)
    space = Space.of(wide)
    points = space.unit(wide)
    with all_cores():
        say("features")
        kept = informative(points, np.eye(len(labels), dtype=np.float32)[target], judged)
        texts, readings = [texts[k] for k in kept], [readings[k] for k in kept]
        seen = Features.of(texts, readings, points[kept], space, judged)
        model = _fit(labels, target[kept], seen, say)
    model.encoder = encoder
    model.notes |= {
        "rows": len(kept),
        "rows_given": len(rows),
        "fit_s": round(time.perf_counter() - started, 2),
    }
    return model


@dataclass(frozen=True, slots=True)
class Features:
    """Training texts: TF-IDF (n, columns), coverage (n,), unit embeddings (n, width) and their space.

    Attributes:
        judged: how many of the rows, the last ones, are scored as if unseen.
    """

    lexical: LexicalFeatures
    columns: Any
    coverage: Floats
    points: Floats
    space: Space
    judged: int

    @classmethod
    def of(
        cls, texts: Sequence[str], readings: Sequence[str], points: Floats, space: Space, judged: int
    ) -> Features:
        """Of texts and their readings; what stands in one of thousands teaches nothing and costs memory."""
        lexical = LexicalFeatures.fit(
            texts,
            readings,
            min_char_df=2 if len(texts) > 200 else 1,
            min_word_df=2 if len(texts) > SEARCH_ROWS else 1,
        )
        columns, coverage = lexical_matrix(lexical, texts, readings)
        return cls(lexical, columns, coverage, points, space, judged)


def _fit(
    labels: list[str], target: NDArray[np.int64], seen: Features, say: Callable[[str], None]
) -> IntentModel:
    columns, points = seen.columns, seen.points
    blocks = [columns[:, block.offset : block.offset + block.width] for block in seen.lexical.blocks]
    searched = len(target) <= SEARCH_ROWS
    say("kernel")
    onehot = np.eye(len(labels), dtype=np.float32)[target]
    kernel = _search(Similarities.of(blocks, points), onehot, target) if searched else Kernel()
    duals, scores = solve(lower_triangle(blocks, points, kernel), onehot, kernel.ridge, seen.judged)
    known = target[-seen.judged :]
    say("calibration")
    outside = np.array([labels[t] == OOS for t in target])
    calibration = _calibrate(labels, target, scores, seen, blocks, outside, kernel)
    scales = (kernel.word, kernel.char, kernel.reading)
    folded = np.vstack([scale * (block.T @ duals) for scale, block in zip(scales, blocks, strict=True)])
    notes = {"held_out_accuracy": round(float((scores.argmax(1) == known).mean()), 4)}
    return IntentModel(
        labels,
        kernel,
        calibration,
        seen.lexical,
        folded.astype(np.float32),
        Points.of(points),
        duals,
        seen.space,
        outside,
        notes=notes,
    )


def lexical_matrix(
    lexical: LexicalFeatures, texts: Sequence[str], readings: Sequence[str]
) -> tuple[Any, Floats]:
    """Sparse TF-IDF rows (n, columns) of training texts, and the coverage of each by the others."""
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    values: list[float] = []
    pointers, coverage = [0], []
    for text, reading in zip(texts, readings, strict=True):
        row = lexical.row(text, reading, own=True)
        indices += row.indices
        values += row.values
        pointers.append(len(indices))
        coverage.append(row.coverage)
    matrix = csr_matrix(
        (np.asarray(values, np.float32), indices, pointers), shape=(len(texts), lexical.width)
    )
    return matrix, np.asarray(coverage, np.float32)


def all_cores() -> Any:
    """A context in which BLAS may use every core: the service holds it to one, training should not."""
    # scipy brings a BLAS of its own, which can only be told once it is loaded.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    return threadpool_limits(os.cpu_count() or 1)


def _search(parts: Similarities, onehot: Floats, target: NDArray[np.int64]) -> Kernel:
    """The kernel with the best leave-one-out accuracy: its shape first, then its ridge."""

    def accuracy(kernel: Kernel) -> float:
        return float((solve(parts.joined(kernel), onehot, kernel.ridge)[1].argmax(1) == target).mean())

    best = max(SHAPES, key=accuracy)
    return max((replace(best, ridge=ridge) for ridge in RIDGES), key=accuracy)


def _calibrate(
    labels: list[str],
    target: NDArray[np.int64],
    scores: Floats,
    seen: Features,
    blocks: Sequence[Any],
    outside: NDArray[np.bool_],
    kernel: Kernel,
) -> Calibration:
    """From the scores of the last rows as if unseen; the rest is of all rows."""
    column = labels.index(OOS) if OOS in labels else None
    first = len(target) - len(scores)
    known, inside = target[first:], ~outside[first:]
    keep = [i for i in range(len(labels)) if i != column]
    position = {label: place for place, label in enumerate(keep)}
    slope = fit_slope(scores[inside][:, keep], np.array([position[t] for t in known[inside]]))
    if column is None:
        random = Random(0)
        rows = scope_rows(len(target), random)
        parts = Similarities.of([block[rows] for block in blocks], seen.points[rows])
        weights, bias = unsupervised_scope(parts, target[rows], seen.coverage[rows], kernel, random)
        return Calibration(slope, weights, bias, joint=False)
    similar = seen.points[first:] @ seen.points.T
    similar[np.arange(len(scores)), np.arange(first, len(target))] = -1.0  # no message is its own neighbour
    features = np.stack(
        [
            oos_features(own, column, near, outside, float(known_words))
            for own, near, known_words in zip(scores, similar, seen.coverage[first:], strict=True)
        ]
    )
    weights, bias = fit_logistic(features, ~inside)
    return Calibration(slope, weights, bias, joint=True)
