"""The Bento holds what it needs and no more, and serves from the bundle that it carries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from real import free_port, wait_ready

from pipelines.settings import Settings
from service.bundle import open_bundle

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def built(real: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str], Path]:
    """Tag, environment and files of a Bento that was built from a copy of this repository."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("service", "pipelines"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bentofile.yaml", "requirements-serve.lock", "LICENSE"):
        shutil.copyfile(ROOT / name, root / name)
    for name in ("evals", "datasets", "var"):
        (root / name).mkdir()
        (root / name / "never.py").touch()
    # The embedding model is the machine's, not the Bento's: where it is cached is all that is handed on.
    environment = {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("SOUFFLEUR_", "PYTHON"))
        },
        "BENTOML_HOME": str(root / "bentoml"),
        "SOUFFLEUR_CACHE": str(real.cache),
    }
    done = subprocess.run(
        [sys.executable, "-m", "service.building"],
        cwd=root,
        env={**environment, "SOUFFLEUR_HOME": str(real.home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    tag = done.stdout.strip().splitlines()[-1]
    return tag, environment, root / "bentoml" / "bentos" / tag.replace(":", "/")


def test_it_holds_service_pipelines_and_bundle_alone(built: tuple[str, dict[str, str], Path]) -> None:
    source = built[2] / "src"
    assert {path.name for path in source.iterdir()} == {
        "service",
        "pipelines",
        "bundle",
        "requirements-serve.lock",
        "LICENSE",
        "bentofile.yaml",
    }
    files = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert {"service/app.py", "service/console/index.html", "bundle/manifest.json"} <= files
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pipelines").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours <= files
    # what is no Python is what a packaging rule forgets
    words = {"gloss.txt", "gloss_fr.txt", "gloss_es.txt"}
    assert words | {"centres.npz", "weights.json", "cues.yaml", "suggest.yaml"} <= {
        Path(n).name for n in ours
    }
    assert not [name for name in files if "never" in name or "__pycache__" in name]
    locked = (built[2] / "env" / "python" / "requirements.txt").read_text()
    assert "bentoml==" in locked
    for unwanted in ("mlflow==", "dspy==", "ragas==", "jupyterlab==", "torch=="):
        assert unwanted not in locked


def test_it_serves_from_its_own_bundle(built: tuple[str, dict[str, str], Path], tmp_path: Path) -> None:
    tag, environment, folder = built
    port, log = free_port(), tmp_path / "log.txt"
    command = [sys.executable, "-m", "bentoml", "serve", tag, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=stream, stderr=stream)
    try:
        wait_ready(process, f"http://127.0.0.1:{port}", log)
        body = {
            "thread": [{"role": "customer", "text": "Dans quel délai serai-je remboursé après mon retour ?"}]
        }
        answer = httpx.post(f"http://127.0.0.1:{port}/suggest", json=body)
        assert answer.status_code == 200
        said = answer.json()
        assert said["bundle"]["id"] == open_bundle(folder / "src" / "bundle").id
        assert "7 jours ouvrés" in said["suggestions"][0]["text"]
        assert said["suggestions"][0]["citations"]
        summary = httpx.post(f"http://127.0.0.1:{port}/summarize", json=body).json()
        assert summary["issue"]
        closed = httpx.post(
            f"http://127.0.0.1:{port}/template", json={**body, "channel": {"window_open": False}}
        )
        assert closed.json()["templates"]
        assert "souffleur_requests_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert httpx.get(f"http://127.0.0.1:{port}/").text.startswith("<!doctype html>")
    finally:
        process.terminate()
        process.wait(30)


def test_a_tampered_one_says_so_and_ends(built: tuple[str, dict[str, str], Path], tmp_path: Path) -> None:
    tag, environment, folder = built
    (folder / "src" / "bundle" / "catalogue.json").write_text("tampered")
    done = subprocess.run(
        [sys.executable, "-m", "bentoml", "serve", tag, "--host", "127.0.0.1", "--port", str(free_port())],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "catalogue.json" in done.stderr
    assert "Traceback" not in done.stderr
