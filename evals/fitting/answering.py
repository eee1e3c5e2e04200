"""Fits the ranker of sentences and the confidence in drafts on labelled questions.

Each answerable question is used twice: as it is, and with its gold documents taken away, when every draft is
wrong. Confidence is fitted on drafts of rankers that never saw their question (cross-fitting), so that it is
not too sure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from haystack import Pipeline
from numpy.typing import NDArray

from evals.data.gold import kind
from evals.fitting.sureness import Drafted, figures, fit_confidence, held_out, with_thresholds
from evals.fitting.unwritten import fit_unwritten
from evals.scorers.grounded import grade
from pipelines.contracts import Message, SuggestRequest
from pipelines.deciding.answering import Answering
from pipelines.deciding.features import CONFIDENCE_FEATURES
from pipelines.deciding.unwritten import Unwritten
from pipelines.drafting.composing import Composer, Style
from pipelines.drafting.evidence import FEATURES, Candidate, Evidence
from pipelines.drafting.inquiry import Question
from pipelines.drafting.ranker import Ranker
from pipelines.hashing import sha256_text
from pipelines.suggest import inputs

FOLDS = 8
PARTITIONS = 3
"""Ways to part the questions; their thresholds are averaged, for that of one hangs on a few questions."""

MINIMUM = 20
REMOVED_WEIGHT = 2.0
"""What a gold question whose documents were taken away counts for to the confidence."""

RIDGE = 3.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its candidates; ``gold`` marks the sentences that answer, shape ``(candidates,)``."""

    row: dict[str, Any]
    removed: bool
    question: Question
    candidates: list[Candidate]
    gold: Floats

    @property
    def answerable(self) -> bool:
        """Whether some draft could be right."""
        return kind(self.row) == "answer" and not self.removed


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted, and its figures on questions that it was not fitted on."""

    answering: Answering
    held_out: dict[str, Any]


def gather(
    rows: Sequence[dict[str, Any]], pipeline: Pipeline, progress: Callable[[int, int], None] | None = None
) -> list[Case]:
    """The cases of labelled rows, through the real understanding and retrieval."""
    drafter: Any = pipeline.get_component("draft")
    drafter.warm_up()
    evidence: Evidence = drafter.evidence
    cases = []
    for number, row in enumerate(rows, 1):
        gone = tuple(dict.fromkeys(passage.split("#")[0] for passage in row["gold"]))
        for removed in (False, True) if gone and kind(row) == "answer" else (False,):
            request = SuggestRequest(
                thread=[Message(**turn) for turn in row["thread"]], context=row["context"]
            )
            wanted = {"question", "retrieve"}
            result = pipeline.run(inputs(request, gone if removed else ()), include_outputs_from=wanted)
            question = result["question"]["question"]
            candidates = evidence.candidates(question, result["retrieve"]["hits"])
            gold = np.array(
                [float(any(q in c.text or c.text in q for q in row["quotes"])) for c in candidates]
            )
            cases.append(Case(row, removed, question, candidates, gold))
        if progress:
            progress(number, len(rows))
    return cases


def fit_answering(gold: Sequence[Case], hard: Sequence[Case] = ()) -> Fitted:
    """Ranker and confidence on all cases, calibration and thresholds on ``gold``, all cross-fitted.

    Args:
        gold: cases of gold questions as a desk gets them, unanswerable ones among them.
        hard: cases of gold questions that are harder than a desk's.

    Raises:
        ValueError: there are fewer than 20 answerable questions to learn from.
    """
    usable = [case for case in (*gold, *hard) if case.candidates and kind(case.row) != "ask"]
    if sum(case.answerable and bool(case.gold.any()) for case in usable) < MINIMUM:
        raise ValueError(f"fewer than {MINIMUM} answerable questions to learn from")
    weights = [REMOVED_WEIGHT if case.removed else 1.0 for case in usable]
    own = {id(case.row) for case in gold}
    chosen = [i for i, case in enumerate(usable) if id(case.row) in own]
    rounds = []
    for partition in range(PARTITIONS):
        drafted, unwritten = _crossed(usable, partition)
        log_odds = _held_log_odds(drafted, weights)
        held, calibration = held_out([drafted[i] for i in chosen], [log_odds[i] for i in chosen])
        rounds.append((drafted, held, calibration))
    drafted, held, calibration = rounds[0]
    model = replace(fit_confidence(drafted, weights), calibration=calibration)
    model = with_thresholds(model, [held for _, held, _ in rounds])
    return Fitted(Answering(fit_ranker(usable), model, unwritten), figures(held, model))


def _crossed(cases: Sequence[Case], partition: int) -> tuple[list[Drafted], Unwritten]:
    """The first drafts of rankers that never saw their question, and what is learnt of all questions."""
    unwritten = _unwritten(cases, partition)
    cases = _asked(cases, unwritten, partition)
    rankers = [
        fit_ranker([case for case in cases if _fold(case.row["id"], partition) != fold])
        for fold in range(FOLDS)
    ]
    drafted = []
    for case in cases:
        fold = _fold(case.row["id"], partition)
        drafted.append(_drafted(case, rankers[fold], fold))
    return drafted, unwritten[FOLDS]


def fit_ranker(cases: Sequence[Case]) -> Ranker:
    """Listwise softmax over each question's candidates, all gold sentences together against the rest."""
    from scipy.optimize import minimize

    learn = [(case.candidates, case.gold) for case in cases if case.answerable and case.gold.any()]
    signs = [np.stack([candidate.signs for candidate in candidates]) for candidates, _ in learn]
    every = np.concatenate(signs)
    mean, deviation = every.mean(0), every.std(0) + 1e-6
    scaled = [((rows - mean) / deviation, gold) for rows, (_, gold) in zip(signs, learn, strict=True)]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for rows, gold in scaled:
            scores = rows @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            held = shares * gold
            mass = held.sum() + 1e-12
            total -= float(np.log(mass))
            slope = slope - rows.T @ (held / mass - shares)
        return total, slope

    best = minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return Ranker(best.x, mean, deviation)


