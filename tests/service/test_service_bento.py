"""The Bento holds what it needs and no more, and serves from the bundle that it carries."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from test_service_page import free_port
from tiny import make_bundle

ROOT = Path(__file__).parents[2]
STUB = '''
"""Stands for the real assistant, which needs a trained bundle."""
from types import SimpleNamespace
from tiny import TinyAssistant


class Assistant(TinyAssistant):
    def __init__(self, root, bundle, settings):
        super().__init__(SimpleNamespace(root=root, ref=bundle), settings)

    def warm_up(self):
        pass
'''

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str], Path]:
    """Tag, environment and files of a Bento that was built from a copy of this repository."""
    root = tmp_path_factory.mktemp("checkout")
    for name in ("service", "pipelines"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bentofile.yaml", "requirements-serve.lock", "LICENSE"):
        shutil.copyfile(ROOT / name, root / name)
    for name in ("evals", "datasets", "var"):
        (root / name).mkdir()
        (root / name / "never.py").touch()
    (root / "pipelines" / "assistant.py").write_text(STUB)
    make_bundle(root / "home")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SOUFFLEUR_")},
        "BENTOML_HOME": str(root / "bentoml"),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    done = subprocess.run(
        [sys.executable, "-m", "service.building"],
        cwd=root,
        env={**environment, "SOUFFLEUR_HOME": "home"},
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
    assert not [name for name in files if "never" in name or "__pycache__" in name]
    locked = (built[2] / "env" / "python" / "requirements.txt").read_text()
    assert "bentoml==" in locked
    for unwanted in ("mlflow==", "dspy==", "ragas==", "jupyterlab==", "torch=="):
        assert unwanted not in locked


def test_it_serves_from_its_own_bundle(built: tuple[str, dict[str, str], Path], tmp_path: Path) -> None:
    tag, environment, _ = built
    port, log = free_port(), tmp_path / "log.txt"
    command = [sys.executable, "-m", "bentoml", "serve", tag, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=stream, stderr=stream)
    try:
        end = time.monotonic() + 60
        while True:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        body = {"thread": [{"role": "customer", "text": "Quand ?"}]}
        answer = httpx.post(f"http://127.0.0.1:{port}/suggest", json=body)
        assert answer.status_code == 200
        assert "3 jours" in answer.json()["suggestions"][0]["text"]
        assert "souffleur_requests_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert httpx.get(f"http://127.0.0.1:{port}/").text.startswith("<!doctype html>")
    finally:
        process.terminate()
        process.wait(30)


def test_a_tampered_one_says_so_and_ends(built: tuple[str, dict[str, str], Path], tmp_path: Path) -> None:
    tag, environment, folder = built
    (folder / "src" / "bundle" / "source.txt").write_text("tampered")
    done = subprocess.run(
        [sys.executable, "-m", "bentoml", "serve", tag, "--host", "127.0.0.1", "--port", str(free_port())],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "source.txt" in done.stderr
    assert "Traceback" not in done.stderr
