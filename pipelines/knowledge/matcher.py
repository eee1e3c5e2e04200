"""A light adapter that learns how customers say what a help centre writes.

One linear map takes a text's word and character n-grams and its MiniLM vector to 128 dimensions, questions
and passages alike; it is trained on (question, passage) pairs (:mod:`pipelines.knowledge.matcher_training`).
The n-grams let it learn words that MiniLM, English-born, does not know: "frigo", "c koi le delai", "thune".
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Passage
from pipelines.embedding import DIMENSION, VARIANT
from pipelines.errors import ModelError
from pipelines.hashing import sha256_file
from pipelines.knowledge.halves import widened
from pipelines.knowledge.matcher_features import MatcherFeatures
from pipelines.writing import write_json

FORMAT = 1
WIDTH = 128
MEND = "Remove the folder models/matcher, then train it again: souffleur setup"
Floats = NDArray[np.float32]


class Matcher:
    """Questions and passages in one learned space; cosine says how well they match.

    Args:
        features: n-gram vocabulary.  lexical: shape ``(features.width, 128)``.  dense: shape ``(384, 128)``.

    Example:
        >>> features = MatcherFeatures.fit(["mon frigo", "mon frigo"], 1, 1)
        >>> grams = np.ones((features.width, 128), np.float32)
        >>> m = Matcher(features, grams, np.zeros((384, 128), np.float32))
        >>> m.encode(["frigo"], np.zeros((1, 384), np.float32)).shape
        (1, 128)
    """

    def __init__(self, features: MatcherFeatures, lexical: NDArray[Any], dense: Floats) -> None:
        self.features, self.lexical, self.dense = features, lexical, dense

    def encode(
        self, texts: Sequence[str], vectors: NDArray[Any], progress: Callable[[int], None] | None = None
    ) -> Floats:
        """Unit vectors, shape ``(len(texts), 128)``.

        Args:
            vectors: MiniLM vectors of the same texts, shape ``(len(texts), 384)``.
        """
        out = np.asarray(vectors, np.float32) @ self.dense
        for i, text in enumerate(texts):
            indices, values = self.features.row(text)
            if indices:
                out[i] += np.asarray(values, np.float32) @ _single(self.lexical[indices])
            if progress and i % 64 == 63:
                progress(64)
        norms = np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9)
        unit: Floats = (out / norms).astype(np.float32, copy=False)
        return unit

    def save(self, folder: Path) -> None:
        """Write ``matcher.npz`` and ``matcher.json`` (which holds the hash of the first)."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "matcher.npz"
        np.savez_compressed(path, lexical=self.lexical.astype(np.float16), dense=self.dense)
        f = self.features
        head = {"format": FORMAT, "model": VARIANT, "sha256": sha256_file(path), "count": f.count}
        blocks = {
            "words": [f.words.grams, f.words.df.tolist()],
            "chars": [f.chars.grams, f.chars.df.tolist()],
        }
        write_json(folder / "matcher.json", head | blocks)

    @classmethod
    def load(cls, folder: Path) -> Matcher:
        """From a folder.

        Raises:
            ModelError: it is missing, damaged, or was made by another embedding model.
        """
        path = folder / "matcher.npz"
        try:
            head = json.loads((folder / "matcher.json").read_text(encoding="utf-8"))
            # The hash first: what was cut short or changed is never opened.
            if (head["format"], head["model"], head["sha256"]) != (FORMAT, VARIANT, sha256_file(path)):
                raise ModelError(
                    f"The matcher in {folder.name!r} is of another version, or was changed.", mend=MEND
                )
            with np.load(path, allow_pickle=False) as arrays:
                lexical, dense = arrays["lexical"], arrays["dense"]
            features = MatcherFeatures(tuple(head["words"]), tuple(head["chars"]), head["count"])
        except (OSError, ValueError, LookupError, TypeError, zipfile.BadZipFile) as error:
            raise ModelError(
                f"The matcher in {folder.name!r} cannot be read ({type(error).__name__}).", mend=MEND
            ) from error
        if dense.shape[0] != DIMENSION or lexical.shape[0] != features.width:
            raise ModelError(f"The matcher in {folder.name!r} has arrays of the wrong shape.", mend=MEND)
        return cls(features, lexical, dense)


def _single(rows: NDArray[Any]) -> Floats:
    """Stored rows are halves, those still in training are not."""
    return widened(rows) if rows.dtype == np.float16 else rows.astype(np.float32)


def passage_text(passage: Passage) -> str:
    """A passage as the matcher reads it."""
    return f"{passage.title}. {passage.heading}. {passage.text}"


def sentence_texts(passage: Passage) -> list[str]:
    """Its sentences as the matcher reads them: each with what it is about."""
    return [f"{passage.title}. {passage.heading}. {passage.text[a:b]}" for a, b in passage.sentences]


def matcher_id(folder: Path | None) -> str:
    """What a store remembers of the matcher that made its vectors; empty without one."""
    return sha256_file(folder / "matcher.npz")[:16] if folder and (folder / "matcher.npz").exists() else ""
