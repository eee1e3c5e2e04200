"""Making a bundle, and choosing the one that is served: ``HOME/bundles/current``, before it ``previous``."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipelines.errors import BundleError
from pipelines.hashing import file_hashes
from pipelines.writing import write_json
from service.bundle import FORMAT, MANIFEST, RUNTIME_FILES, Bundle, bundle_id, open_bundle

SKIPPED = RUNTIME_FILES | {"lock", "__pycache__", ".DS_Store"}
VERSIONED = ("souffleur", "haystack-ai", "onnxruntime", "scikit-learn", "tantivy")


def freeze(
    parts: Mapping[str, Path],
    target_home: Path,
    *,
    model: str,
    prompts: Mapping[str, str] | None = None,
    versions: Mapping[str, str] | None = None,
    serve: bool = True,
) -> Path:
    """Copy parts into ``TARGET_HOME/bundles/<id>``, make it ``current`` when ``serve``; returns the folder.

    Args:
        parts: path inside the bundle -> file or folder to copy; of a knowledge store, the current generation.
        model: the embedding model's variant.  prompts: name -> SHA-256.

    Raises:
        BundleError: a part is missing or changes while it is read, or the disk refuses the copy.
    """
    bundles = target_home / "bundles"
    bundles.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=bundles, prefix=".draft-"))
    try:
        for name, source in parts.items():
            _copy(source, draft / name)
        files = file_hashes(draft, (path for path in draft.rglob("*") if path.is_file()))
        chosen = dict(prompts or {})
        id_ = bundle_id(model, chosen, files)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = {
            "format": FORMAT, "id": id_, "created": created, "model": model,
            "versions": dict(versions or _versions()), "prompts": chosen, "files": files,
        }  # fmt: skip
        write_json(draft / MANIFEST, manifest)
        draft.chmod(0o755)  # mkdtemp makes folders that only their owner can read
        folder = _place(draft, bundles / id_)
    except (OSError, shutil.Error) as error:
        raise BundleError(
            f"The bundle could not be written to {bundles} ({type(error).__name__}).",
            mend="Free some disk, check the rights, and run it again.",
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if serve:
        point_current(target_home, folder.name)
    return folder


def point_current(home: Path, id_: str) -> None:
    """Make a bundle of ``HOME/bundles`` the served one, atomically; the one it replaces becomes ``previous``.

    Raises:
        BundleError: there is no such bundle, or it is damaged.
    """
    bundles = home / "bundles"
    open_bundle(bundles / id_)
    served = _target(bundles / "current")
    if served == id_:
        return
    if served is not None:
        _link(bundles / "previous", served)
    _link(bundles / "current", id_)


def rollback(home: Path) -> Bundle:
    """Serve the previous bundle again; returns it. A second call goes forward again.

    Raises:
        BundleError: there is no previous bundle, or it is damaged.
    """
    previous = _target(home / "bundles" / "previous")
    if previous is None or previous == _target(home / "bundles" / "current"):
        raise BundleError(
            f"There is no previous bundle in {home / 'bundles'}.", mend="Make a new one: souffleur bundle"
        )
    point_current(home, previous)
    return open_bundle(home / "bundles" / previous)


def _copy(source: Path, target: Path) -> None:
    if target.name in ("", "..") or not (source.is_file() or source.is_dir()):
        raise BundleError(
            f"A part of the bundle is missing: {source}.",
            mend="Make it first: souffleur index, souffleur train",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copyfile(source, target)
        return
    current = source / "CURRENT"
    serving = current.read_text(encoding="utf-8").strip() if current.is_file() else None

    def skipped(folder: str, names: list[str]) -> set[str]:
        out = {name for name in names if name in SKIPPED or Path(folder, name).is_symlink()}
        if serving and Path(folder) == source:
            out |= {name for name in names if name.startswith("gen-") and name != serving}
        return out

    shutil.copytree(source, target, ignore=skipped, copy_function=shutil.copyfile)


def _place(draft: Path, folder: Path) -> Path:
    """Give the draft its name. An equal bundle that is there already is kept, a damaged one replaced."""
    try:
        return open_bundle(folder).root
    except BundleError:
        if folder.exists():
            broken = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".broken-"))
            folder.replace(broken / "bundle")
            shutil.rmtree(broken, ignore_errors=True)
        draft.replace(folder)
        return open_bundle(folder).root


def _link(link: Path, target: str) -> None:
    with tempfile.TemporaryDirectory(dir=link.parent, prefix=".link-") as folder:
        new = Path(folder) / link.name
        new.symlink_to(target, target_is_directory=True)
        new.replace(link)


def _target(link: Path) -> str | None:
    return link.readlink().name if link.is_symlink() else None


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "source"
    return found
