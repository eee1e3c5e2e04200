"""Fits the ranker of sentences and the confidence in drafts on labelled questions.

Each answerable question is used twice: as it is, and with its gold documents taken away, when every draft is
wrong. Confidence is fitted on drafts of rankers that never saw their question (cross-fitting), so that it is
not too sure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from haystack import Pipeline
from numpy.typing import NDArray

from evals.data.gold import kind
from evals.scorers.grounded import grade
from pipelines.contracts import Message, SuggestRequest
from pipelines.deciding.answering import Answering
from pipelines.deciding.confidence import ConfidenceModel
from pipelines.deciding.features import CONFIDENCE_FEATURES
from pipelines.drafting.composing import Composer, Style
from pipelines.drafting.evidence import FEATURES, Candidate, Evidence, Question
from pipelines.drafting.ranker import Ranker
from pipelines.suggest import inputs

FOLDS = 8
MINIMUM = 20
GOLD_WEIGHT = 3
RIDGE = 3.0
STRENGTH = 0.1
RISKS = (0.02, 0.05, 0.08, 0.10, 0.15, 0.20, 0.30)
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


def gather(
    rows: Sequence[dict[str, Any]], pipeline: Pipeline, progress: Callable[[int, int], None] | None = None
) -> list[Case]:
    """The cases of labelled rows, through the real understanding and retrieval."""
    drafter: Any = pipeline.get_component("draft")
    evidence = Evidence(drafter.store.generation, drafter.catalogue)
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


def fit_answering(gold: Sequence[Case], extra: Sequence[Case] = ()) -> Answering:
    """Ranker on ``gold`` and ``extra``, confidence and thresholds on ``gold``, all cross-fitted.

    Args:
        gold: cases of gold questions, which also hold unanswerable ones.
        extra: answerable cases that only teach the ranker; a gold case counts for ``GOLD_WEIGHT`` of them.

    Raises:
        ValueError: there are fewer than 20 answerable questions to learn from.
    """
    usable = [case for case in gold if case.candidates and kind(case.row) != "ask"]
    if sum(case.answerable and bool(case.gold.any()) for case in usable) < MINIMUM:
        raise ValueError(f"fewer than {MINIMUM} answerable questions to learn from")
    weight = GOLD_WEIGHT if extra else 1
    folds = np.array([_fold(case.row["id"]) for case in usable])
    outside = [[case for case in extra if _fold(case.row["id"]) != fold] for fold in range(FOLDS)]
    rankers = [
        fit_ranker([c for c, f in zip(usable, folds, strict=True) if f != fold] * weight + outside[fold])
        for fold in range(FOLDS)
    ]
    crossed = [_drafted(case, rankers[fold]) for case, fold in zip(usable, folds, strict=True)]
    features = np.array([[f[name] for name in CONFIDENCE_FEATURES] for f, _ in crossed])
    right = np.array([r for _, r in crossed])
    held = np.zeros(len(right))
    for fold in range(FOLDS):
        inside = folds == fold
        model = _fit_confidence(features[~inside], right[~inside])
        held[inside] = [model.probability(f) for (f, _), i in zip(crossed, inside, strict=True) if i]
    seen = [(case, p, bool(r)) for case, p, r in zip(usable, held, right, strict=True)]
    ranker = fit_ranker([*usable * weight, *extra])
    return Answering(ranker, _with_thresholds(_fit_confidence(features, right), seen))


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


def _drafted(case: Case, ranker: Ranker) -> tuple[Mapping[str, float], bool]:
    """Features of the first draft, and whether it is right (in full or in part)."""
    scores = ranker.score(case.candidates)
    drafts = Composer(Style()).drafts(case.question, case.candidates, scores, case.row["context"])
    if not drafts:
        return dict.fromkeys(CONFIDENCE_FEATURES, 0.0), False
    citations = [sentence.citation for sentence in drafts[0].sentences if sentence.citation]
    good = case.answerable and grade(drafts[0].text, citations, case.row) != "wrong"
    return drafts[0].features, good


def _fit_confidence(features: Floats, right: NDArray[Any]) -> ConfidenceModel:
    from sklearn.linear_model import LogisticRegression

    mean, deviation = features.mean(0), features.std(0) + 1e-6
    model = LogisticRegression(C=STRENGTH, max_iter=2_000).fit((features - mean) / deviation, right)
    columns = [
        dict(zip(CONFIDENCE_FEATURES, map(float, values), strict=True))
        for values in (model.coef_[0], mean, deviation)
    ]
    return ConfidenceModel(columns[0], columns[1], columns[2], float(model.intercept_[0]), ((0.1, 0.5),))


def _with_thresholds(model: ConfidenceModel, seen: Sequence[tuple[Case, float, bool]]) -> ConfidenceModel:
    """The lowest threshold that keeps to a risk.

    At it, at most ``risk`` of what is shown on answerable questions is wrong, and at most ``risk`` of the
    unanswerable ones are answered.
    """
    from dataclasses import replace

    whole = [(case, p, right) for case, p, right in seen if not case.removed]
    answerable = sorted(((p, right) for case, p, right in whole if case.answerable), reverse=True)
    others = np.array([p for case, p, _ in whole if not case.answerable])
    wrong = np.cumsum([not right for _, right in answerable])
    thresholds = []
    for risk in RISKS:
        fine = [i for i in range(len(answerable)) if wrong[i] <= risk * (i + 1)]
        bar = answerable[fine[-1]][0] if fine else 0.999
        quiet = float(np.quantile(others, 1 - risk)) if len(others) else 0.0
        thresholds.append((risk, min(0.999, max(bar, quiet))))
    return replace(model, thresholds=tuple(thresholds))


def _fold(identity: str) -> int:
    from pipelines.hashing import sha256_text

    return int(sha256_text(identity)[:8], 16) % FOLDS
