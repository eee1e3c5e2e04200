"""Questions whose passage is known: what is asked again in nearly the same words is answered there again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import ModelError
from pipelines.hashing import sha256_file
from pipelines.knowledge.halves import widened
from pipelines.knowledge.matcher import MEND
from pipelines.knowledge.matcher_features import MatcherFeatures
from pipelines.writing import write_json

FORMAT = 1
NEAREST = 200
"""Known questions that are looked at for what they are about; the rest resembles nothing."""

COMMON = 600
"""Questions that may hold an n-gram before it tells none of them apart and costs time."""


class KnownQuestions:
    """Labelled questions, found again by meaning and by letters.

    Args:
        passages, langs: of each question, sorted by language.
        vectors: unit vectors of their readings, shape ``(n, 384)``.
        starts, rows, values: for each column of the matcher's n-grams, from ``starts[c]`` to
            ``starts[c + 1]`` the questions that hold it, and how much.

    Example:
        >>> features = MatcherFeatures.fit(["mon frigo", "mon frigo"], 1, 1)
        >>> known = KnownQuestions.of(["mon frigo"], np.ones((1, 384)) / 384**0.5, ["a#"], ["fr"], features)
        >>> {k: round(v, 2) for k, v in known.nearest("mon frigo", known.vectors[0], "fr", features).items()}
        {'a#': 2.0}
    """

    def __init__(
        self, passages: Sequence[str], langs: Sequence[str], vectors: NDArray[Any],
        starts: NDArray[np.int32], rows: NDArray[Any], values: NDArray[Any],
    ) -> None:  # fmt: skip
        self.passages, self.langs = list(passages), np.array(langs)
        self.vectors = vectors.astype(np.float32)
        # As small as they can be held: of a million, a question reads some thousands.
        self.starts, self.values = starts, values.astype(np.float16)
        self.rows = rows.astype(np.uint16 if len(self.passages) <= np.iinfo(np.uint16).max else np.int32)
        self._spans = {
            str(lang): slice(int(np.argmax(self.langs == lang)), int(np.sum(self.langs <= lang)))
            for lang in set(langs)
        }

    @classmethod
    def of(
        cls, texts: Sequence[str], vectors: NDArray[Any], passages: Sequence[str], langs: Sequence[str],
        features: MatcherFeatures,
    ) -> KnownQuestions:  # fmt: skip
        """From questions as the matcher reads them.

        Args:
            vectors: of their readings, shape ``(len(texts), 384)``.
        """
        # Of one language beside each other, so that its vectors are one piece.
        order = sorted(range(len(texts)), key=lambda i: langs[i])
        passages, langs, vectors = [passages[i] for i in order], [langs[i] for i in order], vectors[order]
        held = [features.row(texts[i]) for i in order]
        common = np.bincount([c for indices, _ in held for c in indices], minlength=features.width) > COMMON
        held = [_rare(indices, weights, common) for indices, weights in held]
        columns = np.array([c for indices, _ in held for c in indices], np.int64)
        rows = np.repeat(np.arange(len(texts)), [len(indices) for indices, _ in held])
        values = np.array([v for _, weights in held for v in weights], np.float32)
        by = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[by], np.arange(features.width + 1))
        return cls(passages, langs, vectors, starts.astype(np.int32), rows[by], values[by])

    def nearest(
        self, text: str, vector: NDArray[np.float32], lang: str, features: MatcherFeatures
    ) -> dict[str, float]:
        """The likeness, from about 0 to 2, of the nearest known question of each passage.

        Args:
            text: as the matcher reads it.  vector: of its reading, shape ``(384,)``.
        """
        own = self._spans.get(lang)
        if own is None:
            return {}
        indices, weights = features.row(text)
        likeness: NDArray[np.float64] = (self.vectors[own] @ np.asarray(vector, np.float32)).astype(float)
        if indices:
            first = self.starts[indices]
            counts = self.starts[np.array(indices) + 1] - first
            # All the spans from first to first + count, one after the other.
            at = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
            rows, held = self.rows[at], widened(self.values[at]) * np.repeat(weights, counts)
            # Two blocks of n-grams, each of length one.
            likeness += np.bincount(rows, held, len(self.passages))[own] / 2
        best = np.argpartition(-likeness, min(NEAREST, len(likeness) - 1))[:NEAREST]
        found: dict[str, float] = {}
        for row in best[np.argsort(likeness[best])]:
            if likeness[row] > 0:
                found[self.passages[own.start + row]] = float(likeness[row])
        return found

    def save(self, folder: Path) -> None:
        """Write ``known.npz`` and ``known.json`` beside the matcher whose n-grams they use."""
        path = folder / "known.npz"
        np.savez_compressed(
            path, vectors=self.vectors.astype(np.float16), starts=self.starts, rows=self.rows,
            values=self.values,
        )  # fmt: skip
        head = {"format": FORMAT, "sha256": sha256_file(path), "matcher": sha256_file(folder / "matcher.npz")}
        write_json(folder / "known.json", head | {"passages": self.passages, "langs": self.langs.tolist()})

    @classmethod
    def load(cls, folder: Path) -> KnownQuestions:
        """From a matcher's folder; none where they were never written.

        Raises:
            ModelError: they are damaged, or of another matcher.
        """
        if not (folder / "known.json").exists():
            return cls([], [], np.empty((0, 1)), *(np.zeros(1, np.int32) for _ in range(3)))
        try:
            head = json.loads((folder / "known.json").read_text(encoding="utf-8"))
            files = tuple(sha256_file(folder / name) for name in ("known.npz", "matcher.npz"))
            if (head["format"], head["sha256"], head["matcher"]) != (FORMAT, *files):
                raise ModelError(
                    f"The known questions in {folder.name!r} are of another matcher, or were changed.",
                    mend=MEND,
                )
            with np.load(folder / "known.npz", allow_pickle=False) as arrays:
                parts = [arrays[name] for name in ("vectors", "starts", "rows", "values")]
            return cls(head["passages"], head["langs"], *parts)
        except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"The known questions in {folder.name!r} cannot be read ({type(error).__name__}).", mend=MEND
            ) from error


def _rare(
    indices: Sequence[int], weights: Sequence[float], common: NDArray[np.bool_]
) -> tuple[list[int], list[float]]:
    kept = [(c, w) for c, w in zip(indices, weights, strict=True) if not common[c]]
    return [c for c, _ in kept], [w for _, w in kept]
