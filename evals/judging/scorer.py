"""The metrics of RAGAS as a scorer of rows: values in [0, 1], or why there is none, and what it cost."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import asdict
from threading import Lock

from evals.judging.apart import run_apart
from evals.judging.judge import Judge, Meter
from evals.judging.ragas_seam import Metric, Unjudged
from evals.judging.samples import Sample, sample_of
from evals.rows import Example, Prediction, Score, Usage
from evals.running.cache import Cache
from evals.scorers.measuring import as_score
from evals.scorers.reading import Lookup

OFFLINE_S = 60.0
SLACK = 1e-6
"""Rounding beyond the ends of the scale; more than that is off it."""


class RagasScorer:
    """Asks each metric about a row, all at once, each within the judge's time.

    ``usage`` adds up what the judge has cost so far. It may be called from several threads, and from a cell
    of a notebook, whose event loop is already running.

    Args:
        metrics: of :func:`evals.judging.ragas_seam.offline_metrics` or ``judged_metrics``.
        judge: whose prices and time hold; None for metrics without one.
        cache: remembers what a judge said to the same redacted sample in the same epoch, and never that it
            failed or had nothing to say; a replayed one is never asked.

    Example:
        >>> async def always(sample, meter): return 1.0
        >>> scorer = RagasScorer([Metric("yes", ("response",), always)])
        >>> told = Prediction(example_id="q", output={"text": "oui"})
        >>> scorer.score(Example(id="q", inputs={"query": "?"}), told)[0].value
        1.0
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        lookup: Lookup | None = None,
        judge: Judge | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.metrics, self.lookup, self.judge, self.cache = tuple(metrics), lookup, judge, cache
        self.names = tuple(metric.name for metric in self.metrics)
        self.usage = Usage()
        self._lock = Lock()

    def score(self, example: Example, prediction: Prediction) -> list[Score]:
        """One score for each metric, of the prediction's epoch."""
        if prediction.error is not None:
            return [self._failed(metric, prediction, "prediction failed") for metric in self.metrics]
        return self.score_sample(sample_of(example, prediction, self.lookup), prediction)

    def score_sample(self, sample: Sample, prediction: Prediction) -> list[Score]:
        """The same of a sample that is at hand; ``prediction`` gives its id and epoch."""
        return run_apart(self._all(sample, prediction))

    async def _all(self, sample: Sample, prediction: Prediction) -> list[Score]:
        return list(await asyncio.gather(*(self._one(m, sample, prediction) for m in self.metrics)))

    async def _one(self, metric: Metric, sample: Sample, prediction: Prediction) -> Score:
        lacking = next(filter(None, map(sample.lacks, metric.needs)), "")
        if lacking:
            return as_score(metric.name, lacking, prediction)
        key = self._key(metric, sample, prediction)
        if self.cache and key and (known := self.cache.get(key)) is not None:
            return as_score(metric.name, float(known), prediction)
        meter, limit = Meter(), self.judge.timeout_s if self.judge else OFFLINE_S
        try:
            value = await asyncio.wait_for(metric.ask(sample, meter), limit)
        except Unjudged as why:
            return as_score(metric.name, str(why), prediction, self._spent(meter))
        except TimeoutError:
            return self._failed(metric, prediction, f"no judgement within {limit:g} s", self._spent(meter))
        except Exception as error:  # whatever an endpoint or RAGAS does, the other metrics are kept
            return self._failed(metric, prediction, _root(error), self._spent(meter))
        found = on_scale(value)
        if self.cache and key and isinstance(found, float):
            self.cache.put(key, found)
        return as_score(metric.name, found, prediction, self._spent(meter))

    def _key(self, metric: Metric, sample: Sample, prediction: Prediction) -> str:
        """Of a judgement; empty for a metric that costs nothing to ask again."""
        if self.cache is None or not metric.version:
            return ""
        return self.cache.key([metric.name, asdict(sample.protected())], prediction.epoch)

    def _spent(self, meter: Meter) -> float:
        if self.judge is None:
            return 0.0
        usage = meter.usage(self.judge)
        with self._lock:
            self.usage = self.usage + usage
        return usage.money

    @staticmethod
    def _failed(metric: Metric, prediction: Prediction, why: str, cost: float = 0.0) -> Score:
        made = Score.failed(metric.name, prediction.example_id, why, prediction.epoch)
        return made.model_copy(update={"cost": cost})


def on_scale(value: float) -> float | str:
    """A value of [0, 1], or why it is none.

    Example:
        >>> on_scale(1.0000000001), on_scale(7.0), on_scale(float("nan"))
        (1.0, 'off the scale', 'the judge gave no number')
    """
    if not math.isfinite(value):
        return "the judge gave no number"
    if not -SLACK <= value <= 1 + SLACK:
        return "off the scale"
    return min(1.0, max(0.0, value))


def _root(error: BaseException) -> str:
    """The type of what first went wrong; a message could quote the row."""
    cause = error.__cause__ or error.__context__
    return type(error).__name__ if cause is None or cause is error else _root(cause)
