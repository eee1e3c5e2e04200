"""A task with its rows, by name: what the command line and the notebook ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.data.examples import load_file, load_set, reference
from evals.data.public import refuse_untrainable
from evals.optimise.labelling import ClassifyTask, RouteTask, meanings
from evals.optimise.tasks import Task
from evals.optimise.writing_drafts import DraftTask
from evals.optimise.writing_notes import SummarizeTask
from evals.rows import DatasetRef, Example
from pipelines.errors import DataError
from pipelines.settings import Settings

TASKS = {"classify": ("intents", "intents"), "draft": ("answers", "answers"),
         "summarize": ("threads", "summaries"), "route": ("answers", "answers")}  # fmt: skip
"""Task -> its set of the manifest, and the kind of rows in anyone's file."""

ANCHORS = {"classify": "anchors"}
"""Task -> the set of the rows that no candidate may lose."""

Rows = tuple[list[Example], DatasetRef]


def set_out(
    name: str, settings: Settings, train: Path | None = None, held_out: Path | None = None,
    anchors: Path | None = None, limit: int | None = None,
) -> tuple[Task, list[Example], Rows, list[Example]]:  # fmt: skip
    """The task, rows of the search, rows that it never sees, and its anchors; the test part is not touched.

    Rows about which the service would ask no model are left out.

    Args:
        train, held_out, anchors: files in the place of the manifest's.  limit: hold out the first rows only.

    Raises:
        DataError: an unknown task, or rows that cannot or may not be used.
        BundleError: ``draft`` needs a bundle.
    """
    if name not in TASKS:
        raise DataError(f"There is no task {name!r}.", mend=f"Known: {', '.join(TASKS)}.")
    set_name, kind = TASKS[name]
    refuse_untrainable([train] if train else [], settings.datasets)
    learnt = load_file(train, kind) if train else load_set(set_name, "train", settings.datasets, train=True)
    rows = learnt[0]
    kept = load_file(held_out, kind) if held_out else load_set(set_name, "dev", settings.datasets)
    if limit is not None and limit < len(kept[0]):
        first = kept[0][:limit]
        told = [row.model_dump(mode="json") for row in first]
        kept = first, reference(f"{kept[1].name}-first-{limit}", kept[1].split, told)
    guarded: Sequence[Example] = []
    if anchors:
        guarded = load_file(anchors, kind)[0]
    elif name in ANCHORS and train is None:
        guarded = load_set(ANCHORS[name], "all", settings.datasets)[0]
    task = _task(name, rows, settings)
    asked = [row for row in kept[0] if task.asks(row)]
    if len(asked) < len(kept[0]):
        told = [row.model_dump(mode="json") for row in asked]
        kept = asked, reference(f"{kept[1].name}-asked", kept[1].split, told)
    return task, [row for row in rows if task.asks(row)], kept, list(guarded)


def _task(name: str, rows: Sequence[Example], settings: Settings) -> Task:
    if name == "classify":
        labels = [str(row.expected["intent"]) for row in rows]
        return ClassifyTask(settings.brand, meanings(settings.datasets, labels))
    if name == "route":
        return RouteTask(settings.brand)
    if name == "summarize":
        return SummarizeTask(settings.brand)
    from evals.running.systems import served_assistant

    # Drafting over the endpoint is what is being prepared: its extracted answers are all that is needed here.
    plain = settings.model_copy(
        update={"llm_base_url": "", "llm_model": "", "llm_fallback_base_url": "", "llm_fallback_model": ""}
    )
    return DraftTask(served_assistant(plain))
