"""Which rows of a generation a search may find; remembered, since a service asks for the same few scopes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from pipelines.knowledge.generation import Generation
from pipelines.knowledge.lexical import RAW_FIELDS

Where = Mapping[str, Sequence[str]]
"""Allowed values by raw field: ``{"lang": ["fr"], "audience": ["public"]}``."""

REMEMBERED = 16

_known: WeakKeyDictionary[Generation, dict[object, NDArray[np.int64]]] = WeakKeyDictionary()


def allowed_rows(generation: Generation, where: Where, exclude: Collection[str] = ()) -> NDArray[np.int64]:
    """Rows that pass the filter and belong to no excluded document, ascending.

    Raises:
        ValueError: the filter names a field that is not indexed.
    """
    cache = _known.setdefault(generation, {})
    key = tuple((field, tuple(values)) for field, values in where.items())
    rows = cache.get(key)
    if rows is None:
        rows = _select(generation, where)
        if len(cache) < REMEMBERED:
            cache[key] = rows
    if not exclude:
        return rows
    return rows[~np.isin(generation.columns["document_id"][rows], list(exclude))]


def span_of(rows: NDArray[np.int64]) -> slice:
    """From the first of some ascending rows to the last; a store keeps a language together, few are others.

    Example:
        >>> span_of(np.array([3, 4, 6]))
        slice(3, 7, None)
    """
    return slice(int(rows[0]), int(rows[-1]) + 1)


def among(scores: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Of the scores of a whole :func:`span_of` rows those of the rows."""
    return scores if len(scores) == len(rows) else scores[rows - rows[0]]


def _select(generation: Generation, where: Where) -> NDArray[np.int64]:
    mask = np.ones(generation.count, bool)
    for field, values in where.items():
        if field not in RAW_FIELDS:
            raise ValueError(f"cannot filter on {field!r}; use one of {', '.join(RAW_FIELDS)}")
        mask &= np.isin(generation.columns[field], list(values))
    return np.flatnonzero(mask)
