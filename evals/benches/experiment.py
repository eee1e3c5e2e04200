"""How long one experiment takes, from a notebook's cell to a compared run with plots that MLflow shows.

A kernel of its own is started, as Jupyter starts one; the run to compare with is there already, as it is for
whoever changes one thing after the other. Nothing is measured but time: the rows are of a train part.
"""

from __future__ import annotations

import base64
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from evals.chapters import keep
from evals.running.store import Recorded
from evals.served import evaluate_served
from pipelines.errors import DataError
from pipelines.settings import Settings

Progress = Callable[[str, int, int], None]
SYSTEM, SPLIT = "suggest", "train"
ROWS = 300
CHANGES = {"retrieve": {"fusion": "rrf"}}
"""Ranks fused in the place of scores: one component, one setting."""

TIMEOUT_S = 600
OPENING = """
import json, time
from pathlib import Path

from IPython.display import Image, display

from evals.chapters import keep, png
from evals.comparing.compare import compare
from evals.plots.figures import comparison_plot
from evals.plots.of_run import pictures
from evals.running.figures import figures
from evals.running.store import RUNS, load_run
from evals.served import evaluate_served
from pipelines.settings import load_settings

places = {{name: Path(place) for name, place in {places!r}.items()}}
settings = load_settings().model_copy(update=places)
baseline = load_run({baseline!r}, settings.home / RUNS)
"""
CELL = """
marks = [time.perf_counter()]
changed = evaluate_served(
    {system!r}, {split!r}, settings, notes="fusion by ranks", limit={rows}, changes={changes!r}
)
marks.append(time.perf_counter())
compared = compare(baseline, changed, "utility")
marks.append(time.perf_counter())
display(Image(png(comparison_plot(compared, ["utility", "harmless", "answered", "recall@5"]))))
for name, picture in pictures(changed, figures(changed)):
    display(Image(png(picture)))
marks.append(time.perf_counter())
page = keep(changed, settings, compared)
marks.append(time.perf_counter())
print(json.dumps([changed.run.id, page, marks]))
"""
PARTS = ("evaluate_s", "compare_s", "plots_s", "page_s")


def bench_experiment(
    settings: Settings, plots: Path | None = None, rows: int = ROWS, progress: Progress | None = None
) -> dict[str, Any]:
    """Seconds of one experiment on the served bundle, part by part.

    Args:
        plots: folder for the pictures of the cell, as PNG; written nowhere without it.
        rows: how many examples are asked.

    Returns ``seconds`` (kernel, imports and cell), ``kernel_s``, ``opening_s``, ``cell_s`` and its
    :data:`PARTS`, ``baseline_s`` (the run compared with, not part of ``seconds``), ``plots``, and what was
    compared.

    Raises:
        DataError: a cell failed, or the experiment ended without its run, its plots or its page in MLflow.
        BundleError: there is no bundle.
    """
    with tempfile.TemporaryDirectory() as folder:
        # MLflow's database is made before the clock runs, as it is there after one's first run.
        held = settings.model_copy(update={"mlruns": Path(folder) / "mlruns"})
        began = time.perf_counter()
        baseline = evaluate_served(SYSTEM, SPLIT, held, notes="as served", limit=rows, progress=progress)
        keep(baseline, held)
        baseline_s = time.perf_counter() - began
        cells = (
            OPENING.format(baseline=baseline.run.id, places=_places(held)),
            CELL.format(system=SYSTEM, split=SPLIT, rows=rows, changes=CHANGES),
        )
        times, outputs = _executed(cells, Path(folder))
        run_id, parts, images = _read(outputs)
        found = _found(run_id, baseline, held)
    for number, image in enumerate(images if plots is not None else ()):
        _write(plots, f"experiment-{number + 1}.png", image)
    spent = dict(zip(("kernel_s", "opening_s", "cell_s"), times, strict=True)) | parts
    spent = {"seconds": sum(times), **spent, "baseline_s": baseline_s}
    return {
        "rows": rows, "system": SYSTEM, "split": SPLIT, "changes": CHANGES,
        **{name: round(value, 1) for name, value in spent.items()}, "plots": len(images), **found,
    }  # fmt: skip


def _executed(cells: Sequence[str], folder: Path) -> tuple[tuple[float, float, float], list[dict[str, Any]]]:
    """Seconds of the kernel's start and of both cells, and the outputs of the second."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    code: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": cell, "outputs": [],
         "execution_count": None}
        for i, cell in enumerate(cells)
    ]  # fmt: skip
    written = json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    notebook: Any = nbformat.reads(written, as_version=4)  # type: ignore[no-untyped-call]
    began, times = time.perf_counter(), []
    client = NotebookClient(
        notebook, timeout=TIMEOUT_S, resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=40"],
    )  # fmt: skip
    try:
        with client.setup_kernel():
            times.append(time.perf_counter() - began)
            for number, cell in enumerate(notebook.cells):
                began = time.perf_counter()
                client.execute_cell(cell, number)
                times.append(time.perf_counter() - began)
    except CellExecutionError as error:
        # The name alone: a traceback may show rows.
        raise DataError(
            f"The experiment's cell failed ({error.ename}).", mend="Run notebooks/00_tour.ipynb to see why."
        ) from None
    return (times[0], times[1], times[2]), notebook.cells[-1].outputs


def _places(settings: Settings) -> dict[str, str]:
    """Where the kernel finds what we find: it starts in a folder of its own."""
    names = ("home", "datasets", "cache", "mlruns")
    return {name: str(Path(getattr(settings, name)).resolve()) for name in names}


def _read(outputs: Sequence[dict[str, Any]]) -> tuple[str, dict[str, float], list[bytes]]:
    """The run's id, the seconds of :data:`PARTS`, and the pictures."""
    images = [
        base64.b64decode(one["data"]["image/png"])
        for one in outputs if "image/png" in one.get("data", {})
    ]  # fmt: skip
    said = "".join(one["text"] for one in outputs if one.get("name") == "stdout")
    run_id, page, marks = json.loads(said.splitlines()[-1])
    if not images or " is in MLflow as " not in page:
        raise DataError(
            "The experiment ended without plots or without its page in MLflow.",
            mend="Run notebooks/00_tour.ipynb to see why.",
        )
    spent = [after - before for before, after in itertools.pairwise(marks)]
    return run_id, dict(zip(PARTS, spent, strict=True)), images


def _found(run_id: str, baseline: Recorded, settings: Settings) -> dict[str, Any]:
    """What the compared run says, read again from disk."""
    from evals.comparing.compare import compare
    from evals.running.store import RUNS, load_run

    changed = load_run(run_id, settings.home / RUNS)
    difference = compare(baseline, changed, "utility").of("utility")
    return {
        "baseline": baseline.run.id, "run": run_id, "asked": changed.run.asked,
        "utility": None if difference is None else difference.as_dict(),
    }  # fmt: skip


def _write(folder: Path | None, name: str, image: bytes) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(image)
