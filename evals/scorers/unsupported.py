"""Facts that nothing carries: amounts, delays, dates, codes, links in neither the sources nor the thread."""

from __future__ import annotations

from evals.rows import Example, Prediction
from evals.scorers.measuring import SILENCE, Found, RowScorer
from evals.scorers.reading import Lookup, answers, citations, language, said, turns
from pipelines.drafting.facts import facts, worded_facts


class UnsupportedScorer(RowScorer):
    """Share of invented facts in what is said, and whether there is one at all.

    A reply may state what its cited passages hold (their quotes alone without ``lookup``), what was said in
    the thread and what the context knows; a summary what was said in the thread. ``unsupported_fact_rate`` is
    of texts that state a checkable fact; ``has_unsupported_fact`` (0 or 1) of all.

    Example:
        >>> asked = Example(id="q", inputs={"query": "commande 4512, délai ?"})
        >>> cited = [{"passage_id": "a#x", "quote": "La livraison prend 3 jours."}]
        >>> reply = {"text": "Votre commande 4512 arrive sous 5 jours.", "citations": cited}
        >>> shown = Prediction(example_id="q", output={"suggestions": [reply]})
        >>> [round(score.value, 2) for score in UnsupportedScorer().score(asked, shown)]
        [0.67, 1.0]
    """

    names = ("unsupported_fact_rate", "has_unsupported_fact")

    def __init__(self, lookup: Lookup | None = None) -> None:
        self.lookup = lookup

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Values in [0, 1]; lower is better."""
        text = said(prediction)
        if text is None:
            return dict.fromkeys(self.names, SILENCE)
        stated = facts(text)
        invented = stated - self._known(example, prediction)
        rate: float | str = len(invented) / len(stated) if stated else "no checkable fact"
        return {"unsupported_fact_rate": rate, "has_unsupported_fact": float(bool(invented))}

    def _known(self, example: Example, prediction: Prediction) -> set[str]:
        context = example.inputs.get("context") or {}
        said_before = "\n".join([*(str(t["text"]) for t in turns(example)), *map(str, context.values())])
        known = facts(said_before) | worded_facts(said_before, language(example) or "")
        for shown in answers(prediction)[:1]:
            for cited in citations(shown):
                passage = self.lookup(cited.passage_id) if self.lookup else None
                source = f"{passage.title}\n{passage.heading}\n{passage.text}" if passage else cited.quote
                known |= facts(source) | worded_facts(
                    source, passage.lang if passage else language(example) or ""
                )
        return known
