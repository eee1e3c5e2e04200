"""Cosines without what all texts of a language share.

MiniLM is English-born: to it, any two French texts are alike for being French. The mean vector of a
language's questions is taken from a question, that of its passages from a passage; what remains tells texts
apart. Computed from the stored vectors, so an index need not be built for it. The means are in
``centres.npz``, beside this file (made by ``souffleur train centres`` from the demo's articles and messages);
they belong to one embedding model and are not used with another.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding import VARIANT
from pipelines.knowledge.generation import Generation

REMEMBERED = 16
CENTRES = Path(__file__).with_name("centres.npz")

Floats = NDArray[np.float32]


class Centre(NamedTuple):
    """Mean vectors of a language; shapes ``(384,)``."""

    question: Floats
    passage: Floats


@lru_cache(maxsize=1)
def load_centres() -> dict[str, Centre]:
    """The means by language; empty when they were made with another model.

    Example:
        >>> sorted(load_centres())
        ['en', 'es', 'fr']
    """
    with np.load(CENTRES) as stored:
        if str(stored["variant"]) != VARIANT:
            return {}
        names = [name for name in stored.files if name.startswith("question_")]
        langs = [name.removeprefix("question_") for name in names]
        return {lang: Centre(stored[f"question_{lang}"], stored[f"passage_{lang}"]) for lang in langs}


def centre_of(generation: Generation, lang: str) -> Centre | None:
    """The means for searching ``generation`` in a language, or None where there are none."""
    return load_centres().get(lang) if generation.manifest["model"] == VARIANT else None


def centred_question(vector: Floats, centre: Centre) -> Floats:
    """The unit vector of a question without what all questions share, shape ``(384,)``."""
    moved = vector - centre.question
    made: Floats = (moved / max(float(np.linalg.norm(moved)), 1e-9)).astype(np.float32)
    return made


def centred_cosines(vectors: NDArray[np.float16] | Floats, question: Floats, centre: Centre) -> Floats:
    """Cosines of a centred question with stored vectors, shape ``(n,)``; for a few rows."""
    rows: Floats = vectors.astype(np.float32, copy=False)
    moved = _moved_squares(np.einsum("ij,ij->i", rows, rows), rows @ centre.passage, centre)
    made = (rows @ question - float(question @ centre.passage)) / np.sqrt(moved)
    return made.astype(np.float32, copy=False)


def _moved_squares(squares: Floats, towards: Floats, centre: Centre) -> Floats:
    """``|v - c|²`` from ``|v|²`` and ``v . c``, kept above zero."""
    moved = squares - 2 * towards + float(centre.passage @ centre.passage)
    kept: Floats = np.maximum(moved, np.float32(1e-9))
    return kept


_lengths: WeakKeyDictionary[Generation, dict[tuple[int, int, int], Floats]] = WeakKeyDictionary()


def all_centred_cosines(generation: Generation, question: Floats, centre: Centre, span: slice) -> Floats:
    """Cosines of a centred question with every passage of a span; 0 where a passage has no vector.

    The passages stay where they are mapped: ``q . (v - c) = q . v - q . c``; the lengths of ``v - c`` stay.
    """
    known, vectors = _lengths.setdefault(generation, {}), generation.vectors[span]
    key = (id(centre), span.start, span.stop)
    if (lengths := known.get(key)) is None:
        squares = np.einsum("ij,ij->i", vectors, vectors)
        moved = _moved_squares(squares, vectors @ centre.passage, centre)
        lengths = np.where(squares > 0, np.sqrt(moved), np.inf).astype(np.float32)
        if len(known) < REMEMBERED:
            known[key] = lengths
    made: Floats = (vectors @ question - float(question @ centre.passage)) / lengths
    return made
