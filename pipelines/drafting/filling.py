"""Macros with their variables filled from the context; a variable without a value never reaches the agent."""

from __future__ import annotations

import re
from collections.abc import Mapping

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_NAMED_GREETING = re.compile(
    r"^(?:(bonjour|bonsoir|hello|hi|dear|hola|buenos días)[ ,]*)?\{\{\s*first_name\s*\}\}\s*[,:!]?\s*",
    re.IGNORECASE,
)
_BARE = {
    "bonjour": "Bonjour, ",
    "bonsoir": "Bonsoir, ",
    "hello": "Hello, ",
    "hi": "Hi, ",
    "dear": "",
    "hola": "Hola: ",
    "buenos días": "Buenos días: ",
}


_NO_NAME = re.compile(r"[\d@/\\:;<>{}\[\]=]|\w\.\w\w")
_NOT_OF_A_NAME = re.compile(r"[^\w\s'’.-]|_")
MAX_NAME_WORDS = 4
MAX_NAME_CHARS = 40


def person_name(value: str) -> str:
    """A first name as it may be said, or nothing: on WhatsApp the customer chooses what stands there.

    Emoji and ornaments are left out; what holds a number, an address or half a sentence is no name.

    Example:
        >>> [person_name(name) for name in ("🔥 Odile 🔥", "J.-P. Le Goff", "300 € offerts", "evil.example")]
        ['Odile', 'J.-P. Le Goff', '', '']
    """
    name = " ".join(_NOT_OF_A_NAME.sub(" ", value).split()).strip(" .'’-")
    named = any(char.isalpha() for char in name) and not _NO_NAME.search(value)
    return name if named and len(name) <= MAX_NAME_CHARS and len(name.split()) <= MAX_NAME_WORDS else ""


def variables(text: str) -> list[str]:
    """Names of the variables of a macro, in order, each once.

    Example:
        >>> variables("Bonjour {{first_name}}, commande {{order_id}}.")
        ['first_name', 'order_id']
    """
    return list(dict.fromkeys(VARIABLE.findall(text)))


def fill(text: str, context: Mapping[str, str]) -> str | None:
    """``text`` with its variables filled, or None when a value is missing; a greeting needs no name.

    Example:
        >>> fill("Bonjour {{first_name}}, tout va bien.", {})
        'Bonjour, tout va bien.'
        >>> fill("Commande {{order_id}} partie.", {}) is None
        True
    """
    if not context.get("first_name"):
        match = _NAMED_GREETING.match(text)
        if match:
            rest = text[match.end() :]
            opening = _BARE.get((match.group(1) or "").lower(), "")
            text = opening + (rest if opening else rest[:1].upper() + rest[1:])
    if any(not context.get(name, "").strip() for name in variables(text)):
        return None
    return VARIABLE.sub(lambda match: " ".join(context[match.group(1)].split()), text)
