"""A recorded run as MLflow shows it: one run, its slices below it, its figures, tables and rows.

Rows are redacted before they leave HOME: a reviewer reads what was asked, never who asked it.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.comparing.run_report import REPORT, run_report, write_run_report
from evals.plots.of_run import pictures
from evals.rows import ALL, Run
from evals.running.figures import Figure, by_example, figures, metrics
from evals.running.store import RUNS, Recorded, save
from evals.scorers.reading import said, turns
from evals.tracking.store import client, experiment
from pipelines.privacy.redacting import redact, redact_value
from pipelines.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from evals.comparing.compare import Comparison
    from evals.comparing.gate import Verdict

RUN_TAG = "souffleur.run"
COMPARED_TAG = "souffleur.compared"
ROWS = "rows"
SHOWN_ROWS = 400


def log_run(
    recorded: Recorded, settings: Settings, verdict: Verdict | None = None, compared: Comparison | None = None
) -> str:
    """Write a run to MLflow, or find it there already; returns MLflow's run id.

    What it was compared with later is added to a run that is there, on its page and in its report.

    Raises:
        DataError: MLflow's database cannot be used; the run itself is kept under HOME.
    """
    folder = settings.home / RUNS / recorded.run.id
    if folder.is_dir() and (verdict is not None or compared is not None):
        write_run_report(recorded, folder, compared, verdict)
    with client(settings) as made:
        place = experiment(made, recorded.run.question, settings)
        found = find(made, recorded.run.id, place)
        if found is not None:
            if verdict is not None or compared is not None:
                for key, value in _tags(recorded.run, verdict).items():
                    made.set_tag(found, key, value)
                _judged(made, found, recorded, verdict, compared)
            return found
        all_figures = figures(recorded)
        parent = made.create_run(place, run_name=_title(recorded.run), tags=_tags(recorded.run, verdict))
        id_ = str(parent.info.run_id)
        _params(made, id_, recorded.run)
        _dataset(made, id_, recorded.run)
        _metrics(made, id_, [f for f in all_figures if f.slice == ALL])
        for name, picture in pictures(recorded, all_figures):
            made.log_figure(id_, picture, f"figures/{name}.png")
        _table(made, id_, recorded)
        _judged(made, id_, recorded, verdict, compared)
        _rows(made, id_, redacted(recorded))
        for part in dict.fromkeys(f.slice for f in all_figures if f.slice != ALL):
            _child(made, place, id_, part, [f for f in all_figures if f.slice == part])
        made.set_terminated(id_)
        return id_


def find(made: MlflowClient, run_id: str, place: str) -> str | None:
    """MLflow's id of one of our runs, or None."""
    found = made.search_runs([place], f"tags.`{RUN_TAG}` = '{run_id}'", max_results=1)
    return str(found[0].info.run_id) if found else None


def redacted(recorded: Recorded) -> Recorded:
    """The same run with everything personal replaced by its kind, in questions and answers."""
    known: dict[str, str] = {}

    def hidden(value: Any) -> Any:
        return redact_value(value, known=known)

    return Recorded(
        recorded.run,
        tuple(e.model_copy(update={"inputs": hidden(e.inputs), "expected": hidden(e.expected)})
              for e in recorded.examples),
        tuple(p.model_copy(update={"output": hidden(p.output)}) for p in recorded.predictions),
        recorded.scores,
    )  # fmt: skip


def description(run: Run, verdict: Verdict | None) -> str:
    """What a reviewer reads first: what changed, on what, and the verdict with its reasons."""
    told = f"**{run.notes or 'As served'}**"
    if verdict is not None:
        told += f": **{verdict.decision.upper()}** against `{verdict.comparison.old.id}`"
    lines = [
        told, "",
        f"{run.system.get('system', run.name)} on `{run.dataset.name}/{run.dataset.split}` "
        f"({run.dataset.rows} rows, data `{run.dataset.sha256[:12]}`), "
        f"bundle `{run.system.get('bundle', '-')}`.",
        "", f"{run.asked} answers, {run.errors} errors{'' if run.complete else ', **stopped early**'}.", "",
    ]  # fmt: skip
    lines += [f"The whole report: Artifacts, `{REPORT}`.", ""]
    if verdict is not None:
        lines += [f"- {r.rule}: {r.state}. {r.text}" for r in verdict.reasons if r.state != "reported"]
    return "\n".join(lines)


def _title(run: Run) -> str:
    return f"{run.name}: {run.notes}"[:120] if run.notes else f"{run.name} {run.id}"


def _tags(run: Run, verdict: Verdict | None) -> dict[str, str]:
    tags = {
        RUN_TAG: run.id, "mlflow.note.content": description(run, verdict), "dataset": run.dataset.name,
        "split": run.dataset.split, "complete": str(run.complete).lower(),
    }  # fmt: skip
    if verdict is not None:
        tags |= {"verdict": verdict.decision, "against": verdict.comparison.old.id}
    return tags


