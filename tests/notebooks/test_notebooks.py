"""Every chapter is thin, stored without outputs, and runs from top to bottom offline."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import nbformat
import pytest

from evals.tracking.store import client
from pipelines.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MAX_CODE_CELLS = 25


def code(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_all_chapters_are_there() -> None:
    names = [path.stem for path in CHAPTERS]
    assert names[0] == "00_tour"
    assert len(names) >= 10


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_is_thin_and_stored_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) <= MAX_CODE_CELLS
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    assert notebook.cells[0].source.startswith("# ")
    tree = ast.parse("\n".join(code(path)))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    assert any("SMOKE = False" in source for source in code(path))
    assert "keep(" in code(path)[-1], "a chapter ends in an MLflow run"


@pytest.fixture(scope="module")
def desk(real: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A copy of the small real home, for notebooks to write into."""
    home = tmp_path_factory.mktemp("desk") / "home"
    shutil.copytree(real.home, home, symlinks=True)
    return real.model_copy(update={"home": home, "datasets": ROOT / "datasets", "mlruns": home / "mlruns"})


@pytest.mark.timeout(600)  # on a machine that does other things too
@pytest.mark.filterwarnings("ignore")  # of Jupyter's own; the kernel is another process
@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_a_chapter_runs_and_ends_in_a_run(
    path: Path, desk: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from nbclient import NotebookClient

    for name in ("home", "cache", "datasets", "mlruns"):
        monkeypatch.setenv(f"SOUFFLEUR_{name.upper()}", str(getattr(desk, name)))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    before = runs(desk)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace("SMOKE = False", "SMOKE = True")
    NotebookClient(notebook, timeout=400, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert runs(desk) > before
    said = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [one for one in said if one.get("name") == "stderr" and "Warning" in one.get("text", "")]


def runs(settings: Settings) -> int:
    """Runs that MLflow holds, those of slices left out."""
    with client(settings) as made:
        places = [place.experiment_id for place in made.search_experiments()]
        found = made.search_runs(places, max_results=1_000) if places else []
        return sum("mlflow.parentRunId" not in run.data.tags for run in found)
