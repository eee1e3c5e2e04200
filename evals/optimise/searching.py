"""The optimisers of DSPy under one budget of calls and one seed; each returns its candidates."""

from __future__ import annotations

import io
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import dspy

from evals.optimise.engines import Engine, Stop
from evals.optimise.forms import Form
from evals.optimise.programs import FormAdapter, program
from evals.optimise.tasks import Task
from evals.rows import Example
from pipelines.errors import DataError

Optimiser = Literal["gepa", "miprov2", "bootstrap", "labeled"]
OPTIMISERS: tuple[str, ...] = get_args(Optimiser)
LEAST_ROWS = 10
MOST_ROWS = 120
BOOTSTRAPPED = 4
"""Worked examples of a model's own that a candidate may hold."""
TRIED = 24
"""Rows that a bootstrap may ask beyond those that it shows: what it may cost is known before."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One program that an optimiser tried.

    Attributes:
        value: mean over the validation rows, in [0, 1].  calls: of the search when it was known.
        parents: places of the candidates that it was made from.
    """

    predictor: dspy.Predict
    value: float
    how: str
    calls: int
    parents: tuple[int, ...] = ()


@dataclass
class Search:
    """What a search works with.

    Attributes:
        train: rows that may become worked examples.  validation: rows that candidates are judged on.
        budget: calls; the engine answers no more after them.
    """

    task: Task
    form: Form
    engine: Engine
    lm: dspy.LM
    train: Sequence[Example]
    validation: Sequence[Example]
    budget: int
    seed: int
    demos: int
    threads: int = 1
    found: list[Candidate] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rows = {row.id: row for row in (*self.train, *self.validation)}
        self._examples = {row.id: as_example(row, self.task) for row in self._rows.values()}
        self.pool = [self._examples[row.id] for row in self.train if self.task.answer(row) is not None]
        self.judged_by = [self._examples[row.id] for row in self.validation]
        if not self.pool:
            raise DataError(
                "No row of the training part can be a worked example.",
                mend="Give rows with a reference that stands up to the verification.",
            )

    def run(self, optimiser: Optimiser) -> list[Candidate]:
        """All candidates, the prompt as it is first.

        Raises:
            DataError: the budget is too small for one candidate, or the model did not answer.
        """
        search: Callable[[], None] = {
            "labeled": self._labeled, "bootstrap": self._bootstrap, "miprov2": self._mipro,
            "gepa": self._gepa,
        }[optimiser]  # fmt: skip
        with dspy.context(lm=self.lm, adapter=FormAdapter(self.form)), silent():
            self._least(2 * len(self.judged_by))
            try:
                self.keep(self.student(), "as it is")
                search()
            except Stop as stop:
                if stop.error is not None:
                    raise stop.error from None
        return self.found

    def student(self) -> dspy.Predict:
        """The program of the prompt as it is."""
        return program(self.form, self.task.fields)

    def keep(self, predictor: dspy.Predict, how: str, parents: tuple[int, ...] = ()) -> None:
        """Judge a program on the validation rows and remember it."""
        found = dspy.Evaluate(
            devset=self.judged_by, metric=self.metric, num_threads=self.threads, display_progress=False
        )(predictor)
        self.found.append(
            Candidate(predictor, round(float(found.score) / 100, 6), how, self.engine.calls, parents)
        )

    def metric(self, gold: dspy.Example, made: dspy.Prediction, trace: Any = None) -> float:
        """The value of one answer; while examples are gathered, whether it is good enough to be one."""
        value = self._judged(gold, made).value
        return float(value >= self.task.passing) if trace is not None else value

    def _judged(self, gold: dspy.Example, made: dspy.Prediction) -> Any:
        value = {name: made.get(name) for name in self.task.fields}
        return self.task.judge(self._rows[gold.row], value)

    def _left(self) -> int:
        return self.budget - self.engine.calls

    def _least(self, calls: int) -> None:
        if self.budget < calls:
            raise DataError(
                f"A budget of {self.budget} calls is too small for one candidate.",
                mend=f"Give at least {calls}, or 8 for each validation row that you want.",
            )

    def _labeled(self) -> None:
        """Random sets of worked examples, spread over the answers."""
        rng = random.Random(self.seed)
        while self._left() >= len(self.judged_by):
            chosen = spread(rng.sample(self.pool, len(self.pool)), self.task.fields[0])
            k = min(self.demos, len(chosen))
            made = dspy.LabeledFewShot(k=k).compile(self.student(), trainset=chosen, sample=False)
            self.keep(made, f"{k} labelled examples")
            if len(self.pool) <= k:
                break

    def _bootstrap(self) -> None:
        """Sets of worked examples, some of them the model's own right answers."""
        rng = random.Random(self.seed)
        while True:
            rows = rng.sample(self.pool, min(len(self.pool), self.demos + TRIED))
            if self._left() < len(self.judged_by) + len(rows):
                break
            made = dspy.BootstrapFewShot(
                metric=lambda gold, made, trace=None: self.metric(gold, made, True),
                max_bootstrapped_demos=rng.randint(1, BOOTSTRAPPED), max_labeled_demos=self.demos,
            ).compile(self.student(), trainset=spread(rows, self.task.fields[0]))  # fmt: skip
            self.keep(made, f"{len(made.demos)} examples, some of its own")

    def _mipro(self) -> None:
        """Instructions and examples searched together."""
        rng = random.Random(self.seed)
        rows = rng.sample(self.pool, min(len(self.pool), self.demos + TRIED))
        sets = 3
        before = self.engine.calls + sets * (len(rows) + 4) + 10
        trials = (self.budget - before) // len(self.judged_by) - 2
        self._least(before + 3 * len(self.judged_by))
        optimiser = dspy.MIPROv2(
            metric=self.metric, prompt_model=self.lm, task_model=self.lm, auto=None, num_candidates=sets,
            max_bootstrapped_demos=1, max_labeled_demos=self.demos, num_threads=self.threads,
            seed=self.seed, verbose=False, init_temperature=1.0,
        )  # fmt: skip
        made = optimiser.compile(
            self.student(), trainset=rows, valset=self.judged_by, num_trials=trials, minibatch=False
        )
        tried = getattr(made, "candidate_programs", None) or [{"program": made, "score": 0.0}]
        for one in tried:
            value = round(float(one["score"]) / 100, 6)
            self.found.append(
                Candidate(one["program"], value, "instructions and examples", self.engine.calls)
            )

    def _gepa(self) -> None:
        """Instructions rewritten after feedback."""
        room = int(0.8 * (self._left() - len(self.judged_by)))
        self._least(self.engine.calls + 3 * len(self.judged_by))

        def metric(gold: Any, made: Any, trace: Any = None, name: Any = None, own: Any = None) -> Any:
            judged = self._judged(gold, made)
            return dspy.Prediction(score=judged.value, feedback=judged.feedback)

        made = dspy.GEPA(
            metric=metric, max_metric_calls=room, reflection_lm=self.lm, seed=self.seed, track_stats=True,
            reflection_minibatch_size=min(8, len(self.pool)), num_threads=self.threads, use_merge=False,
        ).compile(self.student(), trainset=self.pool, valset=self.judged_by)  # fmt: skip
        told = made.detailed_results
        rows = zip(told.candidates, told.val_aggregate_scores, told.parents, strict=True)
        for place, (one, value, parents) in enumerate(rows):
            if place:  # the first is the prompt as it is, judged already
                lineage = tuple(parent for parent in parents if parent is not None)
                calls = told.discovery_eval_counts[place]
                self.found.append(Candidate(one, round(float(value), 6), "rewritten", calls, lineage))


