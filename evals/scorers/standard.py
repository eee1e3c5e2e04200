"""The scorers that each kind of task is judged by, when nobody chooses others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from evals.scorers.blame import BlameScorer
from evals.scorers.chrf import ChrfScorer
from evals.scorers.citing import CitationScorer
from evals.scorers.fidelity import FidelityScorer
from evals.scorers.grounded import GroundedScorer
from evals.scorers.intents import IntentScorer
from evals.scorers.measuring import RowScorer
from evals.scorers.overlap import OverlapScorer
from evals.scorers.privacy import PrivacyScorer
from evals.scorers.reading import Lookup
from evals.scorers.retrieval import RetrievalScorer
from evals.scorers.rouge import RougeScorer
from evals.scorers.semantic import SemanticScorer
from evals.scorers.shape import ShapeScorer
from evals.scorers.silence import SilenceScorer
from evals.scorers.summaries import SummaryScorer
from evals.scorers.unsupported import UnsupportedScorer
from evals.scorers.utility import UtilityScorer

if TYPE_CHECKING:
    from pipelines.embedding import Encoder

Kind = Literal["retrieval", "intents", "answers", "summaries", "privacy"]


def standard_scorers(
    kind: Kind, lookup: Lookup | None = None, encoder: Encoder | None = None
) -> list[RowScorer]:
    """The scorers of a kind of task.

    Args:
        lookup: passages of the index that answers; without it citations are not looked up.
        encoder: for the semantic similarity of answers, which is left out without it.

    Example:
        >>> [name for scorer in standard_scorers("intents") for name in scorer.names]
        ['intent_correct', 'in_scope_correct', 'scope_correct']
    """
    words: list[RowScorer] = [RougeScorer(), ChrfScorer()]
    if kind == "retrieval":
        return [RetrievalScorer(), RetrievalScorer("document")]
    if kind == "intents":
        return [IntentScorer()]
    if kind == "privacy":
        return [PrivacyScorer()]
    if kind == "summaries":
        return [SummaryScorer(), *words, UnsupportedScorer(), FidelityScorer()]
    meaning = [SemanticScorer(encoder)] if encoder else []
    return [
        UtilityScorer(), GroundedScorer(), SilenceScorer(), BlameScorer(),
        CitationScorer(lookup), UnsupportedScorer(lookup),
        FidelityScorer(), ShapeScorer(), OverlapScorer(), *words, *meaning,
        RetrievalScorer(), RetrievalScorer("document"),
    ]  # fmt: skip
