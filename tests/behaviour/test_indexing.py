"""Indexing interrupted, repeated, crowded or out of disk: the old index serves, the error names the mend."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.errors import IndexLocked, KnowledgeError, SouffleurError, StoreError
from pipelines.index import index_folder
from pipelines.knowledge.store import PassageStore

ROOT = Path(__file__).resolve().parents[2]
CACHE = str(ROOT / ".cache")

INDEX = f"""
import sys
from pathlib import Path
from pipelines.index import index_folder
from pipelines.knowledge.store import PassageStore
folder, store = sys.argv[1:3]
def index():
    return index_folder(Path(folder), PassageStore(store), {CACHE!r}, "fr")
"""

STOP_AT = """
import time, pipelines.knowledge.{module} as module
def stop(*args, **kwargs):
    print("here", flush=True)
    time.sleep(60)
module.{name} = stop
"""


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    (folder / "delivery.md").write_text(
        "# Livraison\nVotre colis arrive en 3 jours.\n\n## Prix\nGratuit dès 49 €."
    )
    (folder / "returns.md").write_text("# Retours\nVous avez 30 jours pour changer d'avis.")
    return folder


@pytest.fixture
def store(tmp_path: Path, knowledge: Path) -> PassageStore:
    made = PassageStore(str(tmp_path / "index"))
    index_folder(knowledge, made, CACHE, "fr")
    return made


def texts(store: PassageStore) -> list[str]:
    return [str(d.content) for d in PassageStore(store.path).filter_documents()]


def command(code: str, knowledge: Path, store: PassageStore) -> list[str]:
    return [sys.executable, "-c", INDEX + code, str(knowledge), store.path]


@pytest.fixture
def blocked(
    knowledge: Path, store: PassageStore, request: pytest.FixtureRequest
) -> Iterator[subprocess.Popen[str]]:
    """A process that indexes a changed folder and stands still at the function that the test names."""
    module, name = request.param
    (knowledge / "returns.md").write_text("# Retours\nVous avez 99 jours.")
    code = STOP_AT.format(module=module, name=name) + "index()"
    with subprocess.Popen(
        command(code, knowledge, store), stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        yield process
        process.kill()


PLACES = [("generation", "_write_vectors"), ("generation", "build_lexical"), ("generation", "write_json")]
PLACES += [("store", "write_text")]


@pytest.mark.parametrize("blocked", PLACES, indirect=True, ids=[name for _, name in PLACES])
def test_killed_at_any_moment_the_old_index_serves(
    blocked: subprocess.Popen[str], knowledge: Path, store: PassageStore
) -> None:
    before = texts(store)
    blocked.kill()
    blocked.wait()
    assert texts(store) == before
    assert any("30 jours" in text for text in before)
    report = index_folder(knowledge, PassageStore(store.path), CACHE, "fr")
    assert report.changed
    assert any("99 jours" in text for text in texts(store))
    assert len(list(Path(store.path).glob("gen-*"))) <= 2  # what was left half done is cleared


@pytest.mark.parametrize("blocked", [("store", "write_text")], indirect=True)
def test_a_second_process_is_refused_and_reading_goes_on(
    blocked: subprocess.Popen[str], knowledge: Path, store: PassageStore
) -> None:
    with pytest.raises(IndexLocked, match=r"Another process is indexing .* Wait for it to end"):
        index_folder(knowledge, PassageStore(store.path), CACHE, "fr")
    assert any("30 jours" in text for text in texts(store))


FULL_AT = """
import resource, pipelines.knowledge.generation as module
from pipelines.errors import KnowledgeError
real = module.{name}
def full(*args, **kwargs):
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
    return real(*args, **kwargs)
module.{name} = full
try:
    index()
except KnowledgeError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX resource limits")
@pytest.mark.parametrize("name", ["_write_vectors", "build_lexical", "write_json"])
def test_a_full_disk_leaves_the_old_index_and_says_so(
    name: str, knowledge: Path, store: PassageStore
) -> None:
    """A limit on file sizes makes writes fail where a full disk would."""
    (knowledge / "returns.md").write_text("# Retours\nVous avez 99 jours.")
    before = texts(store)
    run = command(FULL_AT.format(name=name), knowledge, store)
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert "the old one still serves. Free some disk, then index again." in done.stdout
    assert texts(store) == before
    assert len(list(Path(store.path).glob("gen-*"))) == 1


def test_only_what_changed_is_embedded(knowledge: Path, store: PassageStore) -> None:
    same = index_folder(knowledge, store, CACHE, "fr")
    assert (same.changed, same.embedded, same.reused) == (False, 0, 3)
    (knowledge / "delivery.md").write_text(
        "# Livraison\nVotre colis arrive en 3 jours.\n\n## Prix\nGratuit dès 79 €."
    )
    edited = index_folder(knowledge, store, CACHE, "fr")
    assert (edited.changed, edited.embedded, edited.reused) == (True, 1, 2)
    (knowledge / "returns.md").unlink()
    removed = index_folder(knowledge, store, CACHE, "fr")
    assert (removed.passages, removed.embedded) == (2, 0)


def test_an_open_reader_sees_the_new_index(knowledge: Path, store: PassageStore) -> None:
    reader = PassageStore(store.path)
    first = reader.generation
    (knowledge / "new.md").write_text("# Garantie\nDeux ans.")
    index_folder(knowledge, store, CACHE, "fr")
    assert reader.generation.count == first.count + 1
    assert first.passage(0).text  # what it had mapped stays readable


def test_an_index_of_another_model_is_refused_and_rebuilt(knowledge: Path, store: PassageStore) -> None:
    manifest = Path(store.path) / (Path(store.path) / "CURRENT").read_text().strip() / "manifest.json"
    manifest.write_text(manifest.read_text().replace(store.variant, "another-model"))
    with pytest.raises(StoreError, match=r"made with model 'another-model'.* souffleur index DIR --rebuild"):
        _ = PassageStore(store.path).generation
    assert index_folder(knowledge, PassageStore(store.path), CACHE, "fr", rebuild=True).embedded == 3


@pytest.mark.parametrize(
    "part", ["manifest.json", "vectors.npy", "offsets.npy", "lexical/meta.json", "CURRENT"]
)
def test_a_damaged_index_names_the_mend(part: str, store: PassageStore) -> None:
    root = Path(store.path)
    current = root / (root / "CURRENT").read_text().strip()
    damaged = root / part if part == "CURRENT" else current / part
    damaged.write_bytes(b"\xff\xfe\x00broken")
    with pytest.raises(SouffleurError, match="souffleur index DIR"):
        _ = PassageStore(store.path).generation


def test_a_folder_without_anything_readable_is_refused(tmp_path: Path, store: PassageStore) -> None:
    empty = tmp_path / "nothing"
    empty.mkdir()
    (empty / "a.md").write_bytes(b"")
    with pytest.raises(KnowledgeError, match=r"No file of .* a\.md: it is empty"):
        index_folder(empty, store, CACHE, "fr")
    assert len(texts(store)) == 3
