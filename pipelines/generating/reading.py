"""JSON as models write it: in fences, after thoughts, broken off; read while it comes."""

from __future__ import annotations

import json
from typing import Any

from pydantic_core import from_json

from pipelines.generating.checking import Written

LONGEST = 24_000
"""Characters after which a model is writing for ever."""
TRAILING = 400
"""Characters after a complete answer that are put up with."""
MAX_REPLIES = 3
MAX_SENTENCES = 6


class Endless(Exception):
    """The model goes on and on; what is complete is kept."""


def read_object(text: str) -> dict[str, Any] | None:
    """The first JSON object of a model's text, its complete part if it is broken off; None if there is none.

    Example:
        >>> read_object('Sure! ```json\\\\n{"a": ["b", "c') == {"a": ["b"]}
        True
    """
    start = text.find("{", max(text.rfind("</think>"), 0))
    if start < 0 or (text.lstrip().startswith("<think>") and "</think>" not in text):
        return None
    body = text[start:]
    try:
        value = from_json(body, allow_partial=True)
    except ValueError:
        try:
            value, _ = json.JSONDecoder().raw_decode(body)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


class DraftReader:
    """Collects a streamed draft and hands out each sentence once it is complete.

    Example:
        >>> reader = DraftReader()
        >>> reader.feed('{"replies": [{"sentences": [{"text": "Oui.", "passage": "P1", ')
        []
        >>> reader.feed('"quote": "Oui."}]}]}')
        [(0, Written(text='Oui.', passage='P1', quote='Oui.'))]
    """

    def __init__(self) -> None:
        self.text = ""
        self.cannot_answer = False
        self._given: dict[int, int] = {}
        self._complete_at: int | None = None

    @property
    def readable(self) -> bool:
        """Whether the text holds a draft, or says that there is none."""
        value = read_object(self.text)
        return value is not None and (self.cannot_answer or isinstance(value.get("replies"), list))

    def feed(self, piece: str) -> list[tuple[int, Written]]:
        """Sentences that ``piece`` completes, each with the number of its reply.

        Raises:
            Endless: there is more than any answer needs.
        """
        self.text += piece
        found = self._new(last=False) if '"' in piece or "}" in piece else []
        if found:
            return found
        if self._complete_at is None and self.text.rstrip().endswith("}") and self._closed():
            self._complete_at = len(self.text)
        over = self._complete_at is not None and len(self.text) - self._complete_at > TRAILING
        if len(self.text) > LONGEST or over:
            raise Endless
        return found

    def rest(self) -> list[tuple[int, Written]]:
        """What was left over at the end: sentences without a source."""
        return self._new(last=True)

    def again(self) -> None:
        """Another attempt begins: its text replaces what did not get anywhere."""
        self.text, self.cannot_answer, self._complete_at = "", False, None
        self._given.clear()

    def _closed(self) -> bool:
        start = self.text.find("{")
        try:
            json.loads(self.text[start:])
        except (ValueError, RecursionError):
            return False
        return True

    def _new(self, last: bool) -> list[tuple[int, Written]]:
        value = read_object(self.text)
        if value is None:
            return []
        self.cannot_answer = value.get("cannot_answer") is True
        replies = value.get("replies")
        found: list[tuple[int, Written]] = []
        for number, reply in enumerate(replies[:MAX_REPLIES] if isinstance(replies, list) else []):
            sentences = reply.get("sentences") if isinstance(reply, dict) else None
            if not isinstance(sentences, list):
                continue
            for place in range(self._given.get(number, 0), min(len(sentences), MAX_SENTENCES)):
                written = _written(sentences[place], done=last or place < len(sentences) - 1)
                if written is None:
                    break
                self._given[number] = place + 1
                found.append((number, written))
        return found


def _written(value: Any, done: bool) -> Written | None:
    """A sentence once all of it is there; what is no sentence reads as an empty one, to be dropped."""
    fields = (
        [value.get(key) for key in ("text", "passage", "quote")] if isinstance(value, dict) else [None] * 3
    )
    if not done and any(field is None for field in fields):
        return None
    return Written(*(field if isinstance(field, str) else "" for field in fields))
