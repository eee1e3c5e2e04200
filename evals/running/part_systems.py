"""Parts of the assistant under evaluation on their own: what is found, and what is known as personal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from evals.rows import Example, Prediction
from evals.running.systems import PipelineSystem, code_hash
from evals.scorers.reading import gold, turns
from pipelines.contracts import Message
from pipelines.errors import DataError

FOUND = ("understand", "question", "retrieve")


class RetrievalSystem(PipelineSystem):
    """A bundle's search as a message meets it: understood, spelled out, embedded, found; nothing is drafted.

    Example:
        >>> RetrievalSystem.name
        'retrieval'
    """

    name = "retrieval"

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        """``documents`` are the passages found, best first; ``output.hits`` their scores."""
        parts: Any = map(self.assistant.pipeline("suggest").get_component, FOUND)
        understand, question, retrieve = parts
        messages = [Message(**turn) for turn in turns(example)]
        hint = None if example.inputs.get("thread") else example.inputs.get("lang")
        started = time.perf_counter()
        known = example.inputs.get("context") or {}
        understood = understand.run(messages=messages, lang_hint=hint, context=known)["understanding"]
        asked = question.run(understanding=understood, messages=messages)
        given = {key: asked[key] for key in ("query", "lang", "vector", "learned")}
        hits = retrieve.run(**given)["hits"]
        spent = 1_000 * (time.perf_counter() - started)
        return Prediction(
            example_id=example.id, epoch=epoch, latency_ms=round(spent, 3),
            documents=tuple(hit.passage.id for hit in hits),
            output={"hits": [{"id": hit.passage.id, "score": round(hit.score, 6)} for hit in hits]},
        )  # fmt: skip

    def refuse_unknown(self, examples: Sequence[Example]) -> None:
        """Hold the gold passages against the index: what is not in it could never be found.

        Raises:
            DataError: names the row and the passage.
        """
        retrieve: Any = self.assistant.pipeline("suggest").get_component("retrieve")
        known = retrieve.store.generation.row_of
        for example in examples:
            for wanted in gold(example):
                if wanted not in known:
                    raise DataError(
                        f"{example.source}, the row {example.id!r}: the bundle's index holds no {wanted!r}.",
                        mend="Name passages of it, or index the knowledge that the rows are about.",
                    )


class PrivacySystem:
    """What is personal in a text, by the code that redacts and stands in.

    Example:
        >>> asked = Example(id="m", inputs={"text": "écris à a@b.fr", "lang": "fr"})
        >>> PrivacySystem().predict(asked).output["text"]
        'écris à [EMAIL]'
    """

    name = "privacy"

    def describe(self) -> dict[str, Any]:
        """Code alone: nothing is learned."""
        return {"system": self.name, "code": code_hash()}

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        """``output.spans`` in characters of the text, and ``output.text`` without them."""
        from pipelines.privacy.detecting import personal_spans
        from pipelines.privacy.redacting import redact

        text, lang = str(example.inputs["text"]), str(example.inputs.get("lang") or "fr")
        started = time.perf_counter()
        spans = personal_spans(text, lang)
        spent = 1_000 * (time.perf_counter() - started)
        found = [{"start": span.start, "end": span.end, "type": span.kind} for span in spans]
        return Prediction(
            example_id=example.id, epoch=epoch, output={"spans": found, "text": redact(text, lang)},
            latency_ms=round(spent, 3),
        )  # fmt: skip
