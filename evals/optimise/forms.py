"""A pinned prompt as a form: what stays fixed, the instructions, demonstrations, and the slots of a row.

The same form becomes messages in two ways, which must agree (:mod:`evals.optimise.parity`): here by plain
replacement, for DSPy; and as a template that Haystack renders when it is served.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.errors import PromptError
from pipelines.generating.prompts import Prompt

Chat = list[dict[str, str]]
"""Messages as ``{"role": ..., "content": ...}``."""

MARK = "mark"
_BLOCK = re.compile(r'\{% message role="(\w+)" %\}(.*?)\{% endmessage %\}', re.DOTALL)
_INSTRUCTIONS = re.compile(r"\{% raw %\}(.*?)\{% endraw %\}", re.DOTALL)
_SLOT = re.compile(r"\{\{ (\w+) \}\}")
_NEWLINE = re.compile(r"\r\n?")
_END = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One worked example.

    Attributes:
        variables: what fills the slots of the user's message.  answer: the object that is answered.
    """

    variables: Mapping[str, str]
    answer: Mapping[str, Any]

    @property
    def said(self) -> str:
        """The answer as a model writes it: JSON."""
        return literal(json.dumps(dict(self.answer), ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Form:
    """The fixed parts of a prompt.

    Attributes:
        before, after: of the system message, around the instructions.  user: the last message's slots.

    Example:
        >>> form = Form("p", "You sort.\\n", "Choose.", "\\nBrand: {{ brand }}", "{{ text }}")
        >>> [m["content"] for m in form.messages("Choose well.", [], {"brand": "C", "text": "{{ brand }}"})]
        ['You sort.\\nChoose well.\\nBrand: C', '{{ brand }}']
    """

    name: str
    before: str
    instructions: str
    after: str
    user: str

    @classmethod
    def of(cls, prompt: Prompt) -> Form:
        """Read a prompt; demonstrations that it holds are left behind.

        Raises:
            PromptError: it has no instructions to rewrite, or no message of a user at its end.
        """
        blocks = [(match.group(1), match.group(2).strip()) for match in _BLOCK.finditer(prompt.template)]
        found = list(_INSTRUCTIONS.finditer(blocks[0][1])) if blocks else []
        if len(found) != 1 or blocks[0][0] != "system" or blocks[-1][0] != "user":
            raise PromptError(
                f"The prompt {prompt.name!r} does not say what may be rewritten in it.",
                mend="Put its instructions between {% raw %} and {% endraw %}, once, in the system message.",
            )
        system, place = blocks[0][1], found[0]
        return cls(prompt.name, system[: place.start()], place.group(1), system[place.end() :], blocks[-1][1])

    @property
    def slots(self) -> tuple[str, ...]:
        """Variables of the prompt, in the order of their first use."""
        return tuple(dict.fromkeys(_SLOT.findall(self.before + self.after + self.user)))

    def messages(
        self, instructions: str, demos: Sequence[Demonstration], variables: Mapping[str, str]
    ) -> Chat:
        """What a model is sent for one row."""
        head = _filled(self.before, variables) + literal(instructions) + _filled(self.after, variables)
        chat = [{"role": "system", "content": head.strip()}]
        for demo in demos:
            shown = {key: _remarked(text, demo, variables[MARK]) for key, text in demo.variables.items()}
            user = _filled(self.user, {**variables, **shown, MARK: variables[MARK]})
            chat += [{"role": "user", "content": user.strip()}, {"role": "assistant", "content": demo.said}]
        return [*chat, {"role": "user", "content": _filled(self.user, variables).strip()}]

    def template(self, instructions: str, demos: Sequence[Demonstration]) -> str:
        """The same as a template of Haystack's ChatPromptBuilder."""
        head = f"{self.before}{{% raw %}}{literal(instructions)}{{% endraw %}}{self.after}"
        blocks = [_block("system", f"\n{head}\n")]
        for demo in demos:
            blocks += [_block("user", self._shown(demo)), _block("assistant", _raw(demo.said))]
        return "".join([*blocks, _block("user", f"\n{self.user}\n")])

    def _shown(self, demo: Demonstration) -> str:
        """The user's message of a demonstration: its own words literally, the call's mark as a slot."""

        def part(match: re.Match[str]) -> str:
            if match.group(1) not in demo.variables:
                return match.group(0)
            text = literal(demo.variables[match.group(1)])
            mark = demo.variables.get(MARK, "")
            return "{{ mark }}".join(map(_raw, text.split(mark))) if mark else _raw(text)

        return _SLOT.sub(part, self.user)


def literal(text: str) -> str:
    """A text that can stand between ``{% raw %}`` and ``{% endraw %}``.

    Example:
        >>> literal("a {% endraw %}{{ b }}")
        'a {{ b }}'
    """
    return _END.sub("", _NEWLINE.sub("\n", text))


def _filled(text: str, variables: Mapping[str, str]) -> str:
    return _SLOT.sub(lambda match: variables[match.group(1)], text)


def _remarked(text: str, demo: Demonstration, mark: str) -> str:
    own = demo.variables.get(MARK, "")
    return literal(text).replace(own, mark) if own else literal(text)


def _raw(text: str) -> str:
    return f"{{% raw %}}{text}{{% endraw %}}" if text else ""


def _block(role: str, text: str) -> str:
    return f'{{% message role="{role}" %}}{text}{{% endmessage %}}\n'
