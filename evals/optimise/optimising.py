"""From a pinned prompt to a better one, proven: search, anchors, export, parity, both asked again, the gate.

HOME/optimised/<task>-<optimiser>-<key>/
    calls.jsonl      every call of the search: stopped, it goes on from here
    candidates.json  what was tried, from which parents, with what value, after how many calls
    prompts/         all prompts, the new one among them: souffleur bundle --prompts FOLDER
    report.md        the gate's verdict        summary.json  the whole in figures
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.comparing.gate import Evidence, Verdict, judge
from evals.comparing.reports import write_report
from evals.evaluate import evaluate
from evals.optimise.engines import Engine, Model, language_model
from evals.optimise.forms import Form
from evals.optimise.parity import parity, require
from evals.optimise.programs import demonstrations
from evals.optimise.prompted import PromptSystem
from evals.optimise.searching import OPTIMISERS, Candidate, Optimiser, Search, parted
from evals.optimise.tasks import Task
from evals.rows import DatasetRef, Example
from evals.running.store import Recorded
from pipelines.errors import DataError
from pipelines.generating.prompts import FOLDER, PromptBook, write_prompt
from pipelines.generating.reading import read_object
from pipelines.hashing import canonical, sha256_text
from pipelines.settings import Settings
from pipelines.writing import write_json

PLACE = "optimised"
QUESTION = "do-optimised-prompts-help"
Tick = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for; equal plans on equal rows find the same prompt.

    Attributes:
        budget: calls of the search; the two evaluations at the end come on top.
        demos: worked examples that a prompt may hold; the task's own number for None.

    Example:
        >>> Plan("labeled", 400, 0).checked().budget
        400
    """

    optimiser: Optimiser
    budget: int
    seed: int
    demos: int | None = None
    threads: int = 1

    def checked(self) -> Plan:
        """Itself.

        Raises:
            DataError: an unknown optimiser, or nothing to spend.
        """
        if self.optimiser not in OPTIMISERS:
            raise DataError(
                f"There is no optimiser {self.optimiser!r}.", mend=f"Known: {', '.join(OPTIMISERS)}."
            )
        if self.budget < 1:
            raise DataError(
                f"A budget of {self.budget} calls optimises nothing.", mend="Give --budget, for instance 800."
            )
        if self.demos is not None and self.demos < 1:
            raise DataError("A prompt cannot hold fewer than one worked example.", mend="Give --demos 1.")
        return self


@dataclass(frozen=True, slots=True)
class Optimised:
    """What came of it.

    Attributes:
        chosen: place in ``candidates``; 0 is the prompt as it was, then nothing was exported.
        before, after: runs on rows that the search never saw; ``after`` is None when nothing was better.
    """

    folder: Path
    plan: Plan
    task: str
    model: str
    candidates: tuple[Candidate, ...]
    chosen: int
    refused: tuple[int, ...]
    parity_rows: int
    spent: dict[str, int]
    before: Recorded
    after: Recorded | None = None
    verdict: Verdict | None = None


def optimise(
    task: Task, plan: Plan, train: Sequence[Example], held_out: tuple[Sequence[Example], DatasetRef],
    model: Model, settings: Settings, *, anchors: Sequence[Example] = (), source: Path = FOLDER,
    tick: Tick | None = None,
) -> Optimised:  # fmt: skip
    """Search a better prompt for a task, and prove it.

    Args:
        train: rows of the search: worked examples, and those that candidates are judged on.
        held_out: rows that only the two evaluations at the end see.
        anchors: rows that a candidate must not lose when the prompt as it is gets them right.
        source: folder of the pinned prompts.

    Raises:
        DataError: the plan cannot be carried out, or the model did not answer; what was asked is kept.
        PromptError: a prompt was changed, or the export is not what was optimised.
    """
    plan, tell = plan.checked(), tick or (lambda stage, done, total: None)
    book = PromptBook.load(source)
    form = Form.of(book[task.name])
    folder = _folder(task, plan, train, held_out[1], model, book, settings)
    engine = Engine(model, folder, plan.budget, lambda calls: tell("search", calls, plan.budget))
    rows, judged_by = parted(train, plan.budget, plan.seed)
    search = Search(
        task, form, engine, language_model(engine), rows, judged_by, plan.budget, plan.seed,
        plan.demos or task.demos, plan.threads,
    )  # fmt: skip
    candidates = tuple(search.run(plan.optimiser))
    asking = Engine(model, folder, tick=lambda calls: tell("ask again", calls, 2 * len(held_out[0])))
    chosen, refused = _choice(candidates, form, task, anchors, asking)
    write_json(folder / "candidates.json", [told(one) for one in candidates])
    before = _asked(task, book, asking, held_out, settings, f"{task.name} as it is")
    made = Optimised(
        folder, plan, task.name, model.name, candidates, chosen, refused, len(held_out[0]),
        _spent(engine), before,
    )  # fmt: skip
    if not chosen:
        write_json(folder / "summary.json", summary(made))
        return made
    exported = _export(candidates[chosen], form, task, book, plan, model, folder, source)
    require(parity(candidates[chosen].predictor, form, exported[task.name], task, held_out[0]), task.name)
    after = _asked(task, exported, asking, held_out, settings, f"{task.name} by {plan.optimiser}")
    verdict = judge(before, after, task.rules(), Evidence())
    write_report(verdict, folder)
    made = replace(made, after=after, verdict=verdict)
    write_json(folder / "summary.json", summary(made))
    return made


