"""Evaluations of the served bundle by name: what the command line and the notebooks ask for."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args

from evals.benches.canaries import ask_all
from evals.data.examples import load_file, load_set
from evals.data.openings import record_files, record_opening
from evals.evaluate import Plan, Progress, evaluate
from evals.rows import DatasetRef, Example, Split
from evals.running.budget import Budget
from evals.running.cache import Cache, Mode
from evals.running.part_systems import PrivacySystem, RetrievalSystem
from evals.running.store import RUNS, Recorded, keeping, new_id
from evals.running.systems import IntentSystem, SuggestSystem, SummarySystem, System, served_assistant
from evals.scorers.measuring import RowScorer
from evals.scorers.privacy import PrivacyScorer
from evals.scorers.reading import passages_of
from evals.scorers.standard import Kind, standard_scorers
from pipelines.embedding import shared_encoder
from pipelines.errors import DataError
from pipelines.settings import Settings
from pipelines.writing import write_json

SYSTEMS: dict[str, tuple[str, Kind, str]] = {
    "suggest": ("answers", "answers", "which-replies-are-right"),
    "intents": ("intents", "intents", "which-intents-are-understood"),
    "summarize": ("threads", "summaries", "which-summaries-are-right"),
    "retrieval": ("answers", "retrieval", "which-passages-are-found"),
    "privacy": ("", "privacy", "what-is-personal"),
}
"""System -> its set of the manifest (none: own rows alone), the kind of its rows, and the question that it is
evaluated for."""

CHANGEABLE = ("suggest", "retrieval")
"""Systems made of components whose settings may be changed."""

CANARIES = "canaries.json"


def evaluate_served(
    system: str, split: str, settings: Settings, *, examples: Path | None = None,
    changes: dict[str, dict[str, Any]] | None = None, notes: str = "", epochs: int = 1,
    max_seconds: float | None = None, cache: str = "live", resume: str | None = None,
    progress: Progress | None = None, limit: int | None = None,
) -> Recorded:  # fmt: skip
    """Ask one of :data:`SYSTEMS` of the served bundle and record the run; ``suggest`` asks the canaries too.

    Args:
        examples: a file in the place of the manifest's set.  limit: only the first rows, for a quick look.

    Raises:
        DataError: an unknown system, split or mode, or rows that cannot be used.
        BundleError: there is no bundle.
    """
    if system not in SYSTEMS:
        raise DataError(f"There is no system {system!r}.", mend=f"Known: {', '.join(SYSTEMS)}.")
    if split not in get_args(Split) or cache not in get_args(Mode):
        raise DataError(f"Unknown split {split!r} or cache {cache!r}.", mend="See: souffleur evaluate --help")
    if changes and system not in CHANGEABLE:
        raise DataError(f"{system} takes no --change.", mend=f"Change {' or '.join(CHANGEABLE)}.")
    run_id = resume or new_id()
    rows, data = load_rows(system, split, settings, examples, limit, run_id)
    made, scorers = served_system(system, settings, changes or {}, rows)
    given = {"--split": split, "--examples": examples and examples.resolve(), "--epochs": epochs,
             "--limit": limit, "--cache": cache}  # fmt: skip
    recorded = evaluate(
        made, rows, data, scorers, settings, question=SYSTEMS[system][2], notes=notes, epochs=epochs,
        budget=Budget(seconds=max_seconds), resume=resume, progress=progress,
        plan=Plan(run_id, again(system, given, changes or {}, run_id)),
        cache=Cache(settings.home / "cache" / "answers.sqlite", cast(Mode, cache)),
    )  # fmt: skip
    if isinstance(made, SuggestSystem) and examples is None and limit is None:
        file = settings.datasets / "canaries" / "canaries.jsonl"
        verdicts = ask_all(made.assistant, file, progress)
        outcomes = {verdict.id: verdict.outcome for verdict in verdicts}
        with keeping(settings.home / RUNS / recorded.run.id / CANARIES) as path:
            write_json(path, outcomes)
    return recorded


def again(
    system: str, given: Mapping[str, object], changes: Mapping[str, Mapping[str, Any]], run_id: str
) -> str:
    """The command that goes on with a run; what is the default is left out.

    Example:
        >>> again("suggest", {"--split": "dev", "--epochs": 2}, {"decide": {"risk": 0.1}}, "20260101-a")
        'souffleur evaluate suggest --epochs 2 --change decide.risk=0.1 --resume 20260101-a'
    """
    usual = {"--split": "dev", "--epochs": 1, "--cache": "live"}
    words = ["souffleur", "evaluate", system]
    for name, value in given.items():
        words += [] if value is None or usual.get(name) == value else [name, str(value)]
    for part, values in changes.items():
        for name, value in values.items():
            words += ["--change", f"{part}.{name}={value if isinstance(value, str) else json.dumps(value)}"]
    return shlex.join([*words, "--resume", run_id])


def load_rows(
    system: str, split: str, settings: Settings, examples: Path | None = None, limit: int | None = None,
    run_id: str = "",
) -> tuple[list[Example], DatasetRef]:  # fmt: skip
    """The rows that ask a system; opening the test part is written down, with the run that opened it.

    With ``limit`` the reference is that of the rows that are left, so that a quick look is never compared
    with a whole run.
    """
    name, kind, _ = SYSTEMS[system]
    by = f"evaluate {system}"
    if examples is None and not name:
        raise DataError(
            f"No set of the manifest is for {system}.", mend="Give labelled rows of your own: --examples FILE"
        )
    if examples is not None:
        rows, data = load_file(examples, kind)
        record_files([examples], settings.home, settings.datasets, by, run_id)
    else:
        opened = partial(record_opening, settings.home, by=by, run=run_id)
        rows, data = load_set(name, cast(Split, split), settings.datasets, opened)
    if limit is None or limit >= len(rows):
        return rows, data
    from evals.data.examples import reference

    kept = rows[:limit]
    return kept, reference(f"{data.name}-first-{limit}", data.split, [row.model_dump() for row in kept])


def served_system(
    system: str, settings: Settings, changes: dict[str, dict[str, Any]], rows: Sequence[Example] = ()
) -> tuple[System, list[RowScorer]]:
    """The system over the served bundle, and the scorers that judge it.

    Raises:
        DataError: a change that a component does not take, or a row about what the bundle does not hold.
    """
    kind = SYSTEMS[system][1]
    if system == "intents":
        return IntentSystem.served(settings), standard_scorers(kind)
    if system == "privacy":
        types = sorted({span["type"] for row in rows for span in row.expected.get("spans") or []})
        return PrivacySystem(), [PrivacyScorer(types)]
    assistant = served_assistant(settings)
    if system == "summarize":
        return SummarySystem(assistant), standard_scorers(kind)
    if system == "retrieval":
        search = RetrievalSystem(assistant, changes)
        search.refuse_unknown(rows)
        return search, standard_scorers(kind)
    store: Any = assistant.pipeline("suggest").get_component("retrieve")
    passages, encoder = passages_of(store.store.generation), shared_encoder(settings.cache)
    return SuggestSystem(assistant, changes), standard_scorers(kind, passages, encoder)
