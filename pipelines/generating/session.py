"""What becomes of one model's text while it is streamed: sentences read, checked, held or shown."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from haystack.dataclasses import StreamingChunk

from pipelines.contracts import Citation, Draft, DraftSentence, Lang, Suggestion
from pipelines.generating.calls import ModelFailure
from pipelines.generating.checking import Checker, Written
from pipelines.generating.reading import DraftReader, Endless

Event = tuple[str, dict[str, Any]]
Emit = Callable[[Event], None]
Rate = Callable[[Citation], tuple[dict[str, float], bool]]
"""The features of a reply that rests on a citation first, and whether such a reply may be shown."""


@dataclass
class Reply:
    """One reply as far as it is verified."""

    sentences: list[DraftSentence] = field(default_factory=list)
    features: dict[str, float] | None = None
    shown: bool = False
    emitted: int = 0

    @property
    def length(self) -> int:
        """Characters so far."""
        return sum(len(sentence.text) + 1 for sentence in self.sentences)


class Session:
    """Reads one request's stream; a sentence is emitted once it is verified and its reply sure enough.

    Args:
        restore: puts real values back into what the model wrote.  id_: names the suggestions of this call.
    """

    def __init__(
        self, checker: Checker, rate: Rate, restore: Callable[[str], str], emit: Emit, *,
        lang: Lang, variants: int, max_chars: int, id_: str,
    ) -> None:  # fmt: skip
        self.checker, self.rate, self.restore, self.emit = checker, rate, restore, emit
        self.lang, self.variants, self.max_chars, self.id = lang, variants, max_chars, id_
        self.reader = DraftReader()
        self.replies: dict[int, Reply] = {}
        self.dropped: Counter[str] = Counter()
        self.written = 0
        self.seconds = 0.0

    async def on_chunk(self, chunk: StreamingChunk) -> None:
        """Take the next piece of the stream.

        Raises:
            ModelFailure: it goes on for ever.
        """
        if not chunk.content:
            return
        began = time.perf_counter()
        try:
            self._take(self.reader.feed(chunk.content))
        except Endless:
            raise ModelFailure("endless") from None
        finally:
            self.seconds += time.perf_counter() - began

    def read(self, text: str) -> None:
        """Take a whole text at once, as far as it is one."""
        with suppress(Endless):
            self._take(self.reader.feed(text))
        self.finish()

    def again(self) -> None:
        """Another attempt begins; nothing of the last one was shown."""
        self.reader.again()
        self.replies.clear()

    def worth_keeping(self) -> bool:
        """Whether a sentence has been emitted: from then on the stream is not begun again."""
        return any(reply.emitted for reply in self.replies.values())

    def finish(self) -> None:
        """Check what had no source, and so was not complete before the end."""
        began = time.perf_counter()
        self._take(self.reader.rest())
        self.seconds += time.perf_counter() - began

    def drafts(self) -> list[tuple[int, Draft]]:
        """The replies that state something, with their numbers; none says what another one says."""
        found: list[tuple[int, Draft]] = []
        texts: set[str] = set()
        for number, reply in sorted(self.replies.items()):
            if reply.features is None:
                continue
            draft = Draft("answer", tuple(reply.sentences), self.lang, features=reply.features)
            if draft.text not in texts:
                texts.add(draft.text)
                found.append((number, draft))
        return found

    def suggestion_id(self, number: int) -> str:
        """The id of a reply, known from its first sentence on."""
        return f"s{number + 1}-{self.id}"

    def _take(self, found: Sequence[tuple[int, Written]]) -> None:
        for number, written in found:
            if number < self.variants:
                self._one(number, written)

    def _one(self, number: int, written: Written) -> None:
        self.written += 1
        reply = self.replies.setdefault(number, Reply())
        restored = Written(self.restore(written.text), written.passage, self.restore(written.quote))
        checked = self.checker.check(restored, len(reply.sentences))
        if isinstance(checked, str):
            self.dropped[checked] += 1
            return
        if any(checked.text == sentence.text for sentence in reply.sentences):
            self.dropped["repeated"] += 1
            return
        if reply.length + len(checked.text) > self.max_chars:
            self.dropped["length"] += 1
            return
        reply.sentences.append(checked)
        if reply.features is None and checked.citation is not None:
            reply.features, reply.shown = self.rate(checked.citation)
        if reply.shown:
            self._emit(number, reply)

    def _emit(self, number: int, reply: Reply) -> None:
        for place in range(reply.emitted, len(reply.sentences)):
            sentence = reply.sentences[place]
            self.emit(("sentence", {
                "suggestion": self.suggestion_id(number), "index": place, "text": sentence.text,
                "citation": sentence.citation.model_dump() if sentence.citation else None,
            }))  # fmt: skip
        reply.emitted = len(reply.sentences)


def suggestion_of(id_: str, draft: Draft, confidence: float) -> Suggestion:
    """A verified draft as it is shown."""
    return Suggestion(
        id=id_, text=draft.text, lang=draft.lang, kind=draft.kind,
        citations=[sentence.citation for sentence in draft.sentences if sentence.citation],
        confidence=round(confidence, 4), actions=list(draft.actions),
    )  # fmt: skip
