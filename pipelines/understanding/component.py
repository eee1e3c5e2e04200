"""The first stage: what the customer's last burst says, in which language, about what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from haystack import component, default_from_dict, default_to_dict

from pipelines.contracts import LANGS, Message, Understanding
from pipelines.embedding import shared_encoder
from pipelines.understanding.bursts import MAX_QUERY_CHARS, customer_bursts, search_query
from pipelines.understanding.entities import entities
from pipelines.understanding.intents import IntentModel, IntentPrediction
from pipelines.understanding.language import LanguageIdentifier
from pipelines.understanding.requests import is_request, words_alone

TOP_INTENTS = 5
SURE = 0.5
SURE_IN_SCOPE = 0.2
"""A burst that is plainly about something, or plainly in scope, is judged without the thread."""


@component
class Understander:
    """Fills an :class:`Understanding` from a thread; nothing in a thread makes it fail.

    Args:
        intents_path: folder of the intent model.  cache: folder of the embedding model.
        served: languages that are answered.

    Example:
        >>> Understander("models/intents", ".cache").to_dict()["init_parameters"]["served"]
        ['fr', 'en', 'es']
    """

    def __init__(self, intents_path: str, cache: str, served: list[str] | None = None) -> None:
        self.intents_path = intents_path
        self.cache = cache
        self.served = list(served or LANGS)
        self.encoder = shared_encoder(Path(cache))
        self.languages = LanguageIdentifier(self.served)
        self.model: IntentModel | None = None

    def to_dict(self) -> dict[str, Any]:
        """For a pipeline definition."""
        return default_to_dict(self, intents_path=self.intents_path, cache=self.cache, served=self.served)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Understander:
        """From a pipeline definition."""
        return default_from_dict(cls, data)

    def warm_up(self) -> None:
        """Load the language, embedding and intent models."""
        if self.model is None:
            self.languages.warm_up()
            self.encoder.warm_up(wide=True)
            self.model = IntentModel.load(Path(self.intents_path), self.encoder)

    @component.output_types(understanding=Understanding)
    def run(
        self, messages: Sequence[Message], lang_hint: str | None = None, context: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """What was understood.

        Args:
            lang_hint: used when neither the burst nor the thread settles the language.
            context: known facts; ``lang`` or ``locale`` there is a weaker hint.
        """
        self.warm_up()
        bursts = customer_bursts(messages)
        request = bursts[-1].text if bursts else ""
        lang = self._language(request, messages, lang_hint or _locale(context))
        query = search_query(bursts, lang)
        prediction = self._predict(request, query, lang)
        understanding = Understanding(
            request=request,
            query=query,
            lang=lang,
            served=lang in self.served,
            intent=prediction.intent() if prediction else None,
            is_request=is_request(request, prediction),
            entities=entities(request, lang),
            based_on=_based_on(messages, bursts[-1].last) if bursts else None,
            intents=prediction.labels[:TOP_INTENTS] if prediction else (),
        )
        return {"understanding": understanding}

    def _language(self, request: str, messages: Sequence[Message], hint: str | None) -> str:
        own = self.languages.identify(request)
        if own.reliable:
            return own.lang
        thread = self.languages.thread_language(messages)
        fallback = thread.lang if thread.reliable else hint
        return self.languages.identify(request, fallback).lang

    def _predict(self, request: str, query: str, lang: str) -> IntentPrediction | None:
        if self.model is None or not words_alone(request):
            return None
        # The intent is that of the burst itself, unless it only makes sense with what came before.
        own = self.model.predict(request[:MAX_QUERY_CHARS], lang=lang)
        if request == query or own.labels[0][1] >= SURE or own.out_of_scope < SURE_IN_SCOPE:
            return own
        with_thread = self.model.predict(query, lang=lang)
        return with_thread if with_thread.labels[0][1] > own.labels[0][1] else own


def _based_on(messages: Sequence[Message], index: int) -> str:
    return messages[index].id or str(index)


def _locale(context: dict[str, str] | None) -> str | None:
    value = (context or {}).get("lang") or (context or {}).get("locale") or ""
    code = value[:2].lower()
    return code if len(code) == 2 and code.isalpha() else None
