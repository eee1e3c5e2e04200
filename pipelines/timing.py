"""How long each stage of one run took: a Haystack tracer that writes into a context variable."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any

from haystack.tracing.tracer import Span, Tracer

_stages: ContextVar[dict[str, float] | None] = ContextVar("souffleur_stages", default=None)


class StageSpan(Span):
    """A span that keeps nothing: no tag, no content.

    Example:
        >>> StageSpan().set_tag("a", 1)
    """

    def set_tag(self, key: str, value: Any) -> None:
        """Tags may hold what a customer wrote: they are not kept."""


class StageTimer(Tracer):
    """Adds the milliseconds of each component to the :func:`stages` of the caller.

    Example:
        >>> with stages() as ms, StageTimer().trace("run", {"haystack.component.name": "draft"}):
        ...     pass
        >>> list(ms)
        ['draft', 'total']
    """

    @contextlib.contextmanager
    def trace(
        self,
        operation_name: str,
        tags: Mapping[str, Any] | None = None,
        parent_span: Span | None = None,
    ) -> Iterator[Span]:
        """One span; only those of components are timed."""
        start = time.perf_counter()
        try:
            yield StageSpan()
        finally:
            found = _stages.get()
            name = (tags or {}).get("haystack.component.name")
            if found is not None and name:
                found[str(name)] = round(found.get(str(name), 0.0) + (time.perf_counter() - start) * 1000, 3)

    def current_span(self) -> Span | None:
        """None: spans are not linked."""
        return None


@contextlib.contextmanager
def stages() -> Iterator[dict[str, float]]:
    """Collects milliseconds by component name while it is open, ``total`` at its end."""
    found: dict[str, float] = {}
    token = _stages.set(found)
    start = time.perf_counter()
    try:
        yield found
    finally:
        found["total"] = round((time.perf_counter() - start) * 1000, 3)
        _stages.reset(token)
