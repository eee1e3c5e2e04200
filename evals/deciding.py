"""A gate over two recorded runs of this home: their rows, their canaries, their judges, and the openings."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from evals.comparing.gate import Evidence, Verdict, judge
from evals.comparing.gate_rules import GateRules
from evals.comparing.run_report import write_run_report
from evals.data.openings import openings_behind
from evals.judging.calibrate import why_not_calibrated
from evals.running.store import RUNS, load_run
from evals.served import CANARIES
from pipelines.settings import Settings


def judge_runs(champion: str, challenger: str, rules: GateRules, settings: Settings) -> tuple[Verdict, int]:
    """The verdict, and how often the test part of that data was opened; the challenger's report tells it.

    Raises:
        DataError: a run is not there, or they are on different data.
    """
    root = settings.home / RUNS
    old, new = load_run(champion, root), load_run(challenger, root)
    calibrated = partial(why_not_calibrated, home=settings.home, floor=rules.judges.kappa)
    evidence = Evidence(_canaries(settings, old.run.id), _canaries(settings, new.run.id), calibrated)
    opened = openings_behind(settings.home, new.run.id, new.run.dataset.name)
    verdict = judge(old, new, rules, evidence)
    write_run_report(new, root / new.run.id, verdict=verdict)
    return verdict, opened


def _canaries(settings: Settings, run_id: str) -> dict[str, Any] | None:
    path = settings.home / RUNS / run_id / CANARIES
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
