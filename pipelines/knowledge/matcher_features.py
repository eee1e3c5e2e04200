"""The word and character n-grams that the matcher reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from pipelines.understanding.lexical_features import Block, char_grams, tokens, word_grams


class MatcherFeatures:
    """Two unit-norm TF-IDF blocks: words and pairs, then character n-grams.

    Args:
        words, chars: grams and document frequencies of each block.  count: training texts.

    Example:
        >>> MatcherFeatures.fit(["mon frigo", "mon frigo"], 2, 2).row("frigo")[0][:1]
        [0]
    """

    def __init__(
        self,
        words: tuple[Sequence[str], Sequence[int]],
        chars: tuple[Sequence[str], Sequence[int]],
        count: int,
    ) -> None:
        self.count = count
        self.words = Block(*words, count, 0)
        self.chars = Block(*chars, count, self.words.width)

    @classmethod
    def fit(cls, texts: Sequence[str], min_words: int, min_chars: int) -> MatcherFeatures:
        """The n-grams that at least so many texts hold."""
        kept = []
        for grams, floor in ((word_grams, min_words), (char_grams, min_chars)):
            counts: Counter[str] = Counter()
            for text in texts:
                counts.update(set(grams(tokens(text))))
            found = sorted(gram for gram, df in counts.items() if df >= floor)
            kept.append((found, [counts[gram] for gram in found]))
        return cls(kept[0], kept[1], len(texts))

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.words.width + self.chars.width

    def row(self, text: str) -> tuple[list[int], list[float]]:
        """Columns and values of a text."""
        return _row(self, text)


@lru_cache(maxsize=256)
def _row(features: MatcherFeatures, text: str) -> tuple[list[int], list[float]]:
    found = tokens(text)
    indices, values = features.words.row(word_grams(found))
    more, weights = features.chars.row_of_words(found)
    return indices + more, values + weights
