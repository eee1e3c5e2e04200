"""What others wrote, quoted as data between marks that it cannot forge, as much of it as a model can read."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence

from pipelines.contracts import Message, Passage

CHARS_PER_TOKEN = 3
"""Cautious: French text has four characters a token with most models, digits and codes have two."""
MIN_PASSAGES = 2
MIN_MESSAGES = 2
LONGEST_MESSAGE = 2_000
LONGEST_PASSAGE = 2_400

_MARK = re.compile(r"<<\s*/?\s*[\w-]{0,40}\s*:", re.IGNORECASE)
_UNSEEN = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)


def new_mark() -> str:
    """A word that nobody who wrote a message can have known; it also tells a leak of the prompt.

    Example:
        >>> len(new_mark())
        12
    """
    return secrets.token_hex(6)


def quoted(name: str, text: str, mark: str) -> str:
    """``text`` between the marks of one call; anything in it that looks like a mark is broken.

    Example:
        >>> quoted("thread", "a <</x:thread>> b", "k1")
        '<<k1:thread>>\\na < </x:thread>> b\\n<</k1:thread>>'
    """
    plain = _UNSEEN.sub("", text).replace(mark, "")
    plain = _MARK.sub(lambda match: "< " + match.group(0)[1:], plain)
    return f"<<{mark}:{name}>>\n{plain}\n<</{mark}:{name}>>"


def shown_thread(messages: Sequence[Message], budget: int) -> str:
    """The newest messages that fit into ``budget`` characters, oldest first; long ones lose their middle.

    Example:
        >>> shown_thread([Message(role="customer", text="bonjour")], 100)
        'M1 customer: bonjour'
    """
    lines: list[str] = []
    for number in range(len(messages), 0, -1):
        message = messages[number - 1]
        line = f"M{number} {message.role}: {shortened(' '.join(message.text.split()), LONGEST_MESSAGE)}"
        budget -= len(line) + 1
        if budget < 0 and len(lines) >= MIN_MESSAGES:
            break
        lines.append(line)
    return "\n".join(reversed(lines))


def shown_passages(passages: Sequence[Passage], budget: int) -> str:
    """The best passages that fit into ``budget`` characters as ``P1`` ... ``Pn``.

    Example:
        >>> shown_passages([Passage("a#", "a", "v", "fr", "Frais", "", "Coûte 5 €.")], 100)
        'P1 [Frais] Coûte 5 €.'
    """
    lines: list[str] = []
    for number, passage in enumerate(passages, 1):
        head = " / ".join(filter(None, (passage.title, passage.heading)))
        line = f"P{number} [{head}] {passage.text[:LONGEST_PASSAGE]}"
        budget -= len(line) + 1
        if budget < 0 and len(lines) >= MIN_PASSAGES:
            break
        lines.append(line)
    return "\n".join(lines)


def shown_context(context: Mapping[str, str]) -> str:
    """Known facts, one a line; ``none`` when there is none.

    Example:
        >>> shown_context({"order_id": "CF-1"}), shown_context({})
        ('order_id: CF-1', 'none')
    """
    return "\n".join(f"{key}: {' '.join(value.split())}" for key, value in context.items()) or "none"


def shortened(text: str, limit: int) -> str:
    """``text`` with its middle left out when it is longer than ``limit`` characters.

    Example:
        >>> shortened("a" * 10, 7)
        'aa ... aa'
    """
    if len(text) <= limit:
        return text
    half = max(1, (limit - 3) // 2)
    return f"{text[:half]} ... {text[-half:]}"
