"""What a prompt says, read back out of its messages: labels, worked examples, what is quoted and asked."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Turn = tuple[str, str]
"""Role and text."""

_QUOTED = re.compile(r"<<(\w+):(\w+)>>\n(.*?)\n<</\1:\2>>", re.DOTALL)
_LABEL = re.compile(r"^- (\w+): (.+)$", re.MULTILINE)
_EXEMPLAR = re.compile(r"^- « (.+?) » -> (\w+)$", re.MULTILINE)
_FORM = re.compile(r"Answer with one JSON object and nothing else:\n(\{.*\})", re.DOTALL)
_LANGUAGE = re.compile(r"\bin (French|English|Spanish)\b")


@dataclass(frozen=True, slots=True)
class Shown:
    """One request as its messages show it.

    Attributes:
        fields: of the object to answer.  demos: quoted parts and answer of each demonstration.
        asked: quoted parts of the last message, by name.

    Example:
        >>> shown = read_prompt("Answer with one JSON object and nothing else:\\n{\\"intent\\": \\"...\\"}",
        ...                     [("user", "<<k:message>>\\noù ?\\n<</k:message>>")])
        >>> shown.fields, shown.asked
        (('intent',), {'message': 'où ?'})
    """

    fields: tuple[str, ...]
    labels: dict[str, str]
    exemplars: tuple[tuple[str, str], ...]
    demos: tuple[tuple[dict[str, str], dict[str, Any]], ...]
    asked: dict[str, str]
    language: str


def read_prompt(system: str, turns: Sequence[Turn]) -> Shown:
    """Read one of our prompts; ``fields`` is empty for a prompt that is none of ours."""
    form = _FORM.search(system)
    try:
        fields = tuple(json.loads(form.group(1))) if form else ()
    except ValueError:
        fields = ()
    demos = []
    for (asker, asked), (_, said) in pairwise(turns):
        value = _object(said) if asker == "user" else None
        if value is not None:
            demos.append((quoted_parts(asked), value))
    last = turns[-1][1] if turns else ""
    language = _LANGUAGE.search(system.split("Form:")[-1])
    return Shown(
        fields, dict(_LABEL.findall(system)), tuple(_EXEMPLAR.findall(system)), tuple(demos),
        quoted_parts(last), language.group(1) if language else "",
    )  # fmt: skip


def quoted_parts(text: str) -> dict[str, str]:
    """What stands between marks, by name.

    Example:
        >>> quoted_parts("<<k:facts>>\\nnone\\n<</k:facts>>")
        {'facts': 'none'}
    """
    return {name: body for _, name, body in _QUOTED.findall(text)}


def exemplar(text: str, label: str) -> str:
    """A worked example in one line of the instructions; :func:`read_prompt` reads it again.

    Example:
        >>> exemplar("où est\\nmon colis", "track_order")
        '- « où est mon colis » -> track_order'
    """
    flat = " ".join(text.replace("«", " ").replace("»", " ").split())
    return f"- « {flat[:160]} » -> {label}"


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
