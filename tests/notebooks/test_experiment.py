"""The bench of an experiment: a kernel's cell ends in a compared run, pictures and a page of MLflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.benches import experiment
from evals.benches.experiment import PARTS, bench_experiment
from evals.running.store import RUNS, load_run
from pipelines.errors import DataError
from pipelines.settings import Settings
from service.freezing import freeze

pytestmark = pytest.mark.filterwarnings("ignore")  # of Jupyter's own; the kernel is another process


@pytest.fixture
def held(settings: Settings, small_bundle: Path) -> Settings:
    freeze({path.name: path for path in small_bundle.iterdir()}, settings.home, model="test")
    return settings


@pytest.mark.timeout(240)
def test_a_cell_ends_in_a_compared_run_with_plots(held: Settings, tmp_path: Path) -> None:
    found = bench_experiment(held, tmp_path / "plots", rows=12)
    assert found["seconds"] >= found["cell_s"] > 0
    assert set(PARTS) <= found.keys()
    written = sorted((tmp_path / "plots").iterdir())
    assert found["plots"] == len(written) >= 2
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written)
    assert found["asked"] == found["utility"]["pairs"] == 12
    changed = load_run(found["run"], held.home / RUNS)
    assert changed.run.system["changes"] == experiment.CHANGES
    report = (held.home / RUNS / found["run"] / "report.md").read_text(encoding="utf-8")
    assert f"## What changed against {found['baseline']}" in report


@pytest.mark.timeout(240)
def test_a_cell_that_fails_is_one_line(held: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "CELL", "raise LookupError('a customer said this')")
    with pytest.raises(DataError, match=r"The experiment's cell failed \(LookupError\)") as caught:
        bench_experiment(held, rows=10)
    assert "customer" not in str(caught.value)
