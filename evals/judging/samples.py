"""One row as a judge sees it: question, reply, contexts and reference, with nothing personal in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evals.judging.judge import DEPTH
from evals.rows import Example, Prediction
from evals.scorers.reading import Lookup, gold, language, references, said, turns
from pipelines.privacy.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Sample:
    """What the metrics of RAGAS read; an empty column is one that the row cannot fill.

    Attributes:
        response: the reply; None for silence.
        contexts: texts of the best retrieved passages, ``context_ids`` their ids.
        gold_contexts: texts that answer the question, ``gold_ids`` their ids.

    Example:
        >>> sample = Sample("je suis Alice Morel", "Bonjour Alice Morel", lang="fr")
        >>> sample.protected().response
        'Bonjour [NAME_1]'
    """

    question: str
    response: str | None
    contexts: tuple[str, ...] = ()
    reference: str = ""
    context_ids: tuple[str, ...] = ()
    gold_contexts: tuple[str, ...] = ()
    gold_ids: tuple[str, ...] = ()
    lang: str = "en"

    def protected(self) -> Sample:
        """The same with a mark in the place of each personal value, the same mark everywhere."""
        marks = Pseudonyms(self.lang)
        return replace(
            self,
            question=marks.protect(self.question),
            response=None if self.response is None else marks.protect(self.response),
            contexts=tuple(marks.protect(text) for text in self.contexts),
            reference=marks.protect(self.reference),
            gold_contexts=tuple(marks.protect(text) for text in self.gold_contexts),
        )

    def lacks(self, column: str) -> str:
        """Why a metric that needs this column has nothing to measure; empty when it has."""
        if column == "response" and self.response is None:
            return "silence"
        if getattr(self, column):
            return ""
        return "no gold passage" if column.startswith("gold") else f"no {column.replace('_', ' ')}"


def sample_of(example: Example, prediction: Prediction, lookup: Lookup | None = None) -> Sample:
    """The sample of a row.

    Args:
        lookup: texts of passages by id; without it, contexts are those of ``output.contexts``, or none.
    """
    asked = [str(turn["text"]) for turn in turns(example) if turn.get("role", "customer") == "customer"]
    quotes = [str(quote) for quote in example.expected.get("quotes") or []]
    contexts = map(str, prediction.output.get("contexts") or _texts(prediction.documents, lookup))
    return Sample(
        question="\n".join(asked), response=said(prediction), reference="\n".join(references(example)[:1]),
        contexts=tuple(contexts)[:DEPTH],
        context_ids=prediction.documents, gold_ids=tuple(gold(example)),
        gold_contexts=tuple(_texts(gold(example), lookup) or quotes), lang=language(example) or "en",
    )  # fmt: skip


def _texts(ids: tuple[str, ...] | list[str], lookup: Lookup | None) -> list[str]:
    passages = [lookup(id_) for id_ in ids[:DEPTH]] if lookup else []
    return [passage.text for passage in passages if passage is not None]
