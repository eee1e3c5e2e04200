"""One command from a recorded run to the served bundle; a red gate stops it before anything moves."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from evals.cli.report import GateFailed
from evals.comparing.gate_rules import DEFAULT, GateRules, read_rules
from evals.comparing.reports import settle
from evals.deciding import judge_runs
from evals.promoting.champion import Champion, Throne, crown, throne
from evals.promoting.parity import Progress, replay
from evals.rows import Run
from evals.running.store import RUNS, Recorded, load_run
from evals.served import CANARIES
from pipelines.assistant import Assistant
from pipelines.errors import DataError
from pipelines.settings import Settings
from pipelines.writing import write_json, write_text
from service.building import ROOT
from service.bundle import Bundle, open_bundle
from service.freezing import freeze, point_current

Say = Callable[[str], None]
OPERATORS = frozenset({"risk", "max_chars", "address", "tone", "links", "cache"})
"""Settings of the operator: a bundle does not hold them, so a promotion cannot either."""


def promote(
    name: str, settings: Settings, say: Say, progress: Progress | None = None, rules: Path | None = None,
    checkout: Path = ROOT,
) -> dict[str, Any]:  # fmt: skip
    """Gate a run against the champion, freeze, build, replay the canaries, and only then move the alias.

    Returns the bundle, the Bento's tag and where the report lies; the same is written beside the run.

    Raises:
        GateFailed: the gate is not green, or the built service answers otherwise; nothing was moved.
        DataError: the run cannot be promoted.
    """
    recorded = load_run(name, settings.home / RUNS)
    _promotable(recorded, settings)
    report = _gated(recorded, settings, read_rules(rules or DEFAULT), say)
    bundle = frozen(recorded.run, settings)
    say(f"Bundle      {bundle.id}")
    tag, place = _built(bundle, settings, checkout)
    say(f"Bento       {tag}")
    apart = _replayed(bundle, place, settings, progress)
    if apart:
        raise GateFailed(f"The built service answers {len(apart)} canaries otherwise: {', '.join(apart)}.")
    say("Parity      every canary is answered as it was here")
    point_current(settings.home, bundle.id)
    crown(settings.home, Champion(run=recorded.run.id, bundle=bundle.id, bento=tag))
    made = {
        "run": recorded.run.id,
        "bundle": bundle.id,
        "bento": tag,
        "report": str(report) if report else None,
    }
    write_json(settings.home / RUNS / recorded.run.id / "promotion.json", made)
    register(recorded, bundle.id, settings, say)
    return made


def roll_back(settings: Settings, say: Say) -> Champion:
    """Put the champion before this one back: bundle, alias and record.

    Raises:
        DataError: nobody was promoted before.
        BundleError: its bundle is gone or damaged.
    """
    now = throne(settings.home)
    if now is None or now.previous is None:
        raise DataError("Nobody was promoted before.", mend="List the runs: souffleur runs")
    point_current(settings.home, now.previous.bundle)
    made = Throne(champion=now.previous, previous=now.champion)
    write_json(settings.home / "champion.json", made.model_dump(mode="json"))
    register(load_run(now.previous.run, settings.home / RUNS), now.previous.bundle, settings, say)
    return now.previous


def frozen(run: Run, settings: Settings) -> Bundle:
    """The bundle that a run evaluated, with the changes that it made to the pipeline frozen in.

    Raises:
        DataError: a change is the operator's to make.
        BundleError: the bundle is gone or damaged.
    """
    base = open_bundle(settings.home / "bundles" / str(run.system.get("bundle")))
    changes: dict[str, dict[str, Any]] = run.system.get("changes") or {}
    theirs = sorted(f"{part}.{key}" for part, values in changes.items() for key in values if key in OPERATORS)
    if theirs:
        raise DataError(
            f"{', '.join(theirs)} is a setting of the operator and no part of a bundle.",
            mend="Set it in .env (SOUFFLEUR_RISK, ...) and promote the run without it.",
        )
    if not changes:
        return base
    with tempfile.TemporaryDirectory() as folder:
        changed = Path(folder) / "suggest.yaml"
        value = yaml.safe_load((base.root / "pipelines" / "suggest.yaml").read_text(encoding="utf-8"))
        for part, values in changes.items():
            value["components"][part]["init_parameters"].update(values)
        write_text(changed, yaml.safe_dump(value))
        parts = {name: base.root / name for name in base.files}
        parts["pipelines/suggest.yaml"] = changed
        made = freeze(parts, settings.home, model=base.model, prompts=base.prompts, serve=False)
    return open_bundle(made)


def register(recorded: Recorded, bundle: str, settings: Settings, say: Say) -> None:
    """Move the alias ``champion`` in MLflow's registry; without MLflow's database there is none to move."""
    from evals.tracking.record import log_run
    from evals.tracking.registry import register_bundle

    version = register_bundle(bundle, log_run(recorded, settings), "champion", settings)
    say(f"MLflow      champion is version {version}")


def copy_checkout(folder: Path) -> Path:
    """A copy of what a Bento is built from, so that building writes nothing into the checkout itself."""
    for name in ("service", "pipelines"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bentofile.yaml", "requirements-serve.lock", "LICENSE"):
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def _promotable(recorded: Recorded, settings: Settings) -> None:
    run = recorded.run
    if run.system.get("system") != "suggest":
        raise DataError(
            f"The run {run.id} evaluated no bundle's suggestions.", mend="Promote one of suggest."
        )
    if not run.complete:
        raise DataError(
            f"The run {run.id} did not ask every row.", mend=f"souffleur evaluate --resume {run.id}"
        )
    if not (settings.home / RUNS / run.id / CANARIES).is_file():
        raise DataError(f"The run {run.id} did not ask the canaries.", mend="Evaluate the manifest's rows.")


def _gated(recorded: Recorded, settings: Settings, rules: GateRules, say: Say) -> Path | None:
    now = throne(settings.home)
    if now is None:
        say("Gate        nobody is champion yet: the first is crowned without a comparison")
        return None
    verdict, opened = judge_runs(now.champion.run, recorded.run.id, rules, settings)
    report = settle(verdict, settings.home / RUNS / recorded.run.id, opened)
    say(f"Gate        {verdict.decision} against {now.champion.run}")
    return report


def _built(bundle: Bundle, settings: Settings, checkout: Path) -> tuple[str, Path]:
    with warnings.catch_warnings():
        # BentoML warns of its own dependencies' future; nothing of it is ours to mend.
        warnings.simplefilter("ignore")
        from bentoml import bentos

        from service.building import build

        tag = build(settings.model_copy(update={"bundle": bundle.root}), checkout)
        return tag, Path(bentos.get(tag).path) / "src"


def _replayed(bundle: Bundle, place: Path, settings: Settings, progress: Progress | None) -> list[str]:
    carried = open_bundle(place / "bundle")
    if carried.id != bundle.id:
        raise DataError(f"The Bento carries {carried.id}, not {bundle.id}.", mend="Build it again.")
    assistant = Assistant(bundle.root, bundle.ref, settings)
    assistant.warm_up()
    canaries = settings.datasets / "canaries" / "canaries.jsonl"
    with tempfile.TemporaryDirectory() as folder:
        return replay(assistant, carried.root, place, canaries, Path(folder), progress)
