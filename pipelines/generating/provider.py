"""One model behind an OpenAI-compatible endpoint, made patient, polite and mindful of the time left."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

from haystack import component
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage, StreamingCallbackT
from haystack.tools import ToolsType
from haystack.utils import Secret

from pipelines.generating.breaker import Breaker
from pipelines.generating.calls import CURRENT, Call, FailureKind, ModelFailure, Spent
from pipelines.generating.failures import COUNTED, RETRIED, Say, classify, line, warn

KEYLESS = "none"
"""What a local server without keys is sent: the client insists on one."""
LEAST_S = 0.05
EARLIER_S = 0.02
"""A model's time ends before that of the whole call: so it is known whose fault it was."""
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 8.0
CONNECT_S = 3.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is, and how it is asked.

    Attributes:
        share: of the time left that it may use; below 1 where another model stands behind it.

    Example:
        >>> Endpoint("http://127.0.0.1:11434/v1", "mistral").share
        1.0
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    options: dict[str, Any] = field(default_factory=dict)
    retries: int = 2
    breaker_failures: int = 5
    share: float = 1.0


@component
class GuardedChatGenerator:
    """Haystack's OpenAIChatGenerator within a deadline, with retries, a circuit breaker and fewer demands.

    What a server does not know (a JSON schema, JSON mode, counted streams) is left out from then on.

    Example:
        >>> GuardedChatGenerator(Endpoint("http://127.0.0.1:1/v1", "m")).endpoint.model
        'm'
    """

    def __init__(self, endpoint: Endpoint, say: Say = warn) -> None:
        self.endpoint, self._say = endpoint, say
        self.breaker = Breaker(endpoint.breaker_failures)
        self.without: set[str] = set()
        self._told: set[str] = set()
        self._generator = OpenAIChatGenerator(
            api_key=Secret.from_token(endpoint.api_key or KEYLESS), model=endpoint.model,
            api_base_url=endpoint.base_url, generation_kwargs=dict(endpoint.options),
            # Ours are the retries: the client's own would sleep past the deadline.
            max_retries=0, timeout=120.0,
        )  # fmt: skip

    async def warm_up_async(self) -> None:
        """Make the client, and load what it loads at its first use (half a second)."""
        await self._generator.warm_up_async()
        client: Any = self._generator.async_client
        _ = client.chat.completions

    async def close_async(self) -> None:
        """Close the client's connections."""
        await self._generator.close_async()

    @component.output_types(replies=list[ChatMessage])
    def run(
        self, messages: list[ChatMessage], streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None, tools: ToolsType | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The same as :meth:`run_async`, for a caller that can wait."""

        async def once() -> dict[str, Any]:
            try:
                return await self.run_async(messages, streaming_callback, generation_kwargs, tools)
            finally:
                # A client's connections belong to the loop that they were made on.
                await self.close_async()

        return asyncio.run(once())

    @component.output_types(replies=list[ChatMessage])
    async def run_async(
        self, messages: list[ChatMessage], streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None, tools: ToolsType | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """One reply; what was streamed before a connection broke is kept when it is worth it.

        Raises:
            ModelFailure: there is no reply within the time left.
        """
        call = CURRENT.get() or Call(asyncio.get_running_loop().time() + 60)
        if not self.breaker.allows():
            raise self._failed(call, ModelFailure("resting"))
        ends = asyncio.get_running_loop().time() + call.left() * self.endpoint.share - EARLIER_S
        try:
            return await self._tried(call, ends, messages, streaming_callback, dict(generation_kwargs or {}))
        except ModelFailure as failure:
            if failure.kind in COUNTED:
                self.breaker.failed(failure.retry_after)
            else:
                self.breaker.abandoned()
            if call.worth_keeping():
                return {"replies": [ChatMessage.from_assistant("", meta={"interrupted": failure.kind})]}
            raise
        except BaseException:
            self.breaker.abandoned()
            raise

    async def _tried(
        self, call: Call, ends: float, messages: list[ChatMessage], callback: StreamingCallbackT | None,
        wishes: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        tries = 0
        while True:
            left = ends - asyncio.get_running_loop().time()
            if left < LEAST_S:
                raise self._failed(call, ModelFailure("timeout"))
            call.attempts += 1
            call.begin()
            try:
                async with asyncio.timeout(left):
                    result = await self._generator.run_async(
                        messages, callback, generation_kwargs=self._wishes(wishes)
                    )
            except Exception as error:
                failure, unknown = classify(error, self.without)
                if unknown:
                    self._do_without(unknown)
                    continue
                self._failed(call, failure)
                tries += 1
                again = failure.kind in RETRIED and tries <= self.endpoint.retries
                if not again or call.worth_keeping():
                    raise failure from None
                await self._wait(tries, failure, ends)
                continue
            self.breaker.succeeded()
            self._told.clear()
            call.spent.append(_spent(self.endpoint.model, result["replies"]))
            return dict(result)

    def _wishes(self, wishes: dict[str, Any]) -> dict[str, Any]:
        """What is asked of the server, as far as it knows it."""
        asked = {"stream_options": {"include_usage": True}, **wishes}
        if "json_schema" in self.without and "response_format" in asked:
            asked["response_format"] = {"type": "json_object"}
        return {key: value for key, value in asked.items() if key not in self.without}

    def _do_without(self, what: str) -> None:
        self.without.add(what)
        self._say(*line(self.endpoint, what))

    def _failed(self, call: Call, failure: ModelFailure) -> ModelFailure:
        call.failures.append((self.endpoint.model, failure.kind))
        if failure.kind not in self._told:
            self._told.add(failure.kind)
            self._say(*line(self.endpoint, failure.kind))
        return failure

    async def _wait(self, tries: int, failure: ModelFailure, ends: float) -> None:
        """Before another try: as long as the server asks, or twice as long each time, with jitter."""
        backoff = min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S) * random.uniform(0.5, 1.0)
        wait = backoff if failure.retry_after is None else failure.retry_after + random.uniform(0, 0.1)
        if asyncio.get_running_loop().time() + wait >= ends - LEAST_S:
            raise failure
        await asyncio.sleep(wait)


def _spent(model: str, replies: list[ChatMessage]) -> Spent:
    usage: dict[str, Any] = (replies[0].meta.get("usage") if replies else None) or {}
    counts = [usage.get(key) for key in ("prompt_tokens", "completion_tokens")]
    known = [count if isinstance(count, int) and count >= 0 else None for count in counts]
    return Spent(model, known[0], known[1])


def failure_kind(error: BaseException, call: Call) -> FailureKind:
    """Why a chain of models gave no reply: the last failure that was noted."""
    return (
        error.kind if isinstance(error, ModelFailure) else call.failures[-1][1] if call.failures else "server"
    )
