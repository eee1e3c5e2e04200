"""An optimisation as MLflow shows it: its plan, what was tried in which order, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.tracking.registry import mirror_prompt
from evals.tracking.store import client, experiment
from pipelines.privacy.redacting import redact_value
from pipelines.settings import Settings

QUESTION = "which-prompts-were-tried"
PARAMS = ("task", "model", "optimiser", "seed", "budget")


def log_optimisation(
    summary: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]], folder: Path, settings: Settings
) -> str:
    """Write one optimisation; its prompt goes to the registry as ``challenger``. Returns MLflow's run id.

    Args:
        summary: figures, with :data:`PARAMS` among them.  candidates: in the order of trial.
        folder: holds ``prompts/TASK.jinja`` where a better one was found.

    Raises:
        DataError: MLflow's database cannot be used; the optimisation itself is kept in its folder.
    """
    with client(settings) as made:
        place = experiment(made, QUESTION, settings)
        name = f"{summary['task']} by {summary['optimiser']}"
        run = made.create_run(place, run_name=name, tags={"mlflow.note.content": _told(summary)})
        id_ = str(run.info.run_id)
        for key in PARAMS:
            made.log_param(id_, key, summary[key])
        for key in ("calls", "input_tokens", "output_tokens"):
            made.log_metric(id_, key, float(summary[key]))
        for step, one in enumerate(candidates):
            made.log_metric(id_, "validation_value", float(one["value"]), step=step)
        for difference in summary.get("held_out", []):
            if difference["slice"] == "all" and difference["new"] is not None:
                made.log_metric(id_, f"held_out_{difference['metric']}", float(difference["new"]))
        lineage = redact_value([dict(one) for one in candidates])
        made.log_text(id_, json.dumps(lineage, ensure_ascii=False, indent=1), "candidates.json")
        made.log_text(id_, json.dumps(dict(summary), ensure_ascii=False, indent=1), "summary.json")
        made.set_terminated(id_)
    file = folder / "prompts" / f"{summary['task']}.jinja"
    if summary["better_found"] and file.is_file():
        text = file.read_text(encoding="utf-8")
        mirror_prompt(str(summary["task"]), text, str(summary["prompt_sha256"]), "challenger", settings)
    return id_


def _told(summary: Mapping[str, Any]) -> str:
    found = summary["validation"]
    lines = [
        f"**{summary['task']}** with `{summary['model']}`, {summary['optimiser']}, seed {summary['seed']}: "
        f"{summary['calls']} calls, {summary['candidates']} candidates.",
        "", f"On its validation rows {found['as_it_is']:.3f} became {found['chosen']:.3f}.", "",
    ]  # fmt: skip
    if not summary["better_found"]:
        return "\n".join([*lines, "No candidate was better; the prompt stays as it is."])
    return "\n".join([*lines, f"Verdict on rows it never saw: **{summary['decision']}**."])
