"""How sure a model's reply is: as the composer's are, by the evidence of the sentence that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Citation
from pipelines.deciding.decider import Decider
from pipelines.deciding.features import confidence_features
from pipelines.drafting.drafter import Drafter
from pipelines.drafting.evidence import Candidate
from pipelines.generating.session import Rate
from pipelines.suggest import Prepared


def rater(prepared: Prepared, drafter: Drafter, decider: Decider) -> Rate:
    """Rates the replies to one request; the evidence is worked out with the first of them."""
    confidence = decider.answering.confidence
    bar = confidence.threshold(decider.risk)

    @cache
    def evidence() -> tuple[list[Candidate], NDArray[np.float64]]:
        found = drafter.evidence
        candidates = found.candidates(prepared.question, prepared.hits)
        return candidates, drafter.answering.ranker.score(candidates)

    def rate(citation: Citation) -> tuple[dict[str, float], bool]:
        candidates, scores = evidence()
        lead = _lead(candidates, scores, citation)
        features = confidence_features(prepared.question, candidates, scores, [lead])
        return features, confidence.probability(features) >= bar and not candidates[lead].sign("misfit")

    return rate


def _lead(candidates: Sequence[Candidate], scores: NDArray[np.float64], citation: Citation) -> int:
    """The best of the candidates that a citation covers; every sentence of every hit is one."""
    covered = [
        index
        for index, candidate in enumerate(candidates)
        if candidate.passage.id == citation.passage_id
        and candidate.start < citation.end
        and citation.start < candidate.end
    ]
    return max(covered or range(len(candidates)), key=lambda index: float(scores[index]))
