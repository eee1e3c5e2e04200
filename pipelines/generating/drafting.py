"""Drafts by a language model over what the pipeline found, and the extracted answer when all fails."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, cast

from haystack import Pipeline
from haystack.components.generators.chat import FallbackChatGenerator
from haystack.dataclasses import ChatMessage

from pipelines.contracts import Engine, Message, SuggestAnswer, SummaryAnswer
from pipelines.generating.background import background
from pipelines.generating.calls import CURRENT, Call, FailureKind, ModelFailure
from pipelines.generating.desk import DraftDesk, Manner
from pipelines.generating.prices import Prices
from pipelines.generating.prompts import VARIABLES, PromptBook
from pipelines.generating.protecting import Pseudonymiser
from pipelines.generating.provider import GuardedChatGenerator, failure_kind
from pipelines.generating.schemas import response_format
from pipelines.generating.session import Emit, Session
from pipelines.generating.tasks import ModelTasks
from pipelines.suggest import Prepared

REPAIR = "That was not the JSON object asked for. Send the object alone, whole, with nothing around it."
REPAIR_LEAST_S = 0.5
for _name in ("fallback", "openai"):
    # Their warnings repeat in other words what is told once by us.
    logging.getLogger(f"haystack.components.generators.chat.{_name}").setLevel(logging.ERROR)


class Drafting:
    """Asks the models of some endpoints for drafts; one for a process, used from any thread.

    Args:
        pipeline: the warm suggestion pipeline, whose verifier, evidence and decider are used.
    """

    def __init__(
        self, chain: Sequence[GuardedChatGenerator], pipeline: Pipeline, prompts: PromptBook, prices: Prices,
        manner: Manner, pseudonymiser: Pseudonymiser | None = None,
    ) -> None:  # fmt: skip
        self.models = [generator.endpoint.model for generator in chain]
        self._chain = FallbackChatGenerator(list(chain))
        self.desk = DraftDesk(pipeline, prompts, manner, pseudonymiser)
        self.prompts, self.prices, self.manner = prompts, prices, manner
        self.pseudonymiser = self.desk.pseudonymiser
        self._running: dict[str, _Work] = {}
        self.tasks = ModelTasks(
            self._chain, self.models, prompts, prices, self.pseudonymiser, self.desk.languages,
            brand=manner.brand, deadline_s=manner.deadline_s, room=manner.room,
        )  # fmt: skip

    def warm_up(self) -> None:
        """Load what is loaded at first use, so that the first customer does not wait.

        Raises:
            PromptError: the prompt cannot be rendered.
        """
        self.desk.languages.warm_up()
        self.prompts["draft"].render(**dict.fromkeys(VARIABLES["draft"], ""))
        background().submit(self._chain.warm_up_async()).result()

    def close(self, after_s: float = 0.0) -> None:
        """Close the connections, at once or when the calls that are being made have ended."""

        async def closing() -> None:
            await asyncio.sleep(after_s)
            await self._chain.close_async()

        future = background().submit(closing())
        if not after_s:
            future.result()

    def submit(self, prepared: Prepared, emit: Emit = lambda event: None) -> Future[SuggestAnswer]:
        """Begin to draft; ``emit`` gets each sentence that may be shown, in the thread of the models' loop.

        Cancelling the future ends the model's call at once.
        """
        return background().submit(self.answer(prepared, emit))

    def submit_summary(self, thread: Sequence[Message], extracted: SummaryAnswer) -> Future[SummaryAnswer]:
        """Begin a hand-over note; the extracted one is given when the model's does not hold."""
        return background().submit(self.tasks.summarize(thread, extracted))

    async def answer(self, prepared: Prepared, emit: Emit) -> SuggestAnswer:
        """The model's verified replies, or the extracted ones; never an error of a model."""
        began = time.perf_counter()
        self._supersede(prepared.request.thread_id)
        understanding = prepared.understanding
        if not (understanding.served and understanding.is_request and prepared.hits):
            return _extracted(prepared, emit, None, began)
        work = _Work(asyncio.current_task(), prepared.request.thread_id)
        if work.thread_id:
            self._running[work.thread_id] = work
        try:
            return await self._drafted(prepared, emit, work, began)
        except asyncio.CancelledError:
            if work.stopped is None:
                raise
            return _extracted(prepared, emit, Engine(fallback=work.stopped), began)
        finally:
            if work.thread_id and self._running.get(work.thread_id) is work:
                del self._running[work.thread_id]

    async def _drafted(self, prepared: Prepared, emit: Emit, work: _Work, began: float) -> SuggestAnswer:
        call = Call(time.monotonic() + self.manner.deadline_s)
        session, messages = self.desk.prompted(prepared, emit)
        call.begin, call.worth_keeping = session.again, session.worth_keeping
        prompted = time.perf_counter()
        CURRENT.set(call)
        failure, model = await self._asked(call, session, messages)
        if work.stopped is not None:
            raise asyncio.CancelledError
        usage = self.prices.usage(call.spent, call.attempts)
        engine = Engine(usage=usage, sentences=session.written, dropped=dict(session.dropped))
        if failure is not None:
            return _extracted(prepared, emit, engine.model_copy(update={"fallback": failure}), began)
        engine = engine.model_copy(update={"name": "llm", "model": model})
        answer = self.desk.decided(prepared, session, engine)
        answer.timing_ms |= {
            "prompt": _ms(prompted - began), "check": _ms(session.seconds),
            "generate": _ms(time.perf_counter() - began),
        }  # fmt: skip
        answer.timing_ms["total"] = round(
            prepared.answer.timing_ms["total"] + answer.timing_ms["generate"], 3
        )
        emit(("answer", answer.model_dump()))
        return answer

    async def _asked(
        self, call: Call, session: Session, messages: list[ChatMessage]
    ) -> tuple[FailureKind | None, str | None]:
        """Ask, and once more when the answer cannot be read; the failure, or the model that answered."""
        model = None
        try:
            async with asyncio.timeout(call.left()):
                model = await self._once(session, messages)
                if not session.reader.readable and call.left() > REPAIR_LEAST_S:
                    said = session.reader.text[:4_000] or "{}"
                    again = [*messages, ChatMessage.from_assistant(said), ChatMessage.from_user(REPAIR)]
                    model = await self._once(session, again)
        except TimeoutError:
            call.failures.append((self.models[0], "timeout"))
            failure: FailureKind | None = "timeout"
        except (ModelFailure, RuntimeError) as error:
            failure = failure_kind(error, call)
        else:
            failure = None
        if session.worth_keeping():
            return None, model or self.models[0]
        if failure is None and not session.reader.readable:
            failure = "unreadable" if session.reader.text.strip() else "empty"
        if failure is None:
            session.finish()
        return failure, model

    async def _once(self, session: Session, messages: list[ChatMessage]) -> str:
        result = await self._chain.run_async(
            messages, streaming_callback=session.on_chunk,
            generation_kwargs={"response_format": response_format("draft")},
        )  # fmt: skip
        meta = cast(dict[str, Any], result["meta"])
        return self.models[int(meta["successful_chat_generator_index"])]

    def _supersede(self, thread_id: str | None) -> None:
        """End the call for an older message of the same thread: its answer would come too late."""
        older = self._running.pop(thread_id, None) if thread_id else None
        if older is not None:
            older.stop("superseded")


class _Work:
    """A call that is being made, and why it was stopped."""

    def __init__(self, task: asyncio.Task[Any] | None, thread_id: str | None) -> None:
        self.task, self.thread_id = task, thread_id
        self.stopped: FailureKind | None = None

    def stop(self, kind: FailureKind) -> None:
        self.stopped = kind
        if self.task is not None:
            self.task.cancel()


def _extracted(prepared: Prepared, emit: Emit, engine: Engine | None, began: float) -> SuggestAnswer:
    """The answer of the extractive composer, its sentences first."""
    timing = dict(prepared.answer.timing_ms)
    if engine is not None:
        timing["generate"] = _ms(time.perf_counter() - began)
        timing["total"] = round(timing["total"] + timing["generate"], 3)
    answer = prepared.answer.model_copy(update={"engine": engine or Engine(), "timing_ms": timing})
    for event in prepared.sentence_events():
        emit(event)
    emit(("answer", answer.model_dump()))
    return answer


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
