"""Are the citations of a reply real, and are they the right ones?"""

from __future__ import annotations

from evals.rows import Example, Prediction
from evals.scorers.grounded import same_quote
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import Lookup, answers, citations, gold, suggestions, task
from pipelines.contracts import Citation


class CitationScorer(RowScorer):
    """Precision and recall against gold, and whether each citation was retrieved and stands letter by letter.

    * ``citation_precision``: share of the best answer's citations of a gold passage, or of a gold quote that
      stands in another passage too; ``citation_recall``: share of the gold passages that it cites (several
      may each be enough, so that 1 is not always to be reached). Of answerable rows;
    * ``citation_retrieved``, ``citation_verbatim``: of all suggestions of any row, the share of citations
      whose passage was retrieved, and whose quote stands there at its place in the version that is cited.

    Args:
        lookup: passage of an id, in the index that answered (:func:`evals.scorers.reading.passages_of`);
            without it ``citation_verbatim`` is unmeasured.

    Example:
        >>> asked = Example(id="q", inputs={}, expected={"gold": ["a#x", "b#"]})
        >>> reply = {"text": "Oui.", "citations": [{"passage_id": "a#x", "quote": "Oui."}]}
        >>> shown = Prediction(example_id="q", output={"suggestions": [reply]}, documents=("a#x",))
        >>> [score.value for score in CitationScorer().score(asked, shown)]
        [1.0, 0.5, 1.0, None]
    """

    names = ("citation_precision", "citation_recall", "citation_retrieved", "citation_verbatim")

    def __init__(self, lookup: Lookup | None = None) -> None:
        self.lookup = lookup

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Shares in [0, 1]."""
        every = [cited for shown in suggestions(prediction) for cited in citations(shown)]
        return {**self._against_gold(example, prediction), **self._real(every, prediction)}

    def _against_gold(self, example: Example, prediction: Prediction) -> Found:
        names, shown, wanted = self.names[:2], answers(prediction), set(gold(example))
        if not shown or not wanted or task(example) != "answer":
            return dict.fromkeys(names, "another task" if shown else SILENCE)
        best = citations(shown[0])
        quotes = example.expected.get("quotes") or []
        right = [c.passage_id in wanted or any(same_quote(c.quote, q) for q in quotes) for c in best]
        return {
            "citation_precision": sum(right) / len(right) if right else "no citation",
            "citation_recall": len(wanted & {cited.passage_id for cited in best}) / len(wanted),
        }

    def _real(self, every: list[Citation], prediction: Prediction) -> Found:
        if not every:
            return dict.fromkeys(self.names[2:], "no citation")
        retrieved = set(prediction.documents)
        return {
            "citation_retrieved": sum(c.passage_id in retrieved for c in every) / len(every)
            if retrieved
            else "nothing retrieved was recorded",
            "citation_verbatim": sum(stands(c, self.lookup) for c in every) / len(every)
            if self.lookup
            else "no passages to look in",
        }


def stands(citation: Citation, lookup: Lookup) -> bool:
    """Whether a quote stands letter by letter where it says, in the version of the passage that it names."""
    passage = lookup(citation.passage_id)
    if passage is None or not citation.quote or passage.version != citation.version:
        return False
    return passage.text[citation.start : citation.end] == citation.quote
