"""From a thread and what was understood of it to the question that evidence is sought for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from haystack import component, default_from_dict, default_to_dict
from numpy.typing import NDArray

from pipelines.contracts import Message, Understanding
from pipelines.drafting.inquiry import Question
from pipelines.embedding import shared_encoder
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.matcher import Matcher, matcher_id
from pipelines.knowledge.matcher_documents import load_documents
from pipelines.knowledge.matcher_pairs import query_text
from pipelines.text import clean
from pipelines.understanding.bursts import MAX_QUERY_CHARS
from pipelines.understanding.gloss import gloss
from pipelines.understanding.intents import IntentModel

CONTEXT_MESSAGES = 5
CONTEXT_CHARS = 700
REQUEST_CHARS = 2_000


@component
class QuestionBuilder:
    """Adds the thread's words to the burst, spells both out, and embeds them.

    Args:
        cache: folder of the embedding model.  matcher_path: folder of the matcher; may be absent.
        catalogue_path: product catalogue; may be absent.

    Example:
        >>> QuestionBuilder(".cache", "matcher", "catalogue.json").matcher_path
        'matcher'
    """

    def __init__(self, cache: str, matcher_path: str, catalogue_path: str) -> None:
        self.cache, self.matcher_path, self.catalogue_path = cache, matcher_path, catalogue_path
        self.encoder = shared_encoder(Path(cache))
        self.matcher: Matcher | None = None
        self.documents: IntentModel | None = None
        self.catalogue = Catalogue([])
        self._ready = False

    def to_dict(self) -> dict[str, Any]:
        """For pipeline YAML."""
        return default_to_dict(
            self, cache=self.cache, matcher_path=self.matcher_path, catalogue_path=self.catalogue_path
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> QuestionBuilder:
        """From pipeline YAML."""
        return default_from_dict(cls, data)

    def warm_up(self) -> None:
        """Load the models that are there."""
        if self._ready:
            return
        self.encoder.warm_up(wide=True)
        if matcher_id(Path(self.matcher_path)):
            self.matcher = Matcher.load(Path(self.matcher_path))
            self.documents = load_documents(Path(self.matcher_path), self.encoder)
        self.catalogue = Catalogue.load(Path(self.catalogue_path))
        self._ready = True

    @component.output_types(
        question=Question, query=str, lang=str, vector=NDArray[np.float32], learned=NDArray[np.float32] | None
    )
    def run(self, understanding: Understanding, messages: Sequence[Message]) -> dict[str, Any]:
        """The question, and what retrieval needs of it."""
        self.warm_up()
        lang = understanding.lang
        request = query_text(understanding.request[:REQUEST_CHARS], lang, self.catalogue)
        earlier = context_of(messages, understanding.based_on)
        text = query_text(f"{earlier}\n{understanding.request[:REQUEST_CHARS]}".strip(), lang, self.catalogue)
        vector = self.encoder.encode_one(gloss(text, lang))
        learned = self._learned(text, vector)
        own, own_learned = vector, learned
        if text != request:
            own = self.encoder.encode_one(gloss(request, lang))
            own_learned = self._learned(request, own)
        written = understanding.request[:MAX_QUERY_CHARS]
        question = Question(
            text=text, request=request, lang=lang, vector=vector, request_vector=own,
            intents=dict(understanding.intents), learned=learned, request_learned=own_learned,
            out_of_scope=understanding.intent.out_of_scope if understanding.intent else 0.0,
            told=self._told(written, lang), wide=self._wide(written, lang), said=said_by_agent(messages),
        )  # fmt: skip
        return {
            "question": question,
            "query": text,
            "lang": lang,
            "vector": vector,
            "learned": learned,
        }

    def _learned(self, text: str, vector: NDArray[np.float32]) -> NDArray[np.float32] | None:
        return None if self.matcher is None else self.matcher.encode([text], vector[None])[0]

    def _told(self, written: str, lang: str) -> dict[str, float]:
        return {} if self.documents is None else self.documents.scores(written, lang)

    def _wide(self, request: str, lang: str) -> NDArray[np.float32]:
        """As the intent model reads it, whose vectors the encoder still has."""
        return self.encoder.encode_one_wide(request, gloss(request, lang))


def said_by_agent(messages: Sequence[Message]) -> str:
    """What the agent wrote among the last messages, newest kept when it is long."""
    said = [message.text for message in messages[-CONTEXT_MESSAGES:] if message.role == "agent"]
    return "\n".join(map(clean, said))[-CONTEXT_CHARS:]


def context_of(messages: Sequence[Message], based_on: str | None) -> str:
    """The few messages before the last customer burst, newest kept when they are long."""
    last = next((i for i in range(len(messages) - 1, -1, -1) if (messages[i].id or str(i)) == based_on), -1)
    first = last
    while first > 0 and messages[first - 1].role == "customer":
        first -= 1
    earlier = [clean(message.text) for message in messages[max(0, first - CONTEXT_MESSAGES) : max(first, 0)]]
    return "\n".join(earlier)[-CONTEXT_CHARS:]
