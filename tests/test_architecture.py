"""The rules of the house that a machine can hold: arrows, sizes, shadowing, settings, storage, git."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("pipelines", "service", "evals")
WORKBENCH = {"mlflow", "dspy", "ragas"}
FORBIDDEN = {
    "pipelines": {"service", "evals", "notebooks", "bentoml", *WORKBENCH},
    "service": {"evals", "notebooks", *WORKBENCH},
    "evals": {"notebooks"},
}
"""What a room may not import, at any depth of its functions: pipelines <- service <- evals <- notebooks."""

MAX_LINES = 300
LONGER = {"pipelines/contracts.py": 400}
"""All words of the house stand in one file, so that each has one meaning."""

MAX_TEST_LINES = 400
MAX_FUNCTION = 40
PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
READS_ENVIRONMENT = {"pipelines/settings.py", "service/building.py"}
"""The settings; and the building of a Bento, which puts this environment's ``uv`` on BentoML's PATH."""

MACHINE_PATH = re.compile(r"(?<![\w.:/}>-])/(?:root|home|Users|work|opt/wheels)/[\w.-]")
BINARY = {".png", ".npy", ".npz", ".ico", ".woff2", ".gz", ".pdf"}


@cache
def modules(*rooms: str) -> tuple[Path, ...]:
    return tuple(path for room in rooms for path in sorted((ROOT / room).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """Top-level names of all that a file imports, lazily or not, or for the type checker alone."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: imports are absolute, so that an arrow can be read"
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "importlib.import_module",
            "__import__",
        ):
            first = node.args[0] if node.args else None
            assert isinstance(first, ast.Constant), (
                f"{name(path)}: an import by a computed name escapes the arrows"
            )
            yield str(first.value).split(".")[0]


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_point_one_way(room: str) -> None:
    wrong = [f"{name(p)} imports {i}" for p in modules(room) for i in imported(p) if i in FORBIDDEN[room]]
    assert not wrong


def test_files_are_short() -> None:
    sizes = {name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in modules(*ROOMS)}
    assert {n: size for n, size in sizes.items() if size > LONGER.get(n, MAX_LINES)} == {}
    tests = {name(p): len(p.read_text(encoding="utf-8").splitlines()) for p in modules("tests")}
    assert {n: size for n, size in tests.items() if size > MAX_TEST_LINES} == {}


def test_functions_are_short() -> None:
    """Fewer than 40 lines each, the docstring not counted."""
    long = {}
    for path in modules(*ROOMS):
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = node.body[0]
                written = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
                words = (first.end_lineno or 0) - first.lineno + 1 if written else 0
                lines = (node.end_lineno or 0) - node.lineno + 1 - words
                if lines >= MAX_FUNCTION:
                    long[f"{name(path)}:{node.name}"] = lines
    assert long == {}


def test_public_names_say_what_they_are() -> None:
    silent = []
    for path in modules(*ROOMS):
        if path.stat().st_size and ast.get_docstring(tree(path)) is None:
            silent.append(name(path))
        for node in tree(path).body:
            public = (
                isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
                and node.name[0] != "_"
            )
            if public and ast.get_docstring(node) is None:
                silent.append(f"{name(path)}:{node.name}")
    assert not silent


def test_no_file_is_a_drawer() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    assert [name(p) for p in modules(*ROOMS, "tests") if p.name in drawers] == []


def test_datasets_is_data_only_and_shadows_nothing() -> None:
    assert not list((ROOT / "datasets").rglob("*.py"))
    spec = importlib.util.find_spec("datasets")
    if spec is None or spec.origin is None:
        pytest.skip("the package 'datasets' is not installed")
    assert ROOT / "datasets" not in Path(spec.origin).parents


def test_settings_are_read_in_one_place() -> None:
    """Elsewhere the environment is left alone: what is not in the settings is documented nowhere."""
    wrong = []
    for path in modules(*ROOMS):
        if name(path) in READS_ENVIRONMENT:
            continue
        for node in ast.walk(tree(path)):
            attribute = isinstance(node, ast.Attribute) and ast.unparse(node) in (
                "os.environ",
                "os.getenv",
                "os.environb",
            )
            taken = (
                isinstance(node, ast.ImportFrom)
                and node.module == "os"
                and {a.name for a in node.names} & {"environ", "getenv"}
            )
            if attribute or taken:
                wrong.append(f"{name(path)}:{node.lineno}")
    assert not wrong


def test_nothing_is_pickled() -> None:
    wrong = [f"{name(p)} imports {i}" for p in modules(*ROOMS) for i in imported(p) if i in PICKLES]
    for path in modules(*ROOMS):
        keywords = [node for node in ast.walk(tree(path)) if isinstance(node, ast.keyword)]
        allowing = [k for k in keywords if k.arg == "allow_pickle" and ast.unparse(k.value) != "False"]
        wrong += [f"{name(path)} allows pickle" for _ in allowing]
    assert not wrong


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-serve.lock"])
def test_locks_pin_by_hash_and_name_no_address(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash", ""), re.MULTILINE), "no option lines"
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert [e.split()[0] for e in entries if "--hash=sha256:" not in e or "==" not in e.split()[0]] == []


def test_the_serving_lock_is_part_of_the_whole_one() -> None:
    pins = {}
    for file in ("requirements.lock", "requirements-serve.lock"):
        text = (ROOT / file).read_text(encoding="utf-8")
        pins[file] = set(re.findall(r"^([a-z0-9._-]+==\S+)", text, re.MULTILINE))
    assert pins["requirements-serve.lock"] <= pins["requirements.lock"]


def declared() -> dict[str, set[str]]:
    """Distributions of each dependency group, by their normal names."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    return {
        group: {normal(re.split(r"[<>=!~;\[ ]", line)[0]) for line in lines}
        for group, lines in groups.items()
    }


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_what_is_imported_is_declared() -> None:
    """Nothing rests on a package that only another package happens to bring."""
    providers = metadata.packages_distributions()
    for room, groups in (("pipelines", {"serve"}), ("service", {"serve"}), ("evals", set(declared()))):
        allowed = set().union(*(declared()[group] for group in groups))
        names = {i for path in modules(room) for i in imported(path)} - set(ROOMS) - sys.stdlib_module_names
        astray = {i for i in names if i in providers and not {normal(d) for d in providers[i]} & allowed}
        assert not astray, f"{room} imports what its groups do not declare"


def test_each_direct_dependency_has_its_reason() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    assert {name for names in declared().values() for name in names if name not in readme} == set()


def test_the_service_needs_no_workbench() -> None:
    text = (ROOT / "requirements-serve.lock").read_text(encoding="utf-8")
    heavy = re.findall(
        r"^(mlflow|dspy|ragas|jupyterlab|torch|sentence-transformers|matplotlib)==", text, re.MULTILINE
    )
    assert not heavy


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / part.decode() for part in listed.stdout.split(b"\0") if part]
    return [path for path in paths if path.is_file() and path.suffix not in BINARY]


def test_no_committed_file_names_a_place_on_a_machine() -> None:
    wrong = []
    for path in tracked():
        lines = path.read_text(encoding="utf-8").splitlines()
        wrong += [
            f"{name(path)}:{number}" for number, line in enumerate(lines, 1) if MACHINE_PATH.search(line)
        ]
    assert not wrong
