"""Trains the matcher on (question, passage) pairs: in-batch softmax both ways, Adam, numpy.

Source of the objective: multiple negatives ranking, Henderson et al. 2017. Half of the batches are drawn from
few documents, so that sections of one article learn to stand apart.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding.directions import principal_directions
from pipelines.knowledge.matcher import WIDTH, Matcher
from pipelines.knowledge.matcher_features import MatcherFeatures

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Training:
    """Settings of a training; chosen on dev and a fifth of the train parts of the demo's gold questions."""

    epochs: int = 8
    batch: int = 192
    rate: float = 0.003
    temperature: float = 0.1
    dropout: float = 0.3
    decay: float = 1e-4
    min_words: int = 3
    min_chars: int = 4
    seed: int = 7


SPREAD = 0.15
"""Length of an n-gram before anything is learnt of it: texts that share some begin a little alike."""

LAST_STEP = 0.02
"""Of the rate, what is left at the end: it falls in a straight line."""

STRIPE = 2_048
"""Rows of weights that one thread moves at a time."""


class Pairs(NamedTuple):
    """Questions, answers, and which answers which.

    Attributes:
        question_vectors: MiniLM vectors, shape ``(len(questions), 384)``; ``answer_vectors`` likewise.
        links: ``(question, answer)`` indices, one a pair.  documents: document number of each answer.
    """

    questions: Sequence[str]
    question_vectors: Floats
    answers: Sequence[str]
    answer_vectors: Floats
    links: Sequence[tuple[int, int]]
    documents: Sequence[int]


class _Side(NamedTuple):
    lexical: Any
    dense: Floats


def train_matcher(
    pairs: Pairs, settings: Training | None = None, progress: Callable[[int, int], None] | None = None
) -> Matcher:
    """A matcher fitted on ``pairs``; the same pairs and settings give the same matcher.

    Args:
        progress: called with epochs done and epochs in all.
    """
    settings = settings or Training()
    features = MatcherFeatures.fit([*pairs.answers, *pairs.questions], settings.min_words, settings.min_chars)
    questions = _side(pairs.questions, pairs.question_vectors, features)
    answers = _side(pairs.answers, pairs.answer_vectors, features)
    links = np.array(pairs.links)
    documents = np.array(pairs.documents)[links[:, 1]]
    steps = settings.epochs * -(-len(links) // settings.batch)
    vectors = np.concatenate([pairs.question_vectors, pairs.answer_vectors])
    dense = principal_directions(vectors, WIDTH)
    model = _Model(features.width, dense, settings, steps)
    for epoch in range(settings.epochs):
        for batch in _batches(documents, settings, grouped=epoch % 2 == 1, rng=model.rng):
            chosen = links[batch]
            model.step(_take(questions, chosen[:, 0]), _take(answers, chosen[:, 1]), chosen[:, 1])
        if progress:
            progress(epoch + 1, settings.epochs)
    return Matcher(features, model.lexical, model.dense)


class _Model:
    """Weights, their squared gradients, and one step of descent, smaller each time.

    With steps of one length two seeds were five points of R@1 apart, and with a random map of the vectors
    still three: what is learnt from a few thousand questions must not hang on the draw.
    """

    def __init__(self, width: int, dense: Floats, settings: Training, steps: int) -> None:
        self.settings, self.steps = settings, steps
        self.rng = np.random.default_rng(settings.seed)
        self.lexical = (self.rng.standard_normal((width, WIDTH)) * SPREAD / np.sqrt(WIDTH)).astype(np.float32)
        self.dense = dense
        self._means = [np.zeros_like(self.lexical), np.zeros_like(self.dense)]
        self._squares = [np.zeros_like(self.lexical), np.zeros_like(self.dense)]
        self._steps = 0

    def step(self, question: _Side, answer: _Side, target: NDArray[np.int64]) -> None:
        keep = self.settings.dropout
        lexical = question.lexical.copy()
        lexical.data *= (self.rng.random(len(lexical.data)) > keep).astype(np.float32) / (1 - keep)
        question = _Side(lexical, question.dense)
        q, q_norm = self._encode(question)
        a, a_norm = self._encode(answer)
        scores = q @ a.T / self.settings.temperature
        # Another question of the same answer is no negative.
        scores[(target[:, None] == target[None]) & ~np.eye(len(target), dtype=bool)] = -1e9
        right = 2 * np.eye(len(target), dtype=np.float32)
        scale = np.float32(2 * len(target) * self.settings.temperature)
        gradient: Floats = (_softmax(scores, 1) + _softmax(scores, 0) - right) / scale
        q_grad, a_grad = _through_norm(gradient @ a, q, q_norm), _through_norm(gradient.T @ q, a, a_norm)
        self._steps += 1
        self._update(0, self.lexical, question.lexical.T @ q_grad + answer.lexical.T @ a_grad)
        self._update(1, self.dense, question.dense.T @ q_grad + answer.dense.T @ a_grad)

    def _encode(self, side: _Side) -> tuple[Floats, Floats]:
        hidden = side.lexical @ self.lexical + side.dense @ self.dense
        norm = np.linalg.norm(hidden, axis=1, keepdims=True) + np.float32(1e-6)
        return hidden / norm, norm

    def _update(self, index: int, weights: Floats, gradient: Floats) -> None:
        rate = self.settings.rate * max(LAST_STEP, 1 - self._steps / self.steps)
        scale = np.float32(rate * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps))
        decay, mean, square = np.float32(self.settings.decay), self._means[index], self._squares[index]

        def descend(start: int) -> None:
            some = slice(start, start + STRIPE)
            g = gradient[some] + decay * weights[some]
            mean[some] += np.float32(0.1) * (g - mean[some])
            square[some] += np.float32(0.001) * (g * g - square[some])
            weights[some] -= scale * mean[some] / (np.sqrt(square[some]) + np.float32(1e-8))

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # numpy leaves the interpreter free
            list(pool.map(descend, range(0, len(weights), STRIPE)))


def _softmax(scores: Floats, axis: int) -> Floats:
    raised = np.exp(scores - scores.max(axis=axis, keepdims=True))
    shares: Floats = raised / raised.sum(axis=axis, keepdims=True)
    return shares


def _through_norm(gradient: Floats, unit: Floats, norm: Floats) -> Floats:
    through: Floats = (gradient - unit * (gradient * unit).sum(axis=1, keepdims=True)) / norm
    return through


def _side(texts: Sequence[str], vectors: Floats, features: MatcherFeatures) -> _Side:
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        columns, weights = features.row(text)
        indices += columns
        values += weights
        ends.append(len(indices))
    lexical = csr_matrix((np.array(values, np.float32), indices, ends), shape=(len(texts), features.width))
    return _Side(lexical, np.asarray(vectors, np.float32))


def _take(side: _Side, rows: NDArray[np.int64]) -> _Side:
    return _Side(side.lexical[rows], side.dense[rows])


def _batches(
    documents: NDArray[np.int64], settings: Training, grouped: bool, rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    order = rng.permutation(len(documents))
    if grouped:
        shuffled = rng.permutation(documents.max() + 1)
        order = order[np.argsort(shuffled[documents[order]], kind="stable")]
    batches = [order[i : i + settings.batch] for i in range(0, len(order), settings.batch)]
    return [batches[i] for i in rng.permutation(len(batches)) if len(batches[i]) > 1]
