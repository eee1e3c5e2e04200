"""Values for a template's variables: from the context first, then from what the thread names beyond doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pipelines.contracts import Message
from pipelines.messaging.templates import VARIABLE, CopyCodeButton, Template, UrlButton

_IN_THREAD: Final[Mapping[str, re.Pattern[str]]] = {
    "order_id": re.compile(r"(?<![\w-])CF-?\d{8}(?!\d)", re.IGNORECASE),
    "rma_id": re.compile(r"(?<![\w-])RMA-?\d{6}(?!\d)", re.IGNORECASE),
    "repair_id": re.compile(r"(?<![\w-])REP-?\d{6}(?!\d)", re.IGNORECASE),
    "tracking_number": re.compile(r"(?<!\w)(?:6A\d{11}|TRZ\d{9})(?!\d)", re.IGNORECASE),
    "serial_number": re.compile(r"(?<!\w)SN\d{10}(?!\d)", re.IGNORECASE),
    "email": re.compile(r"(?<!\S)[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
}
_CONTROL = re.compile(r"[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its values.

    Attributes:
        values: by variable name, normalised.  missing: variables without a value, in order of appearance.
        body: the rendered body, a missing variable shown as ``[name]``.

    Example:
        >>> Filled(None, {}, ("order_id",), "Commande [order_id]").missing
        ('order_id',)
    """

    template: Template | None
    values: Mapping[str, str]
    missing: tuple[str, ...]
    body: str


def fill(template: Template, context: Mapping[str, str], thread: Sequence[Message]) -> Filled:
    """Fill what can be filled; nothing is guessed and nothing invented."""
    known = {**thread_values(thread), **{key: normalise(value) for key, value in context.items()}}
    sources = {variable.name: variable.source or variable.name for variable in template.variables}
    values = {
        name: known.get(name) or known.get(sources.get(name, name)) or "" for name in template.placeholders()
    }
    missing = tuple(name for name, value in values.items() if not value)
    values = {name: value for name, value in values.items() if value}
    return Filled(template, values, missing, render(template.body, values))


def thread_values(thread: Sequence[Message]) -> dict[str, str]:
    """Identifiers that occur in the thread with one value only: with two, a person must say which.

    Example:
        >>> thread_values([Message(role="customer", text="ma commande cf-24871093 svp")])
        {'order_id': 'CF-24871093'}
    """
    found: dict[str, set[str]] = {}
    for message in thread:
        for key, pattern in _IN_THREAD.items():
            found.setdefault(key, set()).update(
                _normal_form(key, value) for value in pattern.findall(message.text)
            )
    return {key: next(iter(values)) for key, values in found.items() if len(values) == 1}


def _normal_form(key: str, value: str) -> str:
    if key == "email":
        return value.rstrip(".").lower()
    upper = value.upper()
    return re.sub(r"^(CF|RMA|REP)-?", r"\1-", upper)


def normalise(value: str) -> str:
    """One line without control characters, spaces folded: what the platform accepts as a value.

    Example:
        >>> normalise(" demain\\n entre  9 h\\tet 11 h ")
        'demain entre 9 h et 11 h'
    """
    return " ".join(_CONTROL.sub(" ", value).split())


def render(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its variables replaced; one without a value becomes ``[name]``."""
    return VARIABLE.sub(lambda match: values.get(match.group(1).strip(), f"[{match.group(1).strip()}]"), text)


def rendered_urls(template: Template, values: Mapping[str, str]) -> list[str]:
    """The addresses of the buttons with their percent-encoded values."""
    encoded = {name: url_value(value) for name, value in values.items()}
    return [render(button.url, encoded) for button in template.buttons if isinstance(button, UrlButton)]


def codes(template: Template, values: Mapping[str, str]) -> list[str]:
    """The codes that buttons copy."""
    return [
        values.get(button.variable, "") for button in template.buttons if isinstance(button, CopyCodeButton)
    ]


def url_value(value: str) -> str:
    """A value as it may stand at the end of an address.

    Example:
        >>> url_value("CF-1 é/2")
        'CF-1%20%C3%A9%2F2'
    """
    return quote(value, safe="")