@contextmanager
def silent() -> Iterator[None]:
    """DSPy prints and logs whole rows: nothing of it is let out."""
    loggers = [logging.getLogger(name) for name in ("dspy", "gepa")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        nowhere = io.StringIO()
        with redirect_stdout(nowhere), redirect_stderr(nowhere):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def as_example(row: Example, task: Task) -> dspy.Example:
    """A row as DSPy reads it: the prompt's variables in, the right answer out."""
    variables = task.variables(row)
    made = dspy.Example(row=row.id, **variables, **(task.answer(row) or {}))
    return made.with_inputs(*variables)


def parted(
    rows: Sequence[Example], budget: int, seed: int, most: int = MOST_ROWS
) -> tuple[list[Example], list[Example]]:
    """Rows for worked examples, and rows to judge by: an eighth of the budget of them, a third at most.

    Example:
        >>> rows = [Example(id=str(i), inputs={}) for i in range(60)]
        >>> [len(part) for part in parted(rows, 96, 0)]
        [48, 12]
    """
    size = min(most, max(LEAST_ROWS, budget // 8), max(1, len(rows) // 3))
    mixed = random.Random(f"parts {seed}").sample(list(rows), len(rows))
    return mixed[size:], mixed[:size]


def spread(rows: Sequence[dspy.Example], field_: str) -> list[dspy.Example]:
    """The same rows in turns of their answers, so that the first ones hold as many answers as can be."""
    turns: dict[str, list[dspy.Example]] = defaultdict(list)
    for row in rows:
        turns[str(row.get(field_))].append(row)
    longest = max(map(len, turns.values()), default=0)
    return [group[i] for i in range(longest) for group in turns.values() if i < len(group)]