def _params(made: MlflowClient, id_: str, run: Run) -> None:
    params: dict[str, object] = {
        "dataset": run.dataset.name, "split": run.dataset.split, "dataset_sha256": run.dataset.sha256,
        "rows": run.dataset.rows, "epochs": run.epochs, "commit": run.commit, "lock_sha256": run.lock_sha256,
        **{f"seed_{name}": seed for name, seed in run.seeds.items()},
        **{f"prompt_{name}": digest for name, digest in run.prompts.items()},
        **{f"system_{k}": v if isinstance(v, str) else json.dumps(v) for k, v in run.system.items()},
    }  # fmt: skip
    for name, value in params.items():
        made.log_param(id_, name, str(value)[:5_000])


def _dataset(made: MlflowClient, id_: str, run: Run) -> None:
    from mlflow.entities import Dataset, DatasetInput

    data = run.dataset
    source = json.dumps({"set": data.name, "split": data.split})
    entity = Dataset(
        name=f"{data.name}/{data.split}", digest=data.sha256[:32], source_type="local", source=source,
        profile=json.dumps({"num_rows": data.rows}),
    )  # fmt: skip
    made.log_inputs(id_, [DatasetInput(entity)])


def _metrics(made: MlflowClient, id_: str, found: Sequence[Figure]) -> None:
    from mlflow.entities import Metric

    now, out = int(time.time() * 1_000), []
    for figure in found:
        interval = figure.interval
        values: Mapping[str, float | None] = {
            "": interval.value, "_ci_low": interval.low, "_ci_high": interval.high, "_n": interval.n,
            "_coverage": figure.coverage, "_pass_hat_k": figure.pass_hat_k, "_spread": figure.spread,
        }  # fmt: skip
        name = figure.metric.replace("@", "_at_")
        out += [Metric(f"{name}{k}", float(v), now, 0) for k, v in values.items() if v is not None]
    for start in range(0, len(out), 900):
        made.log_batch(id_, metrics=out[start : start + 900])


def _child(made: MlflowClient, place: str, parent: str, part: str, found: Sequence[Figure]) -> None:
    child = made.create_run(place, run_name=part, tags={"mlflow.parentRunId": parent, "slice": part})
    _metrics(made, child.info.run_id, found)
    made.set_terminated(child.info.run_id)


def _table(made: MlflowClient, id_: str, recorded: Recorded) -> None:
    made.log_table(id_, _columns(table_rows(recorded)), "tables/predictions.json")


def _judged(
    made: MlflowClient, id_: str, recorded: Recorded, verdict: Verdict | None, compared: Comparison | None
) -> None:
    """The report and the changed rows, as far as the run was compared or judged by now."""
    made.log_text(id_, run_report(recorded, compared, verdict), REPORT)
    if compared is None or not compared.rows:
        return
    if made.get_run(id_).data.tags.get(COMPARED_TAG) == compared.old.id:
        return  # MLflow adds to a table that is there
    changed = [
        {"against": compared.old.id, "example": c.example_id, "change": c.kind, "old": c.old, "new": c.new,
         "old_text": redact(c.old_text), "new_text": redact(c.new_text), **c.slices}
        for c in compared.rows
    ]  # fmt: skip
    made.log_table(id_, _columns(changed), "tables/regressions.json")
    made.set_tag(id_, COMPARED_TAG, compared.old.id)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def table_rows(recorded: Recorded) -> list[dict[str, Any]]:
    """A line a prediction, redacted: what was asked, what was said, and each score."""
    examples = {example.id: example for example in recorded.examples}
    values = {metric: by_example(recorded.scores, metric) for metric in metrics(recorded.scores)}
    rows = []
    for prediction in [p for p in recorded.predictions if p.epoch == 0][:SHOWN_ROWS]:
        example = examples[prediction.example_id]
        asked = " / ".join(str(turn.get("text", "")) for turn in turns(example)[-3:])
        rows.append({
            "example": example.id, "asked": redact(asked), "said": redact(said(prediction) or ""),
            "error": prediction.error or "", "confidence": prediction.confidence, **example.slices,
            **{metric: found.get(example.id) for metric, found in values.items()},
        })  # fmt: skip
    return rows


def _rows(made: MlflowClient, id_: str, recorded: Recorded) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made.log_artifacts(id_, str(save(recorded, Path(folder))), ROWS)


def read_run(run_id: str, settings: Settings) -> Recorded:
    """A run from MLflow's store alone, as it was written there (redacted).

    Args:
        run_id: MLflow's.

    Raises:
        DataError: there is no such run, or it holds no rows.
    """
    from evals.running.store import load_run

    with client(settings) as made, tempfile.TemporaryDirectory() as folder:
        path = made.download_artifacts(run_id, ROWS, folder)
        return load_run(path, Path(folder))
