"""What the service counts, for Prometheus. No label ever holds anything that a client chose."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from pipelines.contracts import Engine

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ModelMetrics:
    """What is counted of language models; their replies are no label, only what became of them.

    Example:
        >>> metrics = ModelMetrics(CollectorRegistry())
        >>> metrics.observe(Engine(name="llm", sentences=2, dropped={"link": 1}))
        >>> metrics.sentences.labels("kept")._value.get()
        1.0
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.engine = Counter(
            "souffleur_engine", "Answers by who drafted, and why the model did not", ["engine", "fallback"],
            registry=registry,
        )  # fmt: skip
        self.sentences = Counter(
            "souffleur_llm_sentences", "Sentences of the model: kept, or why they were dropped", ["outcome"],
            registry=registry,
        )  # fmt: skip
        self.tokens = Counter(
            "souffleur_llm_tokens",
            "Tokens, where the model counts them",
            ["direction"],
            registry=registry,
        )
        self.money = Counter(
            "souffleur_llm_money",
            "Cost of the answers whose cost is known",
            ["currency"],
            registry=registry,
        )
        self.unpriced = Counter(
            "souffleur_llm_unpriced", "Answers of a model whose cost is not known", registry=registry
        )

    def observe(self, engine: Engine) -> None:
        """Record who drafted one answer, what was dropped of it, and what it cost."""
        self.engine.labels(engine.name, engine.fallback or "").inc()
        for reason, count in engine.dropped.items():
            self.sentences.labels(reason).inc(count)
        self.sentences.labels("kept").inc(max(0, engine.sentences - sum(engine.dropped.values())))
        usage = engine.usage
        if usage is None or not usage.calls:
            return
        self.tokens.labels("input").inc(usage.input_tokens or 0)
        self.tokens.labels("output").inc(usage.output_tokens or 0)
        if usage.money is None:
            self.unpriced.inc()
        else:
            self.money.labels(usage.currency).inc(usage.money)


class Metrics:
    """The counters of one service.

    Example:
        >>> metrics = Metrics()
        >>> metrics.silence.labels("no_evidence").inc()
        >>> b'souffleur_silence_total{reason="no_evidence"} 1.0' in metrics.render()
        True
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "souffleur_requests", "Answered requests", ["endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "souffleur_request_seconds", "Time to the end of the answer", ["endpoint"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.stages = Histogram(
            "souffleur_stage_seconds", "Time in a stage", ["stage"], buckets=BUCKETS, registry=self.registry
        )
        self.silence = Counter("souffleur_silence", "Silent answers", ["reason"], registry=self.registry)
        self.suggestions = Counter("souffleur_suggestions", "Suggestions shown", registry=self.registry)
        self.model = ModelMetrics(self.registry)
        self.swaps = Counter("souffleur_bundle_swaps", "Bundle changes", ["outcome"], registry=self.registry)
        self.bundle = Gauge(
            "souffleur_bundle_info", "1 for the bundle that serves", ["id"], registry=self.registry
        )
        ProcessCollector(registry=self.registry)

    def observe_stages(self, timing_ms: Mapping[str, float]) -> None:
        """Record the stage timings of one answer."""
        for stage, milliseconds in timing_ms.items():
            self.stages.labels(stage).observe(milliseconds / 1000)

    def observe_engine(self, engine: Engine) -> None:
        """Record who drafted one answer, what was dropped of it, and what it cost."""
        self.model.observe(engine)

    def serve_bundle(self, id_: str) -> None:
        """Note which bundle serves from now on."""
        self.bundle.clear()
        self.bundle.labels(id_).set(1)

    def render(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
