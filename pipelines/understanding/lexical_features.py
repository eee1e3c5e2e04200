"""Word and character TF-IDF of one message in plain Python, so that inference needs no learning library."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pipelines.text import fold

_WORD = re.compile(r"[^\W_]+|[?!€$£%]|[\U0001F300-\U0001FAFF\u2600-\u27BF]", re.UNICODE)
_DIGIT = re.compile(r"\d")
MAX_CHARS = 1_500
WORDS_KEPT = 4_096
"""Words whose n-grams a block remembers before it begins anew."""
MAX_WORD = 40
"""Characters of a word that are read."""
CHAR_SIZES = (2, 3, 4, 5)


def tokens(text: str) -> list[str]:
    """Folded words, signs that carry intent and emoji; every digit reads as 0.

    Example:
        >>> tokens("Où est CF-248 ?")
        ['ou', 'est', 'cf', '000', '?']
    """
    return list(_tokens(text[:MAX_CHARS]))


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[str, ...]:
    """One message is read by several models."""
    return tuple(_WORD.findall(_DIGIT.sub("0", fold(text))))


def word_grams(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbours."""
    return [*words, *(f"{a} {b}" for a, b in pairwise(words))]


def char_grams(words: Iterable[str], sizes: tuple[int, ...] = CHAR_SIZES) -> list[str]:
    """Character n-grams of the given sizes inside words padded with a space on each side."""
    out: list[str] = []
    for word in words:
        out += _grams_of_word(word[:MAX_WORD], sizes)
    return out


@lru_cache(maxsize=4_096)
def _grams_of_word(word: str, sizes: tuple[int, ...] = CHAR_SIZES) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple([padded[i : i + size] for size in sizes for i in range(len(padded) - size + 1)])


@dataclass(frozen=True, slots=True)
class LexicalRow:
    """Features of one text: parallel indices and values, and the share of its words that is known."""

    indices: list[int]
    values: list[float]
    coverage: float


class Block:
    """One unit-norm TF-IDF block: its grams in column order and their document frequencies.

    Grams are found by a hash of 32 bits: a dictionary of their texts takes seven times the memory, and of
    a hundred thousand unknown ones no more than six pass for a known one.

    Example:
        >>> Block(["colis"], [1], count=1, offset=0).row(["colis", "colis", "perdu"])
        ([0], [1.0])
    """

    def __init__(self, grams: Sequence[str], df: Sequence[int], count: int, offset: int) -> None:
        self._text, self.width = "\n".join(grams), len(grams)
        self.df = np.asarray(df, np.int32)
        self.count, self.offset = count, offset
        codes = _codes(grams)
        self._order = np.argsort(codes, kind="stable").astype(np.int32)
        self._sorted = codes[self._order]
        self.idf = np.array([self.weight(n) for n in df])
        # Customers share most of their words: a word's n-grams are looked up once.
        self._columns: dict[str, list[int]] = {}

    @property
    def grams(self) -> list[str]:
        """All of them, in column order."""
        return self._text.split("\n") if self.width else []

    def weight(self, df: int) -> float:
        """Smoothed inverse document frequency."""
        return math.log((1 + self.count) / (1 + df)) + 1.0

    def row(self, grams: Iterable[str]) -> tuple[list[int], list[float]]:
        """Columns and values of the grams that are known."""
        return self._weighed(self._known(grams))

    def row_of_words(self, words: Iterable[str]) -> tuple[list[int], list[float]]:
        """The same of the character n-grams of words."""
        read = [word[:MAX_WORD] for word in words]
        known = self._columns
        new = [word for word in dict.fromkeys(read) if word not in known]
        if new:
            known.update(self._look_up(new))
            if len(known) > WORDS_KEPT:
                self._columns = {}  # whoever reads still has the old one
        return self._weighed([column for word in read for column in known[word]])

    def _look_up(self, words: Sequence[str]) -> dict[str, list[int]]:
        """The columns of the n-grams of some words, all looked up at once."""
        grams = [_grams_of_word(word) for word in words]
        found = self._find([gram for some in grams for gram in some])
        parts = np.split(found, np.cumsum([len(some) for some in grams])[:-1])
        return {word: part[part >= 0].tolist() for word, part in zip(words, parts, strict=True)}

    def _known(self, grams: Iterable[str]) -> list[int]:
        found = self._find(list(grams))
        known: list[int] = found[found >= 0].tolist()
        return known

    def _find(self, grams: Sequence[str]) -> NDArray[np.int32]:
        """The column of each gram, -1 for one that is not known."""
        codes = _codes(grams)
        if not self.width:
            return np.full(len(codes), -1, np.int32)
        place = np.minimum(np.searchsorted(self._sorted, codes), self.width - 1)
        return np.where(self._sorted[place] == codes, self._order[place], -1)

    def _weighed(self, found: list[int]) -> tuple[list[int], list[float]]:
        counted = Counter(found)
        columns, times = list(counted), np.fromiter(counted.values(), float, len(counted))
        values = self.idf[columns] * (1.0 + np.log(times)) if columns else times
        norm = math.sqrt(float(values @ values)) or 1.0
        return [i + self.offset for i in columns], (values / norm).tolist()

    def coverage(self, found: set[str], floor: int) -> float:
        """Share of weight on grams that at least ``floor`` training texts hold."""
        if not found or not self.width:
            return 0.0
        at = self._find(list(found))
        seen = (at >= 0) & (self.df[at] >= floor)
        weights = np.where(seen, self.idf[at], self.weight(0))
        return float(weights[seen].sum() / weights.sum())


