"""Rows that stand on both sides of a split, letter by letter or in other words.

kind         two rows are one when
exact        their texts are equal
normalised   they are equal without case, accents, punctuation and figures
characters   their character n-grams are alike, as when the parts were made (:mod:`evals.data.splitting`)
meaning      their embeddings are alike, by the same threshold as then
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, product
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evals.data.jsonl import read_rows
from evals.data.manifest import load, read_manifest
from evals.data.splitting import CHAR_THRESHOLD, DENSE_THRESHOLD, char_vectors
from pipelines.errors import DataError
from pipelines.text import clean, fold

Likeness = Literal["exact", "normalised", "characters", "meaning"]
Encode = Callable[[Sequence[str]], NDArray[np.float32]]

BESIDE = {"answers": ("questions",)}
"""Sets that are learnt from for the same task: their rows must not stand in the other's parts either."""

LEARNT = "train"
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Side:
    """The rows of one split or file: their ids and what the customer says in each.

    Example:
        >>> Side.of("train", [{"id": "a", "query": "où ?"}]).texts
        ('où ?',)
    """

    name: str
    ids: tuple[str, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, name: str, rows: Sequence[Mapping[str, Any]]) -> Side:
        """Rows of any kind; a row without an id is called by its number.

        Raises:
            DataError: a row has nothing that a customer says.
        """
        ids = tuple(str(row.get("id") or f"row {number}") for number, row in enumerate(rows, 1))
        return cls(name, ids, tuple(_asked(row, f"{name}, row {n}") for n, row in enumerate(rows, 1)))


@dataclass(frozen=True, slots=True)
class Leak:
    """Two rows of two sides that are one; ids alone, since a leak of the test part is no look at it."""

    left: str
    left_id: str
    right: str
    right_id: str
    likeness: Likeness
    similarity: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "left": self.left, "left_id": self.left_id, "right": self.right, "right_id": self.right_id,
            "likeness": self.likeness, "similarity": round(self.similarity, 4),
        }  # fmt: skip


def leaks(left: Side, right: Side, encode: Encode | None = None) -> list[Leak]:
    """Pairs of rows, one of each side, that are one; each pair by the strictest likeness that holds.

    Args:
        encode: texts -> unit vectors; meaning is not compared without it.

    Example:
        >>> leaks(Side("a", ("1",), ("Où est-il ?",)), Side("b", ("2",), ("ou est il",)))[0].likeness
        'normalised'
    """
    return _between([(left, right)], encode)


def check_set(
    name: str, root: Path, encode: Encode | None = None, demos: Side | None = None
) -> tuple[list[Leak], dict[str, int]]:
    """Leaks between all parts of a set of the manifest, and from ``demos`` into what is measured on.

    Returns the leaks and the rows of each side. Nothing of a row's text is told, so that this is no opening
    of the test part.

    Raises:
        DataError: there is no such set, it has a single part, or a file was changed.
    """
    files = _files(name, root)
    parts = dict.fromkeys(files.values())
    if len(parts) < 2 and demos is None:
        raise DataError(f"The set {name!r} has a single part.", mend="Nothing can leak within one part.")
    measured = [Side.of(f"{name}/{part}", load(name, part, root)) for part in parts if part != LEARNT]
    own = [Side.of(p, load(name, LEARNT, root, p)) for p, part in files.items() if part == LEARNT]
    other = [Side.of(f"{n}/{LEARNT}", load(n, LEARNT, root)) for n in BESIDE.get(name, ())]
    learnt = [*own[:1], *other, *([demos] if demos else [])]
    found = _between([*combinations(measured, 2), *product(learnt, measured)], encode)
    for added in own[1:]:
        # By itself: what an n-gram weighs depends on all rows, so an added file may not judge the others.
        found += _between([*product([added], measured)], encode)
    return found, {side.name: len(side.ids) for side in (*learnt, *own[1:], *measured)}


