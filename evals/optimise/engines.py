"""Models as DSPy calls them: behind its engine interface, each call kept on disk and within a budget."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import dspy
from dspy.lm15 import Message, Request, Response, Usage, response_to_events

from evals.optimise.icl import NAME, InContextLearner
from evals.optimise.reading_prompts import Turn
from pipelines.errors import DataError
from pipelines.generating.provider import Endpoint
from pipelines.hashing import canonical, sha256_text
from pipelines.settings import Settings

CALLS = "calls.jsonl"


class Model(Protocol):
    """Anything that answers messages with a text."""

    name: str

    def answer(self, system: str, turns: Sequence[Turn], options: dict[str, Any]) -> Answered:
        """The text of a reply, with tokens where they are known."""
        ...


class Answered(dict[str, Any]):
    """``text``, ``input_tokens`` and ``output_tokens`` of one reply, as kept on disk."""


class OfflineModel:
    """The in-context learner as a model; tokens are words, since it has none.

    Example:
        >>> OfflineModel.name
        'offline/icl'
    """

    name = NAME

    def __init__(self, learner: InContextLearner) -> None:
        self._learner = learner

    def answer(self, system: str, turns: Sequence[Turn], options: dict[str, Any]) -> Answered:
        """The learner's text."""
        text = self._learner.answer(system, turns)
        words = len(system.split()) + sum(len(said.split()) for _, said in turns)
        return Answered(text=text, input_tokens=words, output_tokens=len(text.split()))


class EndpointModel:
    """The model that the settings name, through the provider that also serves.

    Raises:
        DataError: it does not answer; the message says why.
    """

    def __init__(self, endpoint: Endpoint, deadline_s: float) -> None:
        self.name, self._endpoint, self._deadline_s = endpoint.model, endpoint, deadline_s

    def answer(self, system: str, turns: Sequence[Turn], options: dict[str, Any]) -> Answered:
        """The model's text; each call has a client of its own, so that threads share nothing."""
        from haystack.dataclasses import ChatMessage

        from pipelines.generating.calls import CURRENT, Call, ModelFailure
        from pipelines.generating.provider import GuardedChatGenerator

        messages = [ChatMessage.from_system(system)] if system else []
        messages += [
            ChatMessage.from_assistant(text) if role == "assistant" else ChatMessage.from_user(text)
            for role, text in turns
        ]
        call = Call(time.monotonic() + self._deadline_s)
        CURRENT.set(call)
        try:
            found = GuardedChatGenerator(self._endpoint).run(messages, _ignored, options)
        except ModelFailure as failure:
            raise DataError(
                f"The model {self.name!r} did not answer ({failure.kind}).",
                mend="Check it with: souffleur llm check; then run the same command again: it goes on.",
            ) from None
        spent = call.spent[-1]
        return Answered(
            text=str(found["replies"][0].text or ""), input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
        )  # fmt: skip


async def _ignored(chunk: Any) -> None:
    """Pieces of an answer are not looked at; it is streamed as the service's are."""


class Stop(BaseException):
    """Ends a search at once: DSPy counts every Exception as a wrong answer, and a dead model is none.

    Attributes:
        error: why; None when the budget is spent, which is no failure.

    Example:
        >>> Stop(None).error is None
        True
    """

    def __init__(self, error: DataError | None) -> None:
        super().__init__()
        self.error = error