def _codes(grams: Sequence[str]) -> NDArray[np.uint32]:
    return np.fromiter(
        (crc32(gram.encode("utf-8", "surrogatepass")) for gram in grams), np.uint32, len(grams)
    )


class LexicalFeatures:
    """Three TF-IDF blocks side by side: words, characters, and words of the English reading.

    Args:
        blocks: grams and document frequencies of each block.  count: training texts.

    Example:
        >>> features = LexicalFeatures.fit(["mon colis", "un colis cassé"], ["my parcel", "a broken parcel"])
        >>> features.row("colis", "parcel").coverage
        1.0
    """

    def __init__(self, blocks: Sequence[tuple[Sequence[str], Sequence[int]]], count: int) -> None:
        self.count = count
        self.blocks: list[Block] = []
        for grams, df in blocks:
            self.blocks.append(Block(grams, df, count, self.width))

    @classmethod
    def fit(
        cls, texts: Sequence[str], readings: Sequence[str], min_char_df: int = 1, min_word_df: int = 1
    ) -> LexicalFeatures:
        """Vocabularies and document frequencies of ``texts`` and of their English readings."""
        counts: list[Counter[str]] = [Counter(), Counter(), Counter()]
        for text, reading in zip(texts, readings, strict=True):
            for counter, grams in zip(counts, _grams(text, reading), strict=True):
                counter.update(set(grams))
        blocks = []
        for counter, floor in zip(counts, (min_word_df, min_char_df, min_word_df), strict=True):
            kept = sorted(gram for gram, df in counter.items() if df >= floor)
            blocks.append((kept, [counter[gram] for gram in kept]))
        return cls(blocks, len(texts))

    @property
    def width(self) -> int:
        """Number of columns."""
        return sum(block.width for block in self.blocks)

    def row(self, text: str, reading: str, own: bool = False) -> LexicalRow:
        """Features of a text; a training text (``own``) does not count as knowing itself."""
        words, read = tokens(text), tokens(reading)
        rows = (
            self.blocks[0].row(word_grams(words)), self.blocks[1].row_of_words(words),
            self.blocks[2].row(word_grams(read)),
        )  # fmt: skip
        known = self.blocks[2].coverage(set(read), floor=2 if own else 1)
        return LexicalRow([i for some, _ in rows for i in some], [v for _, some in rows for v in some], known)


def _grams(text: str, reading: str) -> tuple[list[str], list[str], list[str]]:
    found = tokens(text)
    return word_grams(found), char_grams(found), word_grams(tokens(reading))
