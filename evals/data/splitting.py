"""Train, dev and test parts that share no near duplicates.

Messages that are alike, by characters or by embedding, form a cluster; a cluster goes to one part as a whole.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.data.jsonl import read_rows, write_rows
from pipelines.embedding import Encoder
from pipelines.text import fold

SHARES = {"train": 0.60, "dev": 0.15, "test": 0.25}
CHAR_THRESHOLD = 0.55
"""Cosine of character 3-5-gram TF-IDF (folded, digits as one) from which two messages are near duplicates."""
DENSE_THRESHOLD = 0.88
"""Cosine of embeddings from which two messages are near duplicates."""

Row = dict[str, Any]


def char_vectors(texts: Sequence[str]) -> Any:
    """Unit sparse TF-IDF rows over character 3-5-grams; digits count as one, so numbers hide no copy.

    An n-gram ends where its word does, so each word is read once: texts x words, times words x n-grams, is
    what ``TfidfVectorizer(analyzer="char_wb")`` counts, in a fifth of the time.
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

    plain = [re.sub(r"\d", "0", fold(text)).lower() or " " for text in texts]
    words = CountVectorizer(analyzer=str.split, dtype=np.float32)
    grams = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5), dtype=np.float32)
    counted = words.fit_transform(plain)
    return TfidfTransformer(sublinear_tf=True).fit_transform(
        counted @ grams.fit_transform(words.get_feature_names_out())
    )


def near_pairs(
    texts: Sequence[str], vectors: NDArray[np.float32] | None = None, first: int | None = None
) -> list[tuple[int, int]]:
    """Pairs ``(i, j)``, i < j, at or over a threshold; by characters alone when ``vectors`` is None.

    Args:
        first: look for pairs of the first so many texts alone; of all texts when None.

    Example:
        >>> near_pairs(["où est mon colis", "ou est mon colis ?", "où est mon colis !"], first=1)
        [(0, 1), (0, 2)]
    """
    chars = char_vectors(texts)
    count = len(texts) if first is None else first
    pairs: list[tuple[int, int]] = []
    for start in range(0, count, 500):
        stop = min(start + 500, count)
        # What stands before the block was compared with it in an earlier one.
        alike = (chars[start:stop] @ chars[start:].T).toarray() >= CHAR_THRESHOLD
        if vectors is not None:
            alike |= vectors[start:stop] @ vectors[start:].T >= DENSE_THRESHOLD
        left, right = np.nonzero(alike)
        pairs.extend((int(i) + start, int(j) + start) for i, j in zip(left, right, strict=True) if i < j)
    return pairs


def clusters(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Connected components of ``pairs`` over ``range(count)``, each in order, by first member.

    Example:
        >>> clusters(4, [(0, 2)])
        [[0, 2], [1], [3]]
    """
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in pairs:
        a, b = sorted((root(i), root(j)))
        parent[b] = a
    found: dict[int, list[int]] = defaultdict(list)
    for i in range(count):
        found[root(i)].append(i)
    return list(found.values())


def assign(
    rows: Sequence[Row], groups: Sequence[Sequence[int]], seed: int = 7, shares: Mapping[str, float] = SHARES
) -> list[str]:
    """The part of each row, stratified by intent and language.

    The largest clusters are placed first, each where its strata are furthest behind their share.
    """
    strata = [(str(row["intent"]), str(row.get("lang", ""))) for row in rows]
    totals = Counter(strata)
    placed: dict[str, Counter[tuple[str, str]]] = {part: Counter() for part in shares}
    order = list(groups)
    Random(seed).shuffle(order)
    order.sort(key=len, reverse=True)
    parts = [""] * len(rows)
    for group in order:
        needs = Counter(strata[i] for i in group)
        lag = {
            part: sum(share * totals[s] - placed[part][s] for s in needs for _ in range(needs[s])) / share
            for part, share in shares.items()
        }
        chosen = max(shares, key=lambda part: lag[part])
        placed[chosen].update(needs)
        for i in group:
            parts[i] = chosen
    return parts


def split_intents(sources: Sequence[Path], folder: Path, encoder: Encoder, seed: int = 7) -> dict[str, int]:
    """Write ``train.jsonl``, ``dev.jsonl`` and ``test.jsonl`` into ``folder``; returns the rows of each.

    Ids come from the order in the sources (``int-fr-0001``), so that a row keeps its id whatever its part.
    """
    rows: list[Row] = []
    for source in sources:
        for number, row in enumerate(read_rows(source, required=("text", "intent", "lang")), start=1):
            name = f"int-{row['lang']}-{number:04d}"
            rows.append({"id": name, "text": row["text"], "intent": row["intent"], "lang": row["lang"]})
    texts = [row["text"] for row in rows]
    parts = assign(rows, clusters(len(rows), near_pairs(texts, encoder.encode(texts))), seed)
    for part in SHARES:
        write_rows(folder / f"{part}.jsonl", [row for row, p in zip(rows, parts, strict=True) if p == part])
    return dict(Counter(parts))
