"""A bundle: the frozen folder that is served, and the check that not one byte of it changed.

    BUNDLE/manifest.json   format, id, created, model, versions, prompts, files {relative path: SHA-256}
    BUNDLE/...             exactly the files that the manifest lists

The id is a hash of everything in the manifest but the date and the versions: equal content, equal id.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.contracts import BundleRef
from pipelines.errors import BundleError
from pipelines.hashing import canonical, sha256_file, sha256_text

FORMAT = 1
MANIFEST = "manifest.json"
MEND = "Make a new one: souffleur bundle"
RUNTIME_FILES = frozenset({".tantivy-meta.lock", ".tantivy-writer.lock"})
"""Locks that the search index leaves beside its files when it is opened; they carry no content."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle.

    Attributes:
        root: its folder, without symlinks.  files: relative POSIX path -> SHA-256.

    Example:
        >>> Bundle(Path("b"), "0123456789ab", "2026-01-01T00:00:00Z", "m").ref.id
        '0123456789ab'
    """

    root: Path
    id: str
    created: str
    model: str
    versions: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def ref(self) -> BundleRef:
        """What an answer says about the bundle it came from."""
        return BundleRef(id=self.id, prompts=dict(self.prompts))


def bundle_id(model: str, prompts: Mapping[str, str], files: Mapping[str, str]) -> str:
    """12 hex digits that change with any byte of the content."""
    return sha256_text(canonical([FORMAT, model, dict(prompts), dict(files)]))[:12]


def open_bundle(path: Path) -> Bundle:
    """Verify a bundle, file by file.

    Raises:
        BundleError: it is missing, of another format, or a file is missing, changed, extra or leads outside.
    """
    if not path.is_dir():
        raise BundleError(f"There is no bundle at {path}.", mend="Make the first one: souffleur setup")
    root = path.resolve()
    bundle = _read_manifest(root)
    for name, wanted in bundle.files.items():
        _verify_file(root, name, wanted)
    for name in _present(root):
        if name != MANIFEST and name not in bundle.files:
            raise BundleError(
                f"The bundle {bundle.id} holds a file that its manifest does not list: {name}.", mend=MEND
            )
    if bundle.id != bundle_id(bundle.model, bundle.prompts, bundle.files):
        raise BundleError(
            f"The manifest of the bundle at {path} was changed: its id does not fit its content.", mend=MEND
        )
    return bundle


def fingerprint(path: Path) -> tuple[str, int, int, int] | None:
    """What changes when another bundle is put at ``path``; cheap enough to be asked each second."""
    try:
        root = path.resolve()
        stat = (root / MANIFEST).stat()
    except (OSError, RuntimeError):
        return None
    return str(root), stat.st_ino, stat.st_mtime_ns, stat.st_size


def _read_manifest(root: Path) -> Bundle:
    try:
        data: Any = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(
            f"The bundle at {root} has no readable {MANIFEST} ({type(error).__name__}).", mend=MEND
        ) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise BundleError(f"The bundle at {root} is not of format {FORMAT}.", mend=MEND)
    texts = ("id", "created", "model")
    tables = ("versions", "prompts", "files")
    if not all(isinstance(data.get(key), str) for key in texts) or not all(
        _is_table(data.get(key)) for key in tables
    ):
        raise BundleError(
            f"The {MANIFEST} of the bundle at {root} lacks {', '.join((*texts, *tables))}.", mend=MEND
        )
    return Bundle(root, *(data[key] for key in (*texts, *tables)))


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _verify_file(root: Path, name: str, wanted: str) -> None:
    path = _inside(root, name)
    if not path.is_file():
        raise BundleError(f"The bundle at {root} lacks the file {name}.", mend=MEND)
    try:
        found = sha256_file(path)
    except OSError as error:
        raise BundleError(
            f"The file {name} of the bundle at {root} cannot be read ({type(error).__name__}).", mend=MEND
        ) from None
    if found != wanted:
        raise BundleError(
            f"The file {name} of the bundle at {root} was changed since it was frozen.", mend=MEND
        )


def _inside(root: Path, name: str) -> Path:
    """The file of a manifest entry, or BundleError when the entry leads out of the bundle."""
    pure = PurePosixPath(name)
    odd = (
        not name
        or "\\" in name
        or "\0" in name
        or pure.is_absolute()
        or ".." in pure.parts
        or str(pure) != name
    )
    if odd or not (root / name).resolve().is_relative_to(root):
        raise BundleError(
            f"The manifest of the bundle at {root} names a path outside it: {name!r}.", mend=MEND
        )
    return root / name


def _present(root: Path) -> Iterator[str]:
    """Relative paths of all files and of all symlinks below ``root``; symlinks are not followed."""
    for folder, folders, files in os.walk(root):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        for name in (*files, *links):
            if name not in RUNTIME_FILES:
                yield Path(folder, name).relative_to(root).as_posix()