def _drafted(case: Case, ranker: Ranker, part: int) -> Drafted:
    """The first draft, and whether it is right (in full or in part)."""
    scores = ranker.score(case.candidates)
    drafts = Composer(Style()).drafts(case.question, case.candidates, scores, case.row["context"])
    good = False
    features: Mapping[str, float] = dict.fromkeys(CONFIDENCE_FEATURES, 0.0)
    if drafts:
        citations = [sentence.citation for sentence in drafts[0].sentences if sentence.citation]
        good = case.answerable and grade(drafts[0].text, citations, case.row) != "wrong"
        features = drafts[0].features
    return Drafted(features, good, str(case.row["lang"]), case.answerable, case.removed, part)


def _held_log_odds(drafted: Sequence[Drafted], weights: Sequence[float]) -> list[float]:
    """Of each draft, by a confidence that was fitted on the other parts."""
    found = [0.0] * len(drafted)
    for fold in range(FOLDS):
        others = [i for i, d in enumerate(drafted) if d.part != fold]
        model = fit_confidence([drafted[i] for i in others], [weights[i] for i in others])
        for i, d in enumerate(drafted):
            if d.part == fold:
                found[i] = model.log_odds(d.features)
    return found


def _unwritten(cases: Sequence[Case], partition: int) -> list[Unwritten]:
    """For each fold the kind of question that is answered nowhere, learnt of the others; then that of all."""
    asked = [case for case in cases if not case.removed]
    found = []
    for fold in range(FOLDS + 1):
        learnt = [case for case in asked if fold == FOLDS or _fold(case.row["id"], partition) != fold]
        found.append(
            fit_unwritten(
                [case.question.request for case in learnt],
                np.stack([_embedded(case.question) for case in learnt]),
                [kind(case.row) == "silence" for case in learnt],
            )
        )
    return found


def _embedded(question: Question) -> NDArray[np.float32]:
    if question.wide is None:
        raise ValueError("a question that was not embedded")
    return question.wide


def _asked(cases: Sequence[Case], unwritten: Sequence[Unwritten], partition: int) -> list[Case]:
    """The cases with what a model that never saw their question says of it."""
    return [
        replace(
            case,
            question=replace(
                case.question,
                unwritten=unwritten[_fold(case.row["id"], partition)].score(
                    case.question.request, case.question.wide
                ),
            ),
        )
        for case in cases
    ]


def _fold(identity: str, partition: int) -> int:
    """Which part a question belongs to, in one of the ways to part them."""
    start = 8 * partition
    return int(sha256_text(identity)[start : start + 8], 16) % FOLDS
