"""One component's settings that differ from the bundle's: what an experiment changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipelines.errors import DataError

if TYPE_CHECKING:
    from haystack import Pipeline

Changes = Mapping[str, Mapping[str, Any]]
"""Component -> setting -> value: ``{"decide": {"risk": 0.05}}``."""


def apply_changes(pipeline: Pipeline, changes: Changes) -> None:
    """Set each value on its component, once all are known to be values that the component takes.

    Raises:
        DataError: no such component or setting, or a value that the component refuses.
    """
    for name, values in changes.items():
        part = _component(pipeline, name)
        for key, value in values.items():
            _check(part, name, key, value)
    for name, values in changes.items():
        for key, value in values.items():
            setattr(pipeline.get_component(name), key, value)


def _component(pipeline: Pipeline, name: str) -> Any:
    known = sorted(pipeline.graph.nodes)
    if name not in known:
        raise DataError(f"There is no component {name!r}.", mend=f"Known: {', '.join(known)}.")
    return pipeline.get_component(name)


def _check(part: Any, name: str, key: str, value: Any) -> None:
    described: dict[str, Any] = part.to_dict()
    settings = described["init_parameters"]
    plain = {k for k, v in settings.items() if not isinstance(v, Mapping)}
    if key not in plain:
        known = ", ".join(sorted(plain)) or "none"
        raise DataError(f"The component {name!r} has no {key!r}.", mend=f"It has: {known}.")
    was = settings[key]
    alike = isinstance(value, (int, float)) if isinstance(was, float) else isinstance(value, type(was))
    if isinstance(value, bool) != isinstance(was, bool) or not (alike or was is None):
        raise DataError(
            f"{name}.{key} is no {type(value).__name__}.",
            mend=f"Give a {type(was).__name__}, for instance {was!r}.",
        )
    try:
        type(part).from_dict({**described, "init_parameters": {**settings, key: value}})
    except (ValueError, TypeError) as error:
        raise DataError(f"{name}.{key}: {error}.", mend=f"The bundle has {was!r}.") from None
