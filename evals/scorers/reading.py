"""What a row asks for and what a prediction says, whatever the kind of its system.

output of a system      what is read
suggestions             ``suggestions[{text, kind, citations[{passage_id, quote, ...}]}]``; none: silence
summaries               ``issue, done, resolution, next_step``, each ``[{text, messages}]``
any other text          ``text``
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from evals.rows import Example, Prediction
from pipelines.contracts import Citation, Passage
from pipelines.knowledge.generation import Generation
from pipelines.summarizing.sections import SECTIONS

Lookup = Callable[[str], Passage | None]
"""The passage of an id, or None."""

_UNSAID = {"sentence": 0, "document_id": "", "version": "", "title": "", "url": "", "start": 0, "end": 0}


def suggestions(prediction: Prediction) -> list[dict[str, Any]]:
    """All suggestions that are shown, clarifying questions among them."""
    return list(prediction.output.get("suggestions") or [])


def answers(prediction: Prediction) -> list[dict[str, Any]]:
    """Suggestions that state something, best first; a clarifying question states nothing."""
    return [shown for shown in suggestions(prediction) if shown.get("kind") != "question"]


def said(prediction: Prediction) -> str | None:
    """The text that is judged: the best answer, the whole summary, or ``text``; None for silence.

    Example:
        >>> said(Prediction(example_id="a", output={"suggestions": [{"text": "Sous 3 jours."}]}))
        'Sous 3 jours.'
    """
    if "suggestions" in prediction.output:
        shown = answers(prediction)
        return str(shown[0]["text"]) if shown else None
    if any(section in prediction.output for section in SECTIONS):
        return " ".join(sentence["text"] for sentence in summary_sentences(prediction))
    text = prediction.output.get("text")
    return str(text) if text else None


def summary_sentences(prediction: Prediction) -> list[dict[str, Any]]:
    """The sentences of a summary, section after section, each once."""
    every = [sentence for section in SECTIONS for sentence in prediction.output.get(section) or []]
    return list({(s["text"], tuple(s.get("messages") or ())): s for s in every}.values())


def citations(shown: Mapping[str, Any]) -> list[Citation]:
    """The citations of one suggestion; what another system does not know of them is left empty."""
    return [Citation.model_validate({**_UNSAID, **cited}) for cited in shown.get("citations") or []]


def references(example: Example) -> list[str]:
    """Reference texts of a row: ``reference`` or ``summary``, as a text, a list, or a text by section."""
    given = example.expected.get("reference") or example.expected.get("summary") or []
    if isinstance(given, Mapping):
        given = " ".join(text for section in SECTIONS if (text := str(given.get(section) or "").strip()))
    texts = [given] if isinstance(given, str) else given
    return [text for text in map(str, texts) if text.strip()]


def gold(example: Example) -> list[str]:
    """Ids of the passages that answer a row; an empty list where there are none."""
    given = example.expected.get("gold") or []
    return [given] if isinstance(given, str) else [str(one) for one in given]


def turns(example: Example) -> list[dict[str, Any]]:
    """What was said before: ``thread`` or ``turns``, or the one message of ``query`` or ``text``."""
    given = example.inputs.get("thread") or example.inputs.get("turns")
    if given:
        return list(given)
    text = example.inputs.get("query") or example.inputs.get("text") or example.inputs.get("dialogue") or ""
    return [{"role": "customer", "text": str(text)}]


def language(example: Example) -> str | None:
    """The language in which a row is to be answered, when it says so."""
    lang = example.expected.get("lang") or example.inputs.get("lang") or example.slices.get("lang")
    return str(lang) if lang else None


def task(example: Example) -> str | None:
    """What the desk should do: ``answer``, ``ask`` or ``silence``; None when the row does not say."""
    answerable = example.expected.get("answerable", bool(gold(example)) or None)
    if answerable is None:
        return None
    if not answerable:
        return "silence"
    return "ask" if example.expected.get("ask") else "answer"


def document_of(passage_id: str) -> str:
    """The document of a passage id: ``returns.fr#how-long`` belongs to ``returns.fr``."""
    return passage_id.partition("#")[0]


def passages_of(generation: Generation) -> Lookup:
    """The passages of an index, by id."""

    def find(passage_id: str) -> Passage | None:
        row = generation.row_of.get(passage_id)
        return None if row is None else generation.passage(row)

    return find
