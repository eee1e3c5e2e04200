"""What a person gives on the command line, as requests; an error names the place and repeats no text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipelines.errors import DataError

R = TypeVar("R", bound=BaseModel)
MEND = (
    'Give a JSON list of {"role": "customer" or "agent", "text": ...}, or JSONL with one such object a line.'
)


def read_thread(path: Path) -> dict[str, Any]:
    """The fields of a request from a file (``-``: standard input).

    The file holds a request object with a ``thread``, a JSON list of messages, or one message a line.

    Raises:
        DataError: it cannot be read, or is none of these.
    """
    name = "standard input" if str(path) == "-" else str(path)
    try:
        raw = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{name}: cannot be read ({error.strerror}).", mend="Check the path.") from None
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: not UTF-8 (byte {error.start + 1}).", mend="Save the file as UTF-8."
        ) from None
    value = _parse(text, name)
    if isinstance(value, dict) and "thread" in value:
        return value
    return {"thread": value if isinstance(value, list) else [value]}


def _parse(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return [json.loads(line) for line in lines]
    except (ValueError, RecursionError):
        raise DataError(f"{name}: neither JSON nor JSONL.", mend=MEND) from None


def request(kind: type[R], fields: dict[str, Any]) -> R:
    """A request of a kind from its fields.

    Raises:
        DataError: names the field that is wrong, never its value.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        unknown = first["type"] == "extra_forbidden"
        place = ".".join(str(part) for part in first["loc"][: -1 if unknown else None]) or "the request"
        # The name of an unknown field is the input's own text, so it is not repeated.
        what = "has a field that is not known here" if unknown else first["msg"]
        raise DataError(f"{place}: {what}.", mend=_mend(first["type"], place)) from None


def _mend(kind: str, place: str) -> str:
    if kind == "string_too_long":
        return "Shorten it."
    if kind == "string_unicode":
        return "Give it as UTF-8."
    return MEND if place.startswith("thread") else "See --help."


def context_of(pairs: list[str]) -> dict[str, str]:
    """``["order_id=CF123"]`` as ``{"order_id": "CF123"}``.

    Raises:
        DataError: a pair has no ``=``.

    Example:
        >>> context_of(["first_name=Lou"])
        {'first_name': 'Lou'}
    """
    wrong = next((number for number, pair in enumerate(pairs, start=1) if "=" not in pair), None)
    if wrong is not None:
        raise DataError(
            f"The --context number {wrong} is no NAME=VALUE.",
            mend="For instance: --context order_id=CF-100001",
        )
    return {name.strip(): value for name, _, value in (pair.partition("=") for pair in pairs)}
