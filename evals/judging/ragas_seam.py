"""The one module that imports RAGAS; everything that is peculiar to it ends here.

RAGAS takes seconds to import, so it is imported when a metric is made. Its older metrics warn of their age,
and these warnings are no user's concern.
"""

from __future__ import annotations

import importlib.util
import logging
import re
import warnings
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from evals.judging.judge import Judge, Meter
from evals.judging.samples import Sample
from pipelines.errors import SettingsError
from pipelines.hashing import canonical, sha256_text
from pipelines.understanding.gloss import gloss

if TYPE_CHECKING:
    from pipelines.embedding import Encoder

MAX_TOKENS = 2_048
RETRIES = 1
BINARY = ("verdict", "attributed", "noncommittal")
"""Fields of a judge's answer that are 0 or 1 by their description, and any integer by their type."""

LOUD = ("ragas", "instructor")
"""Loggers that would repeat a judge's answer, and with it the row; our reasons say what went wrong."""

_INNER = re.compile(r"(?<=\w)['’](?=\w)")


class Unjudged(Exception):
    """The judge answered in form, and said nothing that can be counted."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of RAGAS over a sample.

    Attributes:
        needs: columns of the sample without which there is nothing to measure.
        ask: gives the value, in [0, 1] when all is well.
        version: of the judge's model and prompts, 8 hex digits; empty for a metric without a judge.

    Example:
        >>> Metric("exact", ("response",), lambda sample, meter: 1.0).version
        ''
    """

    name: str
    needs: tuple[str, ...]
    ask: Callable[[Sample, Meter], Awaitable[float]]
    version: str = ""


def available() -> bool:
    """Whether RAGAS is installed; nothing is imported to know it."""
    return importlib.util.find_spec("ragas") is not None


def offline_metrics(encoder: Encoder) -> list[Metric]:
    """The metrics that need no language model.

    Raises:
        SettingsError: RAGAS is not installed.
    """
    with _quietly():
        from ragas import metrics as old
        from ragas.metrics import collections as new

        by_id = {"retrieved_context_ids": "context_ids", "reference_context_ids": "gold_ids"}
        by_text = {"retrieved_contexts": "contexts", "reference_contexts": "gold_contexts"}
        pair = {"response": "response", "reference": "reference"}
        return [
            _old("ragas_id_context_precision", old.IDBasedContextPrecision(), by_id),
            _old("ragas_id_context_recall", old.IDBasedContextRecall(), by_id),
            _old("ragas_context_precision", old.NonLLMContextPrecisionWithReference(), by_text),
            _old("ragas_context_recall", old.NonLLMContextRecall(), by_text),
            _new("ragas_string_similarity", new.NonLLMStringSimilarity(), pair),
            _new("ragas_exact_match", new.ExactMatch(), pair),
            _new("ragas_string_presence", new.StringPresence(), pair),
            Metric("ragas_semantic_similarity", ("response", "reference"), _similarity(encoder)),
            Metric("ragas_quoted_spans", ("response", "contexts"), _quoted),
        ]


def judged_metrics(judge: Judge, encoder: Encoder) -> list[Metric]:
    """The metrics that ask a judge; their names end in the version of its model and prompts.

    Raises:
        SettingsError: RAGAS is not installed.
    """
    with _quietly():
        from ragas.metrics import collections as new

        three = {"user_input": "question", "retrieved_contexts": "contexts"}
        return [
            _judged("faithfulness", new.Faithfulness, three | {"response": "response"}, judge, encoder),
            _judged(
                "relevancy", new.AnswerRelevancy, {"user_input": "question", "response": "response"}, judge,
                encoder, embeds=True,
            ),
            _judged(
                "context_precision", new.ContextPrecisionWithReference, three | {"reference": "reference"},
                judge, encoder,
            ),
            _judged("context_recall", new.ContextRecall, three | {"reference": "reference"}, judge, encoder),
            _judged(
                "factual_correctness", new.FactualCorrectness,
                {"response": "response", "reference": "reference"}, judge, encoder,
            ),
        ]  # fmt: skip


JUDGED = ("faithfulness", "relevancy", "context_precision", "context_recall", "factual_correctness")


