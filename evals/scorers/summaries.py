"""Does a hand-over note point to the right messages, and say what they say?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.rows import Example, Prediction
from evals.scorers.measuring import Found, RowScorer
from evals.scorers.reading import summary_sentences, turns
from pipelines.summarizing.sections import SECTIONS


class SummaryScorer(RowScorer):
    """Pointers and sections of a summary; its words are judged by ROUGE, chrF and the unsupported facts.

    * ``pointer_precision``, ``pointer_recall``: messages pointed to against ``expected.evidence`` (indexes of
      turns by section), over the sections;
    * ``pointer_exists``: share of pointers that name a message of the thread at all;
    * ``verbatim``: share of sentences that stand word for word in a message they point to;
    * ``section_agreement``: share of the sections that are empty, or filled, as in the reference.

    Example:
        >>> asked = Example(id="t", inputs={"turns": [{"role": "customer", "text": "Le four est mort."}]})
        >>> note = {"issue": [{"text": "Le four est mort.", "messages": ["0"]}], "done": []}
        >>> made = SummaryScorer().score(asked, Prediction(example_id="t", output=note))
        >>> {score.name: score.value for score in made if score.status == "value"}
        {'pointer_exists': 1.0, 'verbatim': 1.0}
    """

    names = ("pointer_precision", "pointer_recall", "pointer_exists", "verbatim", "section_agreement")

    def measure(self, example: Example, prediction: Prediction) -> Found:
        """Shares in [0, 1]."""
        said_before = turns(example)
        places = {str(turn.get("id") or index): index for index, turn in enumerate(said_before)}
        sentences = summary_sentences(prediction)
        pointers = [str(pointer) for sentence in sentences for pointer in sentence.get("messages") or []]
        exists: float | str = "no pointer"
        if pointers:
            exists = sum(pointer in places for pointer in pointers) / len(pointers)
        standing = [_stands(sentence, said_before, places) for sentence in sentences]
        return {
            **_pointed(prediction, example.expected.get("evidence"), places),
            "pointer_exists": exists,
            "verbatim": sum(standing) / len(standing) if standing else "empty summary",
            "section_agreement": _agreement(prediction, example.expected.get("summary")),
        }


def _pointed(prediction: Prediction, evidence: Any, places: Mapping[str, int]) -> Found:
    if not isinstance(evidence, Mapping):
        return dict.fromkeys(SummaryScorer.names[:2], "no evidence given")
    right = pointed = found = wanted = 0
    for section in SECTIONS:
        gold = {int(index) for index in evidence.get(section) or []}
        ours = [
            places.get(str(pointer))
            for sentence in prediction.output.get(section) or []
            for pointer in sentence.get("messages") or []
        ]
        right, pointed = right + sum(one in gold for one in ours), pointed + len(ours)
        found, wanted = found + len(gold & set(ours)), wanted + len(gold)
    return {
        "pointer_precision": right / pointed if pointed else "no pointer",
        "pointer_recall": found / wanted if wanted else "no evidence given",
    }


def _stands(
    sentence: Mapping[str, Any], thread: Sequence[Mapping[str, Any]], places: Mapping[str, int]
) -> bool:
    pointed = [places[str(p)] for p in sentence.get("messages") or [] if str(p) in places]
    return any(str(sentence["text"]) in str(thread[index]["text"]) for index in pointed)


def _agreement(prediction: Prediction, reference: Any) -> float | str:
    if not isinstance(reference, Mapping):
        return "no sections in the reference"
    same = [bool(reference.get(s)) == bool(prediction.output.get(s)) for s in SECTIONS]
    return sum(same) / len(same)
