"""The seam for privacy: what a model is sent may be changed on its way, and is put back in what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipelines.contracts import Message, Passage
from pipelines.privacy.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Protected:
    """What a model may see of one request.

    Attributes:
        messages, context, passages: in the order given; of a passage only ``title``, ``heading`` and
            ``text`` are shown, and its sentence offsets are not used.
        restore: puts the real values back into one text of the model (a sentence, a quote).

    Example:
        >>> Protected((), {}, (), str).restore("a")
        'a'
    """

    messages: tuple[Message, ...]
    context: Mapping[str, str]
    passages: tuple[Passage, ...]
    restore: Callable[[str], str]


class Pseudonymiser(Protocol):
    """Makes a :class:`Protected` of each request; called once before each call of a model."""

    def protect(
        self, messages: Sequence[Message], context: Mapping[str, str], passages: Sequence[Passage], lang: str
    ) -> Protected:
        """Stand-ins in the place of what is personal, the same value everywhere the same."""
        ...


class Plain:
    """Changes nothing: for a model that runs in the house.

    Example:
        >>> Plain().protect([], {"a": "b"}, [], "fr").context
        {'a': 'b'}
    """

    def protect(
        self, messages: Sequence[Message], context: Mapping[str, str], passages: Sequence[Passage], lang: str
    ) -> Protected:
        """The same."""
        return Protected(tuple(messages), dict(context), tuple(passages), str)


class StandIns:
    """Stand-ins for what is personal in thread and context; passages are the brand's own and stay.

    Example:
        >>> thread = [Message(role="customer", text="je suis Alice Morel, alice@morel.example")]
        >>> protected = StandIns().protect(thread, {"first_name": "Alice"}, [], "fr")
        >>> "Alice" in protected.messages[0].text or "morel" in protected.messages[0].text
        False
        >>> protected.restore(protected.context["first_name"])
        'Alice'
    """

    def protect(
        self, messages: Sequence[Message], context: Mapping[str, str], passages: Sequence[Passage], lang: str
    ) -> Protected:
        """Marks such as ``[NAME_1]``; the context goes first, so that its names are known in the thread."""
        pseudonyms = Pseudonyms(lang)
        facts = pseudonyms.protect_context(context)
        shown = tuple(pseudonyms.protect_messages(messages))
        return Protected(shown, facts, tuple(passages), pseudonyms.restore)