@contextmanager
def _quietly() -> Iterator[None]:
    if not available():
        raise SettingsError(
            "RAGAS is not installed.",
            mend="Install the group 'judge' of pyproject.toml; all else works without.",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ragas._analytics import get_userid

        get_userid()  # the first use leaves a file open, even where nothing is reported to anyone
        yield
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _columns(sample: Sample, columns: dict[str, str]) -> dict[str, Any]:
    values = {name: getattr(sample, column) for name, column in columns.items()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _old(name: str, metric: Any, columns: dict[str, str]) -> Metric:
    from ragas import SingleTurnSample

    async def ask(sample: Sample, meter: Meter) -> float:
        return float(await metric.single_turn_ascore(SingleTurnSample(**_columns(sample, columns))))

    return Metric(name, tuple(columns.values()), ask)


def _new(name: str, metric: Any, columns: dict[str, str]) -> Metric:
    async def ask(sample: Sample, meter: Meter) -> float:
        return float((await metric.ascore(**_columns(sample, columns))).value)

    return Metric(name, tuple(columns.values()), ask)


def _similarity(encoder: Encoder) -> Callable[[Sample, Meter], Awaitable[float]]:
    async def ask(sample: Sample, meter: Meter) -> float:
        from ragas.metrics.collections import SemanticSimilarity

        metric = SemanticSimilarity(embeddings=_embeddings(encoder, sample.lang))
        return float((await metric.ascore(reference=sample.reference, response=sample.response or "")).value)

    return ask


async def _quoted(sample: Sample, meter: Meter) -> float:
    """RAGAS knows neither French quotes nor that an apostrophe quotes nothing, and gives 1 to no quote."""
    from ragas.metrics.collections import QuotedSpansAlignment

    def plain(text: str) -> str:
        return _INNER.sub("ʼ", text).replace("« ", "“").replace(" »", "”").replace("«", "“").replace("»", "”")

    metric = QuotedSpansAlignment()
    contexts = [plain(context) for context in sample.contexts]
    result = await metric.ascore(response=plain(sample.response or ""), retrieved_contexts=contexts)
    if (result.reason or "").startswith("No quoted"):
        raise Unjudged("no quoted span")
    return float(result.value)


def _judged(
    name: str, kind: Any, columns: dict[str, str], judge: Judge, encoder: Encoder, embeds: bool = False
) -> Metric:
    def make(llm: Any, lang: str) -> Any:
        return kind(llm=llm, **({"embeddings": _embeddings(encoder, lang)} if embeds else {}))

    async def ask(sample: Sample, meter: Meter) -> float:
        from openai import AsyncOpenAI
        from ragas.llms import llm_factory

        key = judge.api_key or "none"
        async with AsyncOpenAI(
            base_url=judge.base_url, api_key=key, timeout=judge.timeout_s, max_retries=RETRIES
        ) as client:
            llm: Any = llm_factory(
                judge.model, client=client, temperature=0.0, max_tokens=MAX_TOKENS, max_retries=RETRIES + 1
            )
            llm.client.on("completion:response", lambda answer: _count(meter, answer))
            metric = make(_checked()(llm), sample.lang)
            return float((await metric.ascore(**_columns(sample.protected(), columns))).value)

    version = _version(make(_checked()(None), "en"), judge, encoder.variant if embeds else "")
    return Metric(f"judged_{name}_{version}", tuple(columns.values()), ask, version)


def _count(meter: Meter, answer: Any) -> None:
    usage = getattr(answer, "usage", None)
    meter.count(getattr(usage, "prompt_tokens", 0) or 0, getattr(usage, "completion_tokens", 0) or 0)


def _version(metric: Any, judge: Judge, embedding: str) -> str:
    """Model, prompts, their examples and answer schemas: another one of these is another metric."""
    prompts = [value for value in vars(metric).values() if hasattr(value, "output_model")]
    texts = sorted(
        canonical([p.instruction, p._generate_examples(), p.output_model.model_json_schema()])
        for p in prompts
    )
    return sha256_text(canonical([judge.model, metadata.version("ragas"), embedding, texts]))[:8]


@cache
def _checked() -> Any:
    """A language model of RAGAS whose answers are looked at before they are counted."""
    from ragas.llms.base import InstructorBaseRagasLLM

    class Checked(InstructorBaseRagasLLM):  # type: ignore[misc]  # RAGAS is not followed
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        def generate(self, prompt: str, response_model: Any) -> Any:
            return check(self.inner.generate(prompt, response_model))

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            return check(await self.inner.agenerate(prompt, response_model))

    return Checked


def check(answer: Any) -> Any:
    """The answer of a judge as it is.

    Raises:
        Unjudged: a verdict is neither 0 nor 1 (RAGAS would count 7 as true), or there is none at all.
    """
    values = answer.model_dump()
    rows = [row for value in values.values() if isinstance(value, list) for row in value] or [values]
    for row in rows:
        if isinstance(row, dict) and any(row.get(name, 0) not in (0, 1) for name in BINARY):
            raise Unjudged("off the judge's scale")
    if any(value == [] for value in values.values()):
        raise Unjudged("the judge found nothing to judge")
    return answer


def _embeddings(encoder: Encoder, lang: str) -> Any:
    return _local()(encoder, lang)


@cache
def _local() -> Any:
    """Our embedding model in the form that RAGAS wants."""
    from ragas.embeddings.base import BaseRagasEmbedding

    class Local(BaseRagasEmbedding):  # type: ignore[misc]  # RAGAS is not followed
        def __init__(self, encoder: Encoder, lang: str) -> None:
            super().__init__()
            self.encoder, self.lang = encoder, lang

        def embed_text(self, text: str, **options: Any) -> Sequence[float]:
            vector: list[float] = self.encoder.encode([gloss(text, self.lang)])[0].tolist()
            return vector

        async def aembed_text(self, text: str, **options: Any) -> Sequence[float]:
            return self.embed_text(text)

    return Local
