"""Which label is taken for which, and how good each label is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Precision, recall and F1 of one label; a figure of nothing is None."""

    label: str
    precision: float | None
    recall: float | None
    f1: float
    rows: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of gold against decided labels.

    Example:
        >>> Confusion.of(["a", "a", "b"], ["a", "b", "b"]).macro_f1
        0.6667
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, gold: Sequence[str], decided: Sequence[str]) -> Confusion:
        """The matrix of two parallel lists; rows are gold, columns decided."""
        labels = tuple(sorted({*gold, *decided}))
        pairs = Counter(zip(gold, decided, strict=True))
        return cls(labels, tuple(tuple(pairs[a, b] for b in labels) for a in labels))

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 over the labels that gold holds; None without rows."""
        values = [figures.f1 for figures in self.by_label() if figures.rows]
        return round(fmean(values), 4) if values else None

    def by_label(self) -> list[LabelFigures]:
        """Figures of each label, in order of name."""
        out = []
        for i, label in enumerate(self.labels):
            hit, rows = self.counts[i][i], sum(self.counts[i])
            given = sum(row[i] for row in self.counts)
            out.append(
                LabelFigures(
                    label, hit / given if given else None, hit / rows if rows else None,
                    2 * hit / (rows + given) if rows + given else 0.0, rows,
                )
            )  # fmt: skip
        return out

    def worst(self, count: int = 10) -> list[tuple[str, str, int]]:
        """The most frequent mistakes as ``(gold, decided, rows)``."""
        wrong = [
            (a, b, self.counts[i][j])
            for i, a in enumerate(self.labels) for j, b in enumerate(self.labels)
            if i != j and self.counts[i][j]
        ]  # fmt: skip
        return sorted(wrong, key=lambda one: -one[2])[:count]
