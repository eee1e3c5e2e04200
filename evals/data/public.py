"""Public sets by name, read with Hugging Face ``datasets`` at a pinned revision or from a local copy.

Each row comes out in this project's own format (see :mod:`evals.data.examples`), so that every bench,
trainer and check takes it. A set whose licence is share-alike or non-commercial may measure, never train. The
revisions of hub sets are those that public benchmark code names; a set that moved is refused, not replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.data.examples import as_examples, reference
from evals.data.jsonl import write_rows
from evals.data.licences import check_licence, trains
from evals.data.manifest import refuse_set
from evals.rows import DatasetRef, Example
from pipelines.errors import DataError
from pipelines.writing import write_json

Row = dict[str, Any]
READERS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet"}
"""Endings of a local copy, and the reader of ``datasets`` for each."""

NOTICE = ".source.json"
"""What is added to a written file's name to say where its rows come from and what they may be used for."""

_GITHUB = "https://raw.githubusercontent.com"


@dataclass(frozen=True, slots=True)
class Public:
    """A public set: where it lies, at which revision, and what its licence allows.

    Attributes:
        place: a data set of the Hugging Face hub, or an address in which ``{revision}`` and ``{file}`` stand.
        splits: our split -> theirs, or the file of it.
        columns: our column -> theirs, the first that a row has; several columns give a list.

    Example:
        >>> PUBLIC["banking77"].trains, PUBLIC["dialogsum"].trains
        (True, False)
    """

    kind: str
    lang: str
    licence: str
    place: str
    revision: str
    splits: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    config: str | None = None
    lists: frozenset[str] = field(default_factory=frozenset)

    @property
    def trains(self) -> bool:
        """Whether what ships may be trained on it."""
        return trains(self.licence)


PUBLIC: Mapping[str, Public] = {
    "banking77": Public(
        "intents", "en", "CC-BY-4.0",
        _GITHUB + "/PolyAI-LDN/task-specific-datasets/{revision}/banking_data/{file}",
        "57ec275d8078af65b7731c2a98be812d844a6d6b",
        {"train": "train.csv", "test": "test.csv"},
        {"text": ("text",), "intent": ("intent", "category")},
    ),
    "massive-fr": Public(
        "intents", "fr", "CC-BY-4.0", "mteb/amazon_massive_intent",
        "4672e20407010da34463acc759c162ca9734bca6",
        {"train": "train", "dev": "validation", "test": "test"},
        {"text": ("text",), "intent": ("intent", "label_text", "label")}, config="fr",
    ),
    "bitext": Public(
        "intents", "en", "CDLA-Sharing-1.0",
        "bitext/Bitext-customer-support-llm-chatbot-training-dataset",
        "430d1a89bd93bd1fa23c16f29dd53e73f0087443", {"train": "train"},
        {"text": ("instruction", "text"), "intent": ("intent",)},
    ),
    "dialogsum": Public(
        "summaries", "en", "CC-BY-NC-SA-4.0",
        _GITHUB + "/cylnlp/dialogsum/{revision}/DialogSum_Data/{file}",
        "848cc8c05e0a04def79326539de827f1b28786a0",
        {"train": "dialogsum.train.jsonl", "dev": "dialogsum.dev.jsonl", "test": "dialogsum.test.jsonl"},
        {
            "id": ("fname", "id"), "dialogue": ("dialogue",),
            "summary": ("summaries", "summary", "summary1", "summary2", "summary3"),
        },
        lists=frozenset({"summary"}),
    ),
}  # fmt: skip


def load_public(
    name: str, split: str, cache: Path, local: Path | None = None
) -> tuple[list[Example], DatasetRef]:
    """Examples of a public set and which data they are: the same rows give the same hash from anywhere.

    Args:
        cache: folder in which ``datasets`` keeps what it fetched.
        local: a file, or a folder with one file a split, that is read in the place of the network.

    Raises:
        DataError: see :func:`public_rows`.
    """
    rows = public_rows(name, split, cache, local)
    return as_examples(rows, PUBLIC[name].kind, f"{name}/{split}"), reference(name, split, rows)


