"""Which scorers judge which system."""

from __future__ import annotations

from evals.scorers.grounded import GroundedScorer
from evals.scorers.intents import IntentScorer
from evals.scorers.measuring import RowScorer
from evals.scorers.retrieval import RetrievalScorer
from evals.scorers.silence import SilenceScorer
from evals.scorers.utility import UtilityScorer
from pipelines.errors import DataError


def suite(system: str) -> list[RowScorer]:
    """The scorers of a system by its name.

    Raises:
        DataError: no such system.

    Example:
        >>> [scorer.names[0] for scorer in suite("intents")]
        ['intent_correct']
    """
    suites: dict[str, list[RowScorer]] = {
        "suggest": [
            UtilityScorer(), GroundedScorer(), SilenceScorer(), RetrievalScorer(), RetrievalScorer("document"),
        ],
        "intents": [IntentScorer()],
    }  # fmt: skip
    if system not in suites:
        raise DataError(f"There is no system {system!r}.", mend=f"Known: {', '.join(suites)}.")
    return suites[system]
