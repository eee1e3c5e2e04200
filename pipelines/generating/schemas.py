"""The forms that a model is asked to answer in, as JSON schemas in the strict dialect of servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_TEXT: Mapping[str, Any] = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": list(properties),
        "additionalProperties": False,
    }  # fmt: skip


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


_SENTENCE = _object(text=_TEXT, passage=_TEXT, quote=_TEXT)
_NOTE = _list(_object(text=_TEXT, messages=_list(_TEXT)))
SCHEMAS: Mapping[str, dict[str, Any]] = {
    "draft": _object(
        cannot_answer={"type": "boolean"}, replies=_list(_object(sentences=_list(_SENTENCE)))
    ),
    "summarize": _object(issue=_NOTE, done=_NOTE, resolution=_NOTE, next_step=_NOTE),
    "classify": _object(intent=_TEXT),
    "fill_template": _object(variables=_list(_object(name=_TEXT, value=_TEXT))),
    "route": _object(route=_TEXT),
    "rewrite_query": _object(query=_TEXT),
}  # fmt: skip
"""Prompt name -> schema; a sentence ends with its quote, and is judged once that is complete."""


def response_format(name: str, labels: Sequence[str] = ()) -> dict[str, Any]:
    """The request's ``response_format`` for a prompt; ``labels`` closes the choice of a single field.

    Example:
        >>> response_format("rewrite_query")["json_schema"]["schema"]["required"]
        ['query']
    """
    schema = SCHEMAS[name]
    if labels:
        (field,) = schema["properties"]
        schema = _object(**{field: {"type": "string", "enum": list(labels)}})
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}