def public_rows(
    name: str, split: str, cache: Path, local: Path | None = None, train: bool = False
) -> list[Row]:
    """Rows of a public set in our columns.

    Args:
        train: whether something that ships will learn from them.

    Raises:
        DataError: no such set or split, it cannot be reached or read, a row lacks a column, or its licence
            forbids the use.
    """
    known = _known(name)
    check_licence(name, known.licence, train)
    if split not in known.splits:
        raise DataError(f"{name} has no split {split!r}.", mend=f"Known: {', '.join(known.splits)}.")
    source = f"{name}/{split}"
    return [
        _ours(row, known, f"{source}, row {n}") for n, row in enumerate(_read(name, split, cache, local), 1)
    ]


def write_public(
    name: str, split: str, target: Path, cache: Path, local: Path | None = None, train: bool = False
) -> int:
    """Write the rows as JSONL, and beside them where they come from and what they may be used for.

    Returns how many there are.
    """
    rows, known = public_rows(name, split, cache, local, train), PUBLIC[name]
    as_examples(rows, known.kind, f"{name}/{split}")
    write_json(
        target.with_name(target.name + NOTICE),
        {
            "name": name, "split": split, "revision": known.revision, "place": known.place,
            "licence": known.licence, "trains": known.trains, "local": local is not None,
        },
    )  # fmt: skip
    write_rows(target, rows)
    return len(rows)


def refuse_untrainable(files: Iterable[Path], root: Path = Path("datasets")) -> None:
    """Keep what may only measure out of training.

    Args:
        root: the folder of the manifest, which knows the licences of its own files.

    Raises:
        DataError: the manifest or the notice beside a file says so, or the notice cannot be read.
    """
    import json

    for path in files:
        refuse_set(path, root)
        notice = path.with_name(path.name + NOTICE)
        if not notice.is_file():
            continue
        try:
            told = json.loads(notice.read_text(encoding="utf-8"))
            licence = str(told["licence"])
        except (OSError, ValueError, KeyError, TypeError):
            raise DataError(f"{notice.name} is no notice of a source.", mend="Fetch the set again.") from None
        check_licence(path.name, licence, train=True)


def _known(name: str) -> Public:
    if name not in PUBLIC:
        raise DataError(f"There is no public set {name!r}.", mend=f"Known: {', '.join(PUBLIC)}.")
    return PUBLIC[name]


def _read(name: str, split: str, cache: Path, local: Path | None) -> Iterable[Mapping[str, Any]]:
    """The set as ``datasets`` reads it.

    Raises:
        DataError: it cannot be reached or read.
    """
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    asked = _local(local, split) if local is not None else _remote(PUBLIC[name], split)
    try:
        return list(load_dataset(**asked, cache_dir=str(cache / "datasets")))
    except (DatasetsError, OSError, ValueError) as error:
        where = local.name if local is not None else "its public place"
        mend = (
            "Check the file." if local is not None
            else "Unset HF_HUB_OFFLINE and HF_DATASETS_OFFLINE, or give a local copy: --from PATH"
        )  # fmt: skip
        raise DataError(
            f"{name}/{split} cannot be read from {where} ({type(error).__name__}).", mend=mend
        ) from None


def _remote(known: Public, split: str) -> dict[str, Any]:
    theirs = known.splits[split]
    if "{file}" in known.place:
        address = known.place.format(revision=known.revision, file=theirs)
        return {"path": READERS[Path(theirs).suffix], "data_files": {split: address}, "split": split}
    return {"path": known.place, "name": known.config, "revision": known.revision, "split": theirs}


def _local(path: Path, split: str) -> dict[str, Any]:
    files = [path] if path.is_file() else [path / f"{split}{ending}" for ending in READERS]
    found = next((file for file in files if file.is_file()), None)
    if found is None:
        raise DataError(f"{path} holds no file of the split {split!r}.", mend=f"Put one there: {split}.jsonl")
    if found.suffix not in READERS:
        raise DataError(f"{found.name}: unknown ending.", mend=f"Known: {', '.join(READERS)}.")
    return {"path": READERS[found.suffix], "data_files": {split: str(found)}, "split": split}


def _ours(row: Mapping[str, Any], known: Public, where: str) -> Row:
    made: Row = {}
    for ours, theirs in known.columns.items():
        values = [row[column] for column in theirs if row.get(column) not in (None, "", [])]
        if ours in known.lists:
            values = (
                [[part for v in values for part in (v if isinstance(v, list) else [v])]] if values else []
            )
        if values:
            made[ours] = values[0]
        elif ours != "id":
            raise DataError(f"{where}: none of the columns {', '.join(theirs)}.", mend="Check the copy.")
    return {**made, "lang": known.lang}
