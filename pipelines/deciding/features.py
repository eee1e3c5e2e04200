"""What is known of a draft when it must be decided whether to show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.drafting.evidence import FEATURES, SIGN_AT, Candidate
from pipelines.drafting.inquiry import Question

OWN = (
    "score", "share", "share_chosen", "gap_document", "gap_next", "out_of_scope", "intent_top", "learned_max",
    "request_length", "learned_x_intent", "learned_x_covered", "code_nowhere", "place_nowhere",
    "missing_chosen", "type_missing_chosen", "unwritten", "repeated_chosen",
    "told_best",
)  # fmt: skip
CONFIDENCE_FEATURES = (*FEATURES, *OWN)

FAR = 5.0
"""A gap when there is nothing to compare with."""


def confidence_features(
    question: Question, candidates: Sequence[Candidate], scores: NDArray[np.float64], chosen: Sequence[int]
) -> dict[str, float]:
    """The features of a draft made of ``chosen`` candidates, its lead first.

    Args:
        scores: the ranker's, shape ``(len(candidates),)``.
    """
    lead = chosen[0]
    candidate = candidates[lead]
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    others = [
        s
        for c, s in zip(candidates, scores, strict=True)
        if c.passage.document_id != candidate.passage.document_id
    ]
    rest = np.delete(scores, lead)
    signs = dict(zip(FEATURES, candidate.signs.tolist(), strict=True))
    every = np.stack([c.signs for c in candidates])
    of_all = ("learned", "place_missing", "code_asked", "code_shared")
    learned, place_missing, code_asked, code_shared = (every[:, SIGN_AT[name]] for name in of_all)
    return signs | {
        "score": float(scores[lead]),
        "share": float(shares[lead]),
        "share_chosen": float(shares[list(chosen)].sum()),
        "gap_document": float(scores[lead] - max(others)) if others else FAR,
        "gap_next": float(scores[lead] - rest.max()) if len(rest) else FAR,
        "out_of_scope": question.out_of_scope,
        "intent_top": max(question.intents.values(), default=0.0),
        "learned_max": float(learned.max()),
        "request_length": min(len(question.request) / 100, 5.0),
        "learned_x_intent": signs["learned"] * signs["intent"],
        "learned_x_covered": signs["learned_request"] * signs["request_covered"],
        "code_nowhere": float((code_asked * (1 - code_shared)).min()),
        "place_nowhere": float(place_missing.min()),
        "missing_chosen": min(candidates[i].sign("missing_beside") for i in chosen),
        "type_missing_chosen": min(candidates[i].sign("type_missing") for i in chosen),
        "unwritten": question.unwritten,
        "repeated_chosen": min(candidates[i].sign("repeated") for i in chosen),
        "told_best": max(c.sign("told") for c in candidates),
    }
