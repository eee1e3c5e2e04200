"""What can be evaluated: anything that answers an example with a prediction."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from evals.rows import Example, Prediction, Usage
from evals.running.changing import apply_changes
from pipelines.contracts import BundleRef, Engine, Message, SuggestAnswer, SuggestRequest, SummaryRequest
from pipelines.hashing import sha256_file, sha256_text

if TYPE_CHECKING:
    from pipelines.assistant import Assistant
    from pipelines.settings import Settings
    from pipelines.understanding.intents import IntentModel

CODE = Path(__file__).resolve().parents[2] / "pipelines"


class System(Protocol):
    """A thing under evaluation. ``describe`` says all that its answers depend on: it is its identity."""

    name: str

    def describe(self) -> dict[str, Any]:
        """Parameters and hashes, as JSON; equal descriptions give equal answers."""

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        """Answer one example; what it raises is recorded on the row by the runner."""


class PipelineSystem:
    """What systems over a bundle's suggestion pipeline share: settings of its components may differ.

    Args:
        changes: settings that differ from the bundle's, by component: ``{"decide": {"risk": 0.05}}``.

    Raises:
        DataError: no such component or setting, or a value that it refuses.

    Example:
        >>> issubclass(SuggestSystem, PipelineSystem)
        True
    """

    name = ""

    def __init__(self, assistant: Assistant, changes: dict[str, dict[str, Any]] | None = None) -> None:
        self.assistant, self.changes = assistant, changes or {}
        apply_changes(assistant.pipeline("suggest"), self.changes)

    def describe(self) -> dict[str, Any]:
        """Bundle, code and changes."""
        return {
            "system": self.name, "bundle": self.assistant.bundle.id, "code": code_hash(),
            "changes": self.changes,
        }  # fmt: skip


class SuggestSystem(PipelineSystem):
    """A bundle's suggestions; ``output`` is the wire answer, ``drafts`` and ``best`` of them, undecided yet.

    Example:
        >>> SuggestSystem.name
        'suggest'
    """

    name = "suggest"

    def describe(self) -> dict[str, Any]:
        """Bundle, code and changes, and the language models."""
        return super().describe() | _models(self.assistant)

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        """The answer, with what retrieval and verification made of the way there."""
        request = request_of(example)
        started = time.perf_counter()
        answer, inner = self._answer(request)
        spent = 1_000 * (time.perf_counter() - started)
        drafts = [self._draft(draft) for draft in inner["verify"]["drafts"]]
        best = max(drafts, key=lambda draft: draft["confidence"], default=None)
        return Prediction(
            example_id=example.id, epoch=epoch, output=_wire(answer) | {"best": best, "drafts": drafts},
            documents=tuple(hit.passage.id for hit in inner["retrieve"]["hits"]),
            confidence=best["confidence"] if best else None, latency_ms=round(spent, 3),
            usage=_usage(answer.engine), stood_in=stood_in(answer.engine, self.assistant),
        )  # fmt: skip

    def _answer(self, request: SuggestRequest) -> tuple[SuggestAnswer, dict[str, Any]]:
        """As it is served, and what retrieval and verification gave; with a model these are walked again."""
        from pipelines.suggest import suggest_with_outputs

        pipeline, parts = self.assistant.pipeline("suggest"), {"retrieve", "verify"}
        spoken = self.assistant.suggest(request) if self.assistant.drafting is not None else None
        answer, inner = suggest_with_outputs(request, pipeline, self.assistant.bundle, parts)
        return spoken or answer, inner

    def _draft(self, draft: Any) -> dict[str, Any]:
        decider: Any = self.assistant.pipeline("suggest").get_component("decide")
        sure = decider.answering.confidence
        cited = [s.citation.model_dump() for s in draft.sentences if s.citation]
        confidence = round(float(sure.probability(draft.features)), 6)
        return {"text": draft.text, "kind": draft.kind, "citations": cited, "confidence": confidence}


class IntentSystem:
    """An intent model; ``output.intent`` is the decision, ``oos`` where it says so.

    Example:
        >>> IntentSystem.name
        'intents'
    """

    name = "intents"

    def __init__(self, model: IntentModel, identity: str) -> None:
        self.model, self.identity = model, identity

    @classmethod
    def served(cls, settings: Settings) -> IntentSystem:
        """The model of the served bundle."""
        from pipelines.embedding import Encoder
        from pipelines.understanding.intents import IntentModel
        from service.bundle import open_bundle

        folder = open_bundle(settings.bundle_dir).root / "models" / "intents"
        model = IntentModel.load(folder, Encoder(settings.cache))
        return cls(model, sha256_file(folder / "intents.json"))

    def describe(self) -> dict[str, Any]:
        """Model and code."""
        return {"system": self.name, "model": self.identity, "code": code_hash()}

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        """The decision with its probability, the five best labels, and the chance of being out of scope."""
        started = time.perf_counter()
        found = self.model.predict(example.inputs["text"], lang=example.inputs.get("lang"))
        spent = 1_000 * (time.perf_counter() - started)
        decision = found.decision
        sure = found.out_of_scope if decision == "oos" else found.labels[0][1]
        output = {
            "intent": decision, "label": found.label, "out_of_scope": found.out_of_scope,
            "labels": dict(found.labels[:5]),
        }  # fmt: skip
        return Prediction(
            example_id=example.id, epoch=epoch, output=output, confidence=min(1.0, max(0.0, sure)),
            latency_ms=round(spent, 3),
        )  # fmt: skip


class SummarySystem:
    """A bundle's hand-over notes.

    Example:
        >>> SummarySystem.name
        'summarize'
    """

    name = "summarize"

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def describe(self) -> dict[str, Any]:
        """Bundle and code."""
        known = {"system": self.name, "bundle": self.assistant.bundle.id, "code": code_hash()}
        return known | _models(self.assistant)

    def predict(self, example: Example, epoch: int = 0) -> Prediction:
        """The note by sections; message ids are positions in the thread."""
        turns = example.inputs.get("turns") or _lines(example.inputs.get("dialogue", ""))
        thread = [Message(id=str(i), **turn) for i, turn in enumerate(turns)]
        started = time.perf_counter()
        answer = self.assistant.summarize(SummaryRequest(thread=thread, lang=example.inputs.get("lang")))
        spent = 1_000 * (time.perf_counter() - started)
        wire = answer.model_dump(mode="json", exclude={"timing_ms", "bundle"})
        return Prediction(
            example_id=example.id, epoch=epoch, output=wire, latency_ms=round(spent, 3),
            usage=_usage(answer.engine), stood_in=stood_in(answer.engine, self.assistant),
        )  # fmt: skip


def served_assistant(settings: Settings) -> Assistant:
    """The assistant of the served bundle, warm.

    Raises:
        BundleError: there is none, or it is damaged.
    """
    from pipelines.assistant import Assistant
    from service.bundle import open_bundle

    bundle = open_bundle(settings.bundle_dir)
    assistant = Assistant(bundle.root, BundleRef(id=bundle.id, prompts=dict(bundle.prompts)), settings)
    assistant.warm_up()
    return assistant


def request_of(example: Example) -> SuggestRequest:
    """What a client would send for an example."""
    return SuggestRequest(
        thread=[Message(**turn) for turn in example.inputs["thread"]],
        context=example.inputs.get("context") or {}, lang=example.inputs.get("lang_hint"),
    )  # fmt: skip


@cache
def code_hash() -> str:
    """One hash of the core's code: what a cached answer also depends on."""
    files = sorted(CODE.rglob("*.py"))
    return sha256_text("".join(f"{sha256_file(path)} {path.relative_to(CODE)}\n" for path in files))[:16]