def check_files(train: Path, test: Path, encode: Encode | None = None) -> tuple[list[Leak], dict[str, int]]:
    """Leaks between two JSONL files of any kind of rows, few-shot demos among them.

    Raises:
        DataError: a file or a row cannot be used, or both are one file.
    """
    if train.resolve() == test.resolve():
        raise DataError(f"{train.name} is given as both sides.", mend="Give two files.")
    names = (train.name, test.name) if train.name != test.name else (str(train), str(test))
    left, right = (Side.of(name, read_rows(path)) for name, path in zip(names, (train, test), strict=True))
    return leaks(left, right, encode), {left.name: len(left.ids), right.name: len(right.ids)}


def by_likeness(found: Sequence[Leak]) -> dict[str, int]:
    """How many leaks of each kind."""
    return dict(Counter(leak.likeness for leak in found))


def _between(pairs: Sequence[tuple[Side, Side]], encode: Encode | None) -> list[Leak]:
    """Leaks of all pairs; how rare an n-gram is, is counted over all sides, as when they were made."""
    sides = list(dict.fromkeys(side for pair in pairs for side in pair))
    texts = [text for side in sides for text in side.texts]
    spaces: list[tuple[Likeness, float, Any]] = [("characters", CHAR_THRESHOLD, char_vectors(texts))]
    if encode is not None:
        spaces.append(("meaning", DENSE_THRESHOLD, encode(texts)))
    first = dict(zip(sides, accumulate((len(side.texts) for side in sides), initial=0), strict=False))
    found = []
    for left, right in pairs:
        same: dict[tuple[int, int], tuple[Likeness, float]] = {}
        for pair in _equal(left.texts, right.texts, clean):
            same[pair] = ("exact", 1.0)
        for pair in _equal(left.texts, right.texts, _plain):
            same.setdefault(pair, ("normalised", 1.0))
        for kind, threshold, space in spaces:
            one, other = (space[first[s] : first[s] + len(s.texts)] for s in (left, right))
            for i, j, alike in _alike(one, other, threshold):
                same.setdefault((i, j), (kind, alike))
        found += [
            Leak(left.name, left.ids[i], right.name, right.ids[j], kind, alike)
            for (i, j), (kind, alike) in sorted(same.items())
        ]
    return found


def _files(name: str, root: Path) -> dict[str, str]:
    """Files of a set and the part that each belongs to."""
    manifest = read_manifest(root)
    if name not in manifest:
        raise DataError(f"There is no set {name!r}.", mend=f"Known: {', '.join(sorted(manifest))}.")
    return {str(file["path"]): str(file["split"]) for file in manifest[name]["files"]}


def _asked(row: Mapping[str, Any], where: str) -> str:
    for column in ("text", "query", "question", "dialogue"):
        if isinstance(row.get(column), str) and row[column].strip():
            return str(row[column])
    turns = row.get("thread") or row.get("turns") or row.get("context")
    try:
        said = [str(turn["text"]) for turn in turns or () if turn.get("role", "customer") == "customer"]
    except (AttributeError, KeyError, TypeError):
        said = []
    if not said:
        raise DataError(
            f"{where}: nothing that a customer says.",
            mend="Give it a text, query, thread, turns or dialogue.",
        )
    return "\n".join(said)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\W\d_]+", " ", fold(text)).split())


def _equal(left: Sequence[str], right: Sequence[str], key: Callable[[str], str]) -> Iterator[tuple[int, int]]:
    known: dict[str, list[int]] = defaultdict(list)
    for j, text in enumerate(right):
        known[key(text)].append(j)
    for i, text in enumerate(left):
        # A text of figures and signs alone is nothing once these are gone: it resembles no other.
        if plain := key(text):
            yield from ((i, j) for j in known.get(plain, ()))


def _alike(left: Any, right: Any, threshold: float) -> Iterator[tuple[int, int, float]]:
    """Pairs of unit rows, sparse or dense, whose cosine is at or over a threshold."""
    for start in range(0, left.shape[0], _BLOCK):
        block = left[start : start + _BLOCK] @ right.T
        cosines = block if isinstance(block, np.ndarray) else block.toarray()
        for i, j in np.argwhere(cosines >= threshold):
            yield int(i) + start, int(j), float(min(1.0, cosines[i, j]))
