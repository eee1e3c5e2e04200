"""Haystack's spans as MLflow's, one a component, with nothing personal in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from haystack.tracing.tracer import Span, Tracer, enable_tracing, tracer

from evals.rows import Example
from evals.running.systems import SuggestSystem, request_of
from evals.tracking.store import client, experiment
from pipelines.contracts import Draft, Hit, Understanding
from pipelines.privacy.redacting import redact, redact_value
from pipelines.settings import Settings
from pipelines.timing import StageTimer

SHOWN = 12
"""Items of a list that a span shows."""

KINDS = {"retrieve": "RETRIEVER", "question": "EMBEDDING", "verify": "PARSER", "decide": "RERANKER"}


class MlflowSpan(Span):
    """One span; content is redacted before it is set."""

    def __init__(self, span: Any) -> None:
        self.span = span

    def set_tag(self, key: str, value: Any) -> None:
        """A name, a type or a number; never content."""
        self.span.set_attribute(key, str(value)[:200])

    def set_content_tag(self, key: str, value: Any) -> None:
        """Inputs and outputs of a component, redacted and shortened."""
        if key.endswith(".input"):
            self.span.set_inputs(shown(value))
        elif key.endswith(".output"):
            self.span.set_outputs(shown(value))

    def raw_span(self) -> Any:
        """MLflow's own."""
        return self.span


class MlflowTracer(Tracer):
    """Makes a span of every component that runs.

    Example:
        >>> MlflowTracer().current_span() is None
        True
    """

    @contextmanager
    def trace(
        self, operation_name: str, tags: dict[str, Any] | None = None, parent_span: Span | None = None
    ) -> Iterator[Span]:
        """A span named after its component, or after the operation."""
        import mlflow

        name = str((tags or {}).get("haystack.component.name") or operation_name)
        with mlflow.start_span(name=name, span_type=KINDS.get(name, "CHAIN")) as span:
            yield MlflowSpan(span)

    def current_span(self) -> Span | None:
        """The span that is open, if any."""
        import mlflow

        span = mlflow.get_current_active_span()
        return MlflowSpan(span) if span is not None else None


def trace_sample(
    system: SuggestSystem, examples: Sequence[Example], run_id: str, question: str, settings: Settings
) -> dict[str, str]:
    """Ask a few rows again with a span a component; returns the trace of each example.

    Args:
        run_id: MLflow's run, to which the traces belong.
    """
    traces: dict[str, str] = {}
    with client(settings) as made, _traced():
        import mlflow

        mlflow.set_experiment(experiment_id=experiment(made, question, settings))
        with mlflow.start_run(run_id=run_id):
            for example in examples:
                with mlflow.start_span(name="suggest", span_type="CHAIN") as span:
                    span.set_inputs({"example": example.id, "thread": redact_value(example.inputs["thread"])})
                    answer = system.assistant.suggest(request_of(example))
                    span.set_outputs(redact_value(_answer(answer.model_dump(mode="json"))))
                    mlflow.update_current_trace(tags={"example": example.id})
                    traces[example.id] = span.trace_id
        # Traces are written behind our back: a verdict on one would else not find it.
        mlflow.flush_trace_async_logging()
        for example_id, trace_id in traces.items():
            made.set_tag(run_id, f"trace.{example_id}"[:250], trace_id)
    return traces


@contextmanager
def _traced() -> Iterator[None]:
    before = tracer.is_content_tracing_enabled
    tracer.is_content_tracing_enabled = True
    enable_tracing(MlflowTracer())
    try:
        yield
    finally:
        tracer.is_content_tracing_enabled = before
        enable_tracing(StageTimer())


def shown(value: Any) -> Any:
    """A component's value as a reader can use it: texts redacted, vectors by their size, hits by their id."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return redact(value[:500])
    if isinstance(value, Hit):
        return {"passage": value.passage.id, "score": round(value.score, 4)}
    if isinstance(value, Draft):
        features = {name: round(float(v), 4) for name, v in value.features.items()}
        return {"kind": value.kind, "text": redact(value.text), "features": features}
    if isinstance(value, Understanding):
        intent = value.intent.model_dump() if value.intent else None
        return {"lang": value.lang, "is_request": value.is_request, "intent": intent}
    if hasattr(value, "model_dump"):
        return shown(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {str(key): shown(item) for key, item in value.items()}
    if hasattr(value, "shape"):
        return f"array of shape {tuple(value.shape)}"
    if isinstance(value, Sequence):
        return [shown(item) for item in list(value)[:SHOWN]]
    return type(value).__name__


def _answer(output: Mapping[str, Any]) -> dict[str, Any]:
    return {key: output.get(key) for key in ("suggestions", "silence", "lang")}
