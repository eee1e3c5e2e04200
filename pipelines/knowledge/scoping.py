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


def _select(generation: Generation, where: Where) -> NDArray[np.int64]:
    mask = np.ones(generation.count, bool)
    for field, values in where.items():
        if field not in RAW_FIELDS:
            raise ValueError(f"cannot filter on {field!r}; use one of {', '.join(RAW_FIELDS)}")
        mask &= np.isin(generation.columns[field], list(values))
    return np.flatnonzero(mask)
