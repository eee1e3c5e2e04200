"""The manifest of ``datasets/``: what every file is, its SHA-256, and the verified way to read it.

``python -m evals.data.manifest`` checks it; with ``--write`` it is made again from what lies there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

from evals.data.jsonl import read_rows
from evals.data.licences import check_licence
from pipelines.errors import DataError
from pipelines.hashing import file_hashes, sha256_file, sha256_text
from pipelines.writing import write_json

MANIFEST = "manifest.json"
LICENCE = "Apache-2.0"
SOURCE = "written for this project"
COMMAND = "python -m evals.data.manifest --write"
MEND = f"Restore the file; if the change is meant, run: {COMMAND}"

ARTICLE_COLUMNS = ("id", "lang", "title", "url", "category", "intents", "audience", "updated", "text")
MACRO_COLUMNS = ("kind", "variables", "ask")


class DataSet(NamedTuple):
    """Where a set lies. A path that ends with ``/`` is a folder of Markdown, hashed as one.

    Attributes:
        files: path under ``datasets/`` -> split (``all`` where the set has no parts).
        columns: of the Markdown; those of JSONL are read from its rows.
        licence: its SPDX name, on a list of :mod:`evals.data.licences`.

    Example:
        >>> SETS["threads"].files["threads/dev.jsonl"]
        'dev'
    """

    card: str
    files: dict[str, str]
    columns: tuple[str, ...] = ()
    licence: str = LICENCE


def _parts(folder: str) -> dict[str, str]:
    return {f"{folder}/{part}.jsonl": part for part in ("train", "dev", "test")}


SETS = {
    "knowledge": DataSet(
        "cards/knowledge.md",
        {f"knowledge/{place}{lang}/": "all" for place in ("", "macros/") for lang in ("fr", "en", "es")}
        | {"knowledge/catalogue.json": "all"},
        (*ARTICLE_COLUMNS, *MACRO_COLUMNS),
    ),
    "intents": DataSet(
        "cards/intents.md",
        _parts("intents")
        | {
            "intents/train_fr.jsonl": "train",
            "intents/train_en.jsonl": "train",
            "intents/train_es.jsonl": "train",
        },
    ),
    "anchors": DataSet("cards/intents.md", {"anchors/classify.jsonl": "all"}),
    "answers": DataSet(
        "cards/answers.md",
        _parts("answers")
        | {
            "answers/train_desk.jsonl": "train",
            "answers/train_near.jsonl": "train",
            "answers/train_silent.jsonl": "train",
            "answers/train_more_fr.jsonl": "train",
            "answers/train_more_en.jsonl": "train",
            "answers/train_more_es.jsonl": "train",
        },
    ),
    "questions": DataSet(
        "cards/answers.md",
        {f"answers/questions/{lang}_{n}.jsonl": "train" for lang in ("fr", "en", "es") for n in (1, 2, 3, 4)},
    ),
    "threads": DataSet("cards/threads.md", _parts("threads")),
    "templates": DataSet("cards/templates.md", {"templates/templates.jsonl": "all"}),
    "canaries": DataSet("cards/canaries.md", {"canaries/canaries.jsonl": "test"}),
}


def build_manifest(root: Path) -> dict[str, Any]:
    """The manifest of the sets under ``root``: name -> files, licence, source, card, columns.

    Raises:
        DataError: a file or folder is missing or empty.
    """
    return {name: _describe(root, data) for name, data in SETS.items()}


def check_manifest(root: Path) -> list[str]:
    """What is wrong with ``root`` and its manifest, a line each; nothing when all is well."""
    problems = [
        f"{path.relative_to(root).as_posix()}: no Python may lie among the data"
        for path in sorted(root.rglob("*.py"))
    ]
    cards = dict.fromkeys(data.card for data in SETS.values())
    problems += [f"{card}: the card is missing" for card in cards if not (root / card).is_file()]
    problems += [f"{path}: no set of the manifest holds it" for path in _strays(root)]
    try:
        stored, made = read_manifest(root), build_manifest(root)
    except DataError as error:
        return [*problems, str(error)]
    for name in sorted(stored.keys() | made.keys()):
        before, now = stored.get(name, {}), made.get(name, {})
        problems += [f"{name}: '{key}' differs from the manifest" for key in _differing(before, now, "files")]
        old, new = ({file["path"]: file for file in side.get("files", [])} for side in (before, now))
        for path in sorted(old.keys() | new.keys()):
            for key in _differing(old.get(path, {}), new.get(path, {})):
                problems.append(f"{path}: '{key}' differs from the manifest")
    return problems


def load(
    name: str, split: str, root: Path = Path("datasets"), only: str | None = None, train: bool = False
) -> list[dict[str, Any]]:
    """The rows of one split of a set, read only from files whose SHA-256 is that of the manifest.

    Args:
        only: the path, under ``root``, of the one file of the split that is wanted.
        train: whether something that ships will learn from the rows.

    Raises:
        DataError: there is no such set or split, its files are Markdown, one was changed, or the set's
            licence forbids the use.
    """
    manifest = read_manifest(root)
    files = [
        file for file in manifest.get(name, {}).get("files", [])
        if file["split"] == split and only in (None, file["path"])
    ]  # fmt: skip
    if not files:
        known = sorted({f"{n}/{f['split']}" for n, entry in manifest.items() for f in entry["files"]})
        raise DataError(f"There is no '{name}' with a split '{split}'.", mend=f"Known: {', '.join(known)}.")
    check_licence(f"The set {name!r} of the manifest", manifest[name].get("licence"), train)
    rows = []
    for file in files:
        path = root / file["path"]
        if path.suffix != ".jsonl":
            raise DataError(f"{file['path']} is no JSONL.", mend="Read it with pipelines.knowledge.reading.")
        if not path.is_file() or sha256_file(path) != file["sha256"]:
            raise DataError(f"{file['path']} is not the file that the manifest names.", mend=MEND)
        rows += read_rows(path)
    return rows


def files_of(name: str, split: str, root: Path = Path("datasets")) -> list[Path]:
    """Where the files of one split of a set lie under ``root``, whether or not they are there.

    Example:
        >>> files_of("threads", "dev", Path("datasets"))[0].as_posix()
        'datasets/threads/dev.jsonl'
    """
    return [root / path for path, part in SETS[name].files.items() if part == split]


def refuse_set(file: Path, root: Path) -> None:
    """Keep a file of ``root`` out of training when the licence of its set says so; any other file is let be.

    Raises:
        DataError: names the set, its licence and the mend.
    """
    whole = file.resolve()
    if not (root / MANIFEST).is_file() or not whole.is_relative_to(root.resolve()):
        return
    path = whole.relative_to(root.resolve()).as_posix()
    for name, entry in read_manifest(root).items():
        if any(one["path"] == path for one in entry["files"]):
            check_licence(f"The set {name!r} of the manifest", entry.get("licence"), train=True)


def read_manifest(root: Path) -> dict[str, Any]:
    """The manifest as it is stored.

    Raises:
        DataError: it is missing or is no manifest.
    """
    try:
        stored = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
        if all(isinstance(entry["files"], list) for entry in stored.values()):
            return dict(stored)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    raise DataError(f"{MANIFEST} is missing or is no manifest.", mend=f"Run: {COMMAND}")


def _describe(root: Path, data: DataSet) -> dict[str, Any]:
    columns = dict.fromkeys(data.columns)
    files = []
    for path, split in data.files.items():
        digest, rows, found = _folder(root, path) if path.endswith("/") else _file(root / path)
        columns |= dict.fromkeys(() if data.columns else found)
        files.append({"path": path, "sha256": digest, "rows": rows, "split": split})
    facts = {"licence": data.licence, "source": SOURCE, "card": data.card, "columns": list(columns)}
    return {"files": files, **facts}


def _folder(root: Path, path: str) -> tuple[str, int, list[str]]:
    hashes = file_hashes(root, (root / path).glob("*.md"))
    if not hashes:
        raise DataError(f"{path} is missing or holds no Markdown.", mend="Restore the folder.")
    return sha256_text("".join(f"{digest}  {name}\n" for name, digest in hashes.items())), len(hashes), []


def _file(path: Path) -> tuple[str, int, list[str]]:
    if path.suffix == ".jsonl":
        rows = read_rows(path)
    else:
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{path.name} cannot be read ({type(error).__name__}).", mend=MEND) from None
    return sha256_file(path), len(rows), [column for row in rows for column in row]


def _strays(root: Path) -> list[str]:
    """Data files that no set names; cards, the index page and hidden files are not data."""
    named = {path for data in SETS.values() for path in data.files}
    found = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        folder = f"{path.parent.relative_to(root).as_posix()}/"
        known = name in named or (path.suffix == ".md" and folder in named)
        about = name in (MANIFEST, "README.md") or name.startswith("cards/") or path.suffix == ".py"
        if path.is_file() and not (hidden or known or about):
            found.append(name)
    return found


def _differing(before: dict[str, Any], now: dict[str, Any], *skipped: str) -> list[str]:
    keys = sorted((before.keys() | now.keys()) - set(skipped))
    return [key for key in keys if before.get(key) != now.get(key)]


def main(arguments: list[str] | None = None) -> int:
    """Check the manifest, or write it; returns the exit code (1 when something is wrong, 2 for bad input)."""
    parser = argparse.ArgumentParser(prog="python -m evals.data.manifest", description=__doc__)
    parser.add_argument("--write", action="store_true", help="make the manifest again from what lies there")
    parser.add_argument("--root", type=Path, default=Path("datasets"))
    options = parser.parse_args(arguments)
    if options.write:
        try:
            write_json(options.root / MANIFEST, build_manifest(options.root))
        except DataError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_code
    problems = check_manifest(options.root)
    sys.stdout.write("".join(f"{line}\n" for line in problems or [f"{options.root}: as the manifest says"]))
    if problems and not options.write:
        sys.stdout.write(f"{MEND}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
