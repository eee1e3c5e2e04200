"""What else a model is asked: a hand-over note, an intent, a template's values, a question for the search.

Each answer is read in its schema and checked against the thread; what does not hold is dropped. Where nothing
is left, or the model fails, the caller's own answer stands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from haystack.components.generators.chat import FallbackChatGenerator
from haystack.dataclasses import ChatMessage, StreamingChunk

from pipelines.contracts import Engine, Message, SummaryAnswer
from pipelines.drafting.facts import links
from pipelines.generating.calls import CURRENT, Call, FailureKind, ModelFailure
from pipelines.generating.checking import all_facts, tidy
from pipelines.generating.notes import items, text_of, verified_note
from pipelines.generating.prices import Prices
from pipelines.generating.prompts import PromptBook
from pipelines.generating.protecting import Protected, Pseudonymiser
from pipelines.generating.provider import failure_kind
from pipelines.generating.quoting import new_mark, quoted, shown_context, shown_thread
from pipelines.generating.reading import LONGEST, read_object
from pipelines.generating.schemas import response_format
from pipelines.understanding.language import LanguageIdentifier

LANGUAGE = {"fr": "French", "en": "English", "es": "Spanish"}
LONGEST_QUERY = 200
LONGEST_VALUE = 100


class ModelTasks:
    """Small tasks for the models of a chain; every method is awaited on the models' loop.

    Args:
        room: characters of a thread that a model can read.
    """

    def __init__(
        self, chain: FallbackChatGenerator, models: Sequence[str], prompts: PromptBook, prices: Prices,
        pseudonymiser: Pseudonymiser, languages: LanguageIdentifier,
        *, brand: str, deadline_s: float, room: int,
    ) -> None:  # fmt: skip
        self._chain, self._models, self._prompts, self._prices = chain, models, prompts, prices
        self._pseudonymiser, self._languages = pseudonymiser, languages
        self._brand, self._deadline_s, self._room = brand, deadline_s, room

    async def summarize(self, thread: Sequence[Message], extracted: SummaryAnswer) -> SummaryAnswer:
        """A hand-over note whose sentences rest on the messages that they name, or the extracted one."""
        began, lang = time.perf_counter(), extracted.lang
        if lang not in LANGUAGE:
            return extracted
        shown = self._protect(thread, {}, lang)
        value, engine = await self._ask("summarize", self._thread(shown, lang))
        timing = dict(extracted.timing_ms)
        note = verified_note(value or {}, thread, shown.restore, lang, self._languages)
        timing["generate"] = round((time.perf_counter() - began) * 1000, 3)
        if engine.fallback is None and not note["issue"]:
            engine = engine.model_copy(
                update={"name": "extractive", "model": None, "fallback": "unsupported"}
            )
        kept = note if engine.fallback is None else {}
        return extracted.model_copy(update={**kept, "engine": engine, "timing_ms": timing})

    async def classify(self, text: str, labels: Mapping[str, str], lang: str) -> tuple[str | None, Engine]:
        """One of ``labels`` (name -> what it means), or None."""
        mark = new_mark()
        shown = self._protect([Message(role="customer", text=text)], {}, lang)
        listed = "\n".join(f"- {name}: {meaning}" for name, meaning in labels.items())
        variables = {"labels": listed, "text": quoted("message", shown.messages[0].text, mark), "mark": mark}
        value, engine = await self._ask("classify", variables, tuple(labels))
        intent = text_of((value or {}).get("intent"))
        return (intent if intent in labels else None), engine

    async def route(
        self, thread: Sequence[Message], routes: Mapping[str, str], lang: str
    ) -> tuple[str | None, Engine]:
        """One of ``routes`` (name -> what it means) for the last messages of the customer, or None."""
        mark, shown = new_mark(), self._protect(thread, {}, lang)
        listed = "\n".join(f"- {name}: {meaning}" for name, meaning in routes.items())
        said = quoted("thread", shown_thread(shown.messages, self._room), mark)
        value, engine = await self._ask(
            "route", {"labels": listed, "thread": said, "mark": mark}, tuple(routes)
        )
        route = text_of((value or {}).get("route"))
        return (route if route in routes else None), engine

    async def rewrite_query(self, thread: Sequence[Message], lang: str) -> tuple[str | None, Engine]:
        """The last messages as one question that adds no fact to the thread, or None."""
        shown = self._protect(thread, {}, lang)
        value, engine = await self._ask("rewrite_query", self._thread(shown, lang))
        query = tidy(shown.restore(text_of((value or {}).get("query"))))
        known = all_facts("\n".join(message.text for message in thread), lang)
        good = 0 < len(query) <= LONGEST_QUERY and not all_facts(query, lang) - known
        return (query if good and self._in_language(query, lang) else None), engine

    async def fill_template(
        self,
        body: str,
        wanted: Sequence[str],
        context: Mapping[str, str],
        thread: Sequence[Message],
        lang: str,
    ) -> tuple[dict[str, str], Engine]:
        """Values of ``wanted`` variables that stand word for word in the context or the thread."""
        shown, mark = self._protect(thread, context, lang), new_mark()
        variables = {
            "mark": mark, "body": quoted("template", body, mark), "variables": ", ".join(wanted),
            "context": quoted("facts", shown_context(shown.context), mark),
            "thread": quoted("thread", shown_thread(shown.messages, self._room), mark),
        }  # fmt: skip
        value, engine = await self._ask("fill_template", variables)
        said = [*context.values(), *(message.text for message in thread)]
        filled: dict[str, str] = {}
        for item in items((value or {}).get("variables")):
            name, text = (
                text_of(item.get("name")),
                " ".join(shown.restore(text_of(item.get("value"))).split()),
            )
            stands = any(text in " ".join(source.split()) for source in said)
            if name in wanted and 0 < len(text) <= LONGEST_VALUE and stands and not links(text):
                filled.setdefault(name, text)
        return filled, engine

    async def _ask(
        self, name: str, variables: Mapping[str, str], labels: Sequence[str] = ()
    ) -> tuple[dict[str, Any] | None, Engine]:
        """The object of an answer, and who spoke; None when no model answered readably."""
        messages = self._prompts[name].render(brand=self._brand, **variables)
        pieces: list[str] = []
        call = Call(time.monotonic() + self._deadline_s, begin=pieces.clear)
        CURRENT.set(call)
        value, model, failure = None, None, None
        try:
            async with asyncio.timeout(self._deadline_s):
                model = await self._once(messages, pieces, name, labels)
                value = read_object("".join(pieces))
        except TimeoutError:
            failure = "timeout"
        except (ModelFailure, RuntimeError) as error:
            failure = failure_kind(error, call)
        if failure is None and value is None:
            failure = "unreadable" if "".join(pieces).strip() else "empty"
        usage = self._prices.usage(call.spent, call.attempts)
        if failure is not None:
            return None, Engine(fallback=failure, usage=usage)
        return value, Engine(name="llm", model=model, usage=usage)

    async def _once(
        self, messages: list[ChatMessage], pieces: list[str], name: str, labels: Sequence[str]
    ) -> str:
        size = 0

        async def on_chunk(chunk: StreamingChunk) -> None:
            nonlocal size
            pieces.append(chunk.content)
            size += len(chunk.content)
            if size > LONGEST:
                kind: FailureKind = "endless"
                raise ModelFailure(kind)

        result: dict[str, Any] = await self._chain.run_async(
            messages, streaming_callback=on_chunk,
            generation_kwargs={"response_format": response_format(name, labels)},
        )  # fmt: skip
        return self._models[int(result["meta"]["successful_chat_generator_index"])]

    def _protect(self, thread: Sequence[Message], context: Mapping[str, str], lang: str) -> Protected:
        return self._pseudonymiser.protect(thread, context, [], lang)

    def _thread(self, shown: Protected, lang: str) -> dict[str, str]:
        mark = new_mark()
        thread = quoted("thread", shown_thread(shown.messages, self._room), mark)
        return {"mark": mark, "language": LANGUAGE[lang], "thread": thread}

    def _in_language(self, text: str, lang: str) -> bool:
        return self._languages.identify(text, lang).lang == lang