class Engine:
    """A model behind DSPy's engine interface; every call is kept, and asked again it costs nothing.

    Calls are remembered in ``FOLDER/calls.jsonl``: a run that was stopped finds its answers there, spends
    only what is missing, and ends as if it had never stopped.

    Args:
        limit: calls after which it answers no more; None is no limit.  tick: told the calls so far.
    """

    def __init__(
        self, model: Model, folder: Path, limit: int | None = None,
        tick: Callable[[int], None] = lambda calls: None,
    ) -> None:  # fmt: skip
        self.model, self._file, self.limit, self._tick = model, folder / CALLS, limit, tick
        self._lock = threading.Lock()
        self._kept: dict[str, Answered] = dict(_read(self._file))
        self._asked: dict[str, int] = {}
        self.calls = self.fresh = self.input_tokens = self.output_tokens = 0

    def complete(self, request: Request) -> Response:
        """DSPy's call: one reply to a request."""
        system = _text_of(request.system)
        turns = [(message.role, message.text or "") for message in request.messages]
        options = {
            key: value for key in ("temperature", "max_tokens")
            if (value := getattr(request.config, key)) is not None
        }  # fmt: skip
        try:
            found = self.ask(system, turns, options)
        except DataError as error:
            raise Stop(error) from None
        usage = Usage(input_tokens=found["input_tokens"], output_tokens=found["output_tokens"])
        return Response(
            id=None, model=request.model, message=Message.assistant(found["text"]), finish_reason="stop",
            usage=usage,
        )  # fmt: skip

    def ask(self, system: str, turns: Sequence[Turn], options: dict[str, Any]) -> Answered:
        """One reply; the same question a second time is another sample only above temperature 0.

        Raises:
            Stop: the budget is spent.  DataError: the model does not answer.
        """
        key = sha256_text(canonical([self.model.name, system, [list(turn) for turn in turns], options]))
        with self._lock:
            times = self._asked.get(key, 0)
            self._asked[key] = times + 1
            again = bool(times) and not options.get("temperature")
            place = f"{key}:{0 if again else times}"
            known = self._kept.get(place)
            if not again:
                if self.limit is not None and self.calls >= self.limit:
                    raise Stop(None)
                self.calls += 1
                self._tick(self.calls)
        if known is None:
            known = self.model.answer(system, turns, options)
            with self._lock:
                self._kept[place] = known
                self.fresh += 1
                with self._file.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps({"key": place, **known}, ensure_ascii=False) + "\n")
        with self._lock:
            self.input_tokens += known["input_tokens"] or 0
            self.output_tokens += known["output_tokens"] or 0
        return known

    def stream(self, request: Request) -> Iterator[Any]:
        """DSPy's streamed call."""
        return iter(response_to_events(self.complete(request)))

    def close(self) -> None:
        """Nothing is held open."""


def language_model(engine: Engine) -> dspy.LM:
    """DSPy's handle of an engine; DSPy's own caches are off, since the engine keeps its calls."""
    dspy.configure_cache(enable_disk_cache=False, enable_memory_cache=False)
    return dspy.LM(engine.model.name, engine=engine, cache=False, num_retries=0)


def chosen_model(name: str, settings: Settings) -> Model:
    """``offline/icl``, or ``llm`` for the endpoint of the settings.

    Raises:
        DataError: another name, or no endpoint is set up.
    """
    if name == NAME:
        from pipelines.embedding import shared_encoder
        from pipelines.understanding.gloss import gloss, likely_language

        encoder = shared_encoder(settings.cache)
        return OfflineModel(
            InContextLearner(lambda texts: encoder.encode([gloss(t, likely_language(t)) for t in texts]))
        )
    if name != "llm":
        raise DataError(f"There is no model {name!r}.", mend=f"Use {NAME}, or llm for SOUFFLEUR_LLM_MODEL.")
    from pipelines.generating.setting_up import endpoints

    found = endpoints(settings)
    if not found:
        raise DataError(
            "No language model is set up.", mend=f"Set SOUFFLEUR_LLM_BASE_URL and _MODEL, or use {NAME}."
        )
    return EndpointModel(found[0], settings.llm_deadline_s)


def _read(file: Path) -> Iterator[tuple[str, Answered]]:
    """Calls of an earlier run; a line that was cut off is left out."""
    if not file.is_file():
        return
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            value = json.loads(line)
            yield value.pop("key"), Answered(value)
        except (ValueError, AttributeError, KeyError):
            continue


def _text_of(system: Any) -> str:
    if system is None or isinstance(system, str):
        return system or ""
    return "\n".join(part.text for part in system)