def _models(assistant: Assistant) -> dict[str, Any]:
    """Which language models draft and how they are asked; nothing where none does."""
    if assistant.drafting is None:
        return {}
    settings = assistant.settings
    return {
        "models": assistant.drafting.models, "prompts": assistant.drafting.prompts.hashes,
        "options": settings.llm_options, "context_tokens": settings.llm_context_tokens,
    }  # fmt: skip


def stood_in(engine: Engine, assistant: Assistant) -> bool:
    """Whether a model was set up and another one, or none, answered: what it would have said is not known."""
    if assistant.drafting is None:
        return False
    return engine.fallback is not None or engine.model not in (None, assistant.drafting.models[0])


def _usage(engine: Engine) -> Usage:
    """What language models cost; what is not known counts as nothing here, and as unknown in the answer."""
    usage = engine.usage
    if usage is None:
        return Usage()
    return Usage(
        calls=usage.calls, input_tokens=usage.input_tokens or 0, output_tokens=usage.output_tokens or 0,
        money=usage.money or 0.0,
    )  # fmt: skip


def _wire(answer: SuggestAnswer) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude={"timing_ms"})


def _lines(dialogue: str) -> list[dict[str, str]]:
    """Lines of ``#Person1#: ...``: whoever speaks first is the customer."""
    turns, first = [], ""
    for line in filter(str.strip, dialogue.splitlines()):
        speaker, _, text = line.partition(":")
        first = first or speaker
        turns.append({"role": "customer" if speaker == first else "agent", "text": text.strip() or line})
    return turns