def summary(made: Optimised) -> dict[str, Any]:
    """Figures of an optimisation as JSON."""
    best = made.candidates[made.chosen]
    value: dict[str, Any] = {
        "task": made.task, "model": made.model, "optimiser": made.plan.optimiser, "seed": made.plan.seed,
        "budget": made.plan.budget, **made.spent, "candidates": len(made.candidates),
        "validation": {"as_it_is": made.candidates[0].value, "chosen": best.value},
        "refused_by_anchors": len(made.refused), "better_found": bool(made.chosen),
        "before_run": made.before.run.id,
    }  # fmt: skip
    if made.after is None or made.verdict is None:
        return value
    found = made.verdict.comparison.differences
    return value | {
        "after_run": made.after.run.id, "decision": made.verdict.decision,
        "reasons": [f"{r.rule}: {r.state}. {r.text}" for r in made.verdict.reasons],
        "held_out": [d.as_dict() for d in found],
        "parity": {"rows": made.parity_rows, "equal": 1.0}, "demonstrations": len(best.predictor.demos),
        "prompt_sha256": made.after.run.prompts.get(made.task, ""),
    }  # fmt: skip


def _folder(
    task: Task, plan: Plan, train: Sequence[Example], data: DatasetRef, model: Model, book: PromptBook,
    settings: Settings,
) -> Path:  # fmt: skip
    """The plan's own folder: what differs in anything has another."""
    rows = sha256_text("".join(row.line() for row in train))
    key = [
        task.name, plan.optimiser, plan.budget, plan.seed, plan.demos, model.name, rows, data.sha256,
        book[task.name].sha256,
    ]  # fmt: skip
    name = f"{task.name}-{plan.optimiser}-{sha256_text(canonical(key))[:10]}"
    folder = settings.home / PLACE / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _choice(
    candidates: Sequence[Candidate], form: Form, task: Task, anchors: Sequence[Example], engine: Engine
) -> tuple[int, tuple[int, ...]]:
    """The best candidate that keeps every anchor, and the better ones that did not."""
    order = sorted(range(len(candidates)), key=lambda place: (-candidates[place].value, place))
    kept = [row for row in anchors if _right(candidates[0], form, task, row, engine)]
    refused: list[int] = []
    for place in order:
        if place == 0 or candidates[place].value <= candidates[0].value:
            break
        if all(_right(candidates[place], form, task, row, engine) for row in kept):
            return place, tuple(refused)
        refused.append(place)
    return 0, tuple(refused)


def _right(one: Candidate, form: Form, task: Task, row: Example, engine: Engine) -> bool:
    demos, instructions = demonstrations(one.predictor), one.predictor.signature.instructions
    chat = form.messages(instructions, demos, task.variables(row))
    said = engine.ask(chat[0]["content"], [(m["role"], m["content"]) for m in chat[1:]], {})["text"]
    return task.judge(row, read_object(said) or {}).value >= task.passing


def _export(
    one: Candidate, form: Form, task: Task, book: PromptBook, plan: Plan, model: Model, folder: Path,
    source: Path,
) -> PromptBook:  # fmt: skip
    """The folder of prompts with the new one in it."""
    place = folder / "prompts"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(source, place)
    origin = {
        "kind": "optimiser", "optimiser": plan.optimiser, "seed": plan.seed, "budget": plan.budget,
        "model": model.name, "from": book[task.name].sha256, "run": folder.name,
    }  # fmt: skip
    template = form.template(one.predictor.signature.instructions, demonstrations(one.predictor))
    write_prompt(task.name, template, origin, place)
    return PromptBook.load(place)


def _asked(
    task: Task, book: PromptBook, engine: Engine, held_out: tuple[Sequence[Example], DatasetRef],
    settings: Settings, notes: str,
) -> Recorded:  # fmt: skip
    system = PromptSystem(task, book, engine)
    return evaluate(
        system, held_out[0], held_out[1], task.scorers(), settings, question=QUESTION,
        name=f"prompt {task.name}", notes=notes,
    )  # fmt: skip


def told(one: Candidate) -> dict[str, Any]:
    """A candidate as JSON: its value, origin and instructions, and what its worked examples answer."""
    return {
        "value": one.value, "how": one.how, "calls": one.calls, "parents": list(one.parents),
        "instructions": one.predictor.signature.instructions,
        "demonstrations": [dict(demo.answer) for demo in demonstrations(one.predictor)],
    }  # fmt: skip


def _spent(engine: Engine) -> dict[str, int]:
    return {
        "calls": engine.calls, "calls_not_kept_before": engine.fresh,
        "input_tokens": engine.input_tokens, "output_tokens": engine.output_tokens,
    }  # fmt: skip
