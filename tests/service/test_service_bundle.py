"""A bundle is served only if not one byte of it changed, and nothing outside it is ever read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny import SOURCE, make_bundle

from pipelines.errors import BundleError
from service.bundle import fingerprint, open_bundle
from service.freezing import freeze, point_current, rollback


def test_a_frozen_bundle_opens_and_knows_itself(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path)
    bundle = open_bundle(tmp_path / "bundles" / "current")
    assert bundle.root == folder
    assert folder.name == bundle.id
    assert len(bundle.id) == 12
    assert set(bundle.files) == {"source.txt"}
    assert bundle.ref.prompts == {"reply": "a" * 64}
    assert "python" in bundle.versions


def test_equal_content_is_the_same_bundle(tmp_path: Path) -> None:
    first = make_bundle(tmp_path)
    seen = fingerprint(tmp_path / "bundles" / "current")
    assert make_bundle(tmp_path) == first
    assert fingerprint(tmp_path / "bundles" / "current") == seen
    assert not list((tmp_path / "bundles").glob(".*"))


def test_only_the_current_generation_of_a_store_is_frozen(tmp_path: Path) -> None:
    store = tmp_path / "index"
    for name in ("gen-000001", "gen-000002"):
        (store / name / "lexical").mkdir(parents=True)
        (store / name / "lexical" / ".managed.json").write_text(name)
        (store / name / "lexical" / ".tantivy-meta.lock").touch()
    (store / "CURRENT").write_text("gen-000002\n")
    (store / "lock").touch()
    folder = freeze({"index": store}, tmp_path / "home", model="m")
    assert set(open_bundle(folder).files) == {"index/CURRENT", "index/gen-000002/lexical/.managed.json"}
    # opening the search index leaves its locks behind; they are no content
    (folder / "index" / "gen-000002" / "lexical" / ".tantivy-meta.lock").touch()
    open_bundle(folder)


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (lambda f: (f / "source.txt").write_text("other"), "source.txt"),
        (lambda f: (f / "source.txt").unlink(), "source.txt"),
        (lambda f: (f / "extra.txt").write_text("x"), "extra.txt"),
        (lambda f: (f / "way.txt").symlink_to("/etc/hostname"), "way.txt"),
        (lambda f: (f / "folder").symlink_to("/etc"), "folder"),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json"),
        (lambda f: (f / "manifest.json").write_text("{"), "manifest.json"),
        (lambda f: (f / "manifest.json").write_bytes(b"\xff"), "manifest.json"),
        (lambda f: (f / "manifest.json").write_text("[1]"), "format"),
        (lambda f: _edit(f, format=99), "format"),
        (lambda f: _edit(f, files=None), "files"),
        (lambda f: _edit(f, files={"source.txt": 3}), "files"),
        (lambda f: _edit(f, prompts={"reply": "b" * 64}), "id"),
        (lambda f: _edit(f, model="another"), "id"),
        (lambda f: _edit(f, files={"../source.txt": "0" * 64}), "outside"),
        (lambda f: _edit(f, files={"/etc/hostname": "0" * 64}), "outside"),
        (lambda f: _edit(f, files={"a/../source.txt": "0" * 64}), "outside"),
        (lambda f: _edit(f, files={"..\\source.txt": "0" * 64}), "outside"),
        (lambda f: _edit(f, files={"": "0" * 64}), "outside"),
        (lambda f: _edit(f, files={"a\0b": "0" * 64}), "outside"),
    ],
)
def test_every_tampering_is_refused_by_name_with_the_mend(tmp_path: Path, harm: object, word: str) -> None:
    folder = make_bundle(tmp_path)
    harm(folder)  # type: ignore[operator]
    with pytest.raises(BundleError) as caught:
        open_bundle(folder)
    assert word in str(caught.value)
    assert "souffleur bundle" in str(caught.value)


def test_a_listed_file_may_not_be_a_link_that_leads_outside(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path)
    outside = tmp_path / "outside.txt"
    outside.write_text(SOURCE, encoding="utf-8")
    (folder / "source.txt").unlink()
    (folder / "source.txt").symlink_to(outside)
    with pytest.raises(BundleError, match="outside"):
        open_bundle(folder)


def test_a_missing_part_or_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"confidence\.json"):
        freeze({"confidence.json": tmp_path / "confidence.json"}, tmp_path, model="m")
    assert not list((tmp_path / "bundles").iterdir())
    with pytest.raises(BundleError, match="no bundle"):
        open_bundle(tmp_path / "bundles" / "current")
    with pytest.raises(BundleError, match="no previous"):
        rollback(tmp_path)


def test_rollback_goes_back_and_forth(tmp_path: Path) -> None:
    first, second = make_bundle(tmp_path), make_bundle(tmp_path, "Autre texte. Fin.")
    current = tmp_path / "bundles" / "current"
    assert open_bundle(current).root == second
    assert rollback(tmp_path).root == first == open_bundle(current).root
    assert rollback(tmp_path).root == second == open_bundle(current).root


def test_a_damaged_bundle_never_becomes_current_and_is_replaced_when_frozen_again(tmp_path: Path) -> None:
    first, second = make_bundle(tmp_path), make_bundle(tmp_path, "Autre texte. Fin.")
    (first / "source.txt").write_text("broken")
    with pytest.raises(BundleError):
        point_current(tmp_path, first.name)
    assert open_bundle(tmp_path / "bundles" / "current").root == second
    assert make_bundle(tmp_path) == first
    assert open_bundle(tmp_path / "bundles" / "current").root == first


def _edit(folder: Path, **changes: object) -> None:
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))
