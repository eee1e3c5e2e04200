"""What the offline engine answers to an optimiser that asks it for better instructions.

It writes no prose: it takes the worked examples out of the feedback and adds them to the instructions, where
it reads them again. To any other question of an optimiser it answers with the text that it was given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from evals.optimise.reading_prompts import Turn

MOST = 120
"""Worked examples that instructions may hold."""

_FENCED = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_EXEMPLAR = re.compile(r"^\s*(- « .+? » -> \w+)\s*$", re.MULTILINE)
_FIELD = re.compile(r"`(\w+)`")
_VALUE = re.compile(r"\[\[ ## (\w+) ## \]\]\n(.*?)(?=\n\[\[ ## |\Z)", re.DOTALL)


def rewrite(system: str, turns: Sequence[Turn]) -> str:
    """The answer to a prompt that is none of ours.

    Example:
        >>> asked = "```\\nSort.\\n```\\nFeedback:\\n- « où ? » -> track\\nWrite it within ``` blocks."
        >>> rewrite("", [("user", asked)])
        '```\\nSort.\\n- « où ? » -> track\\n```'
    """
    asked = turns[-1][1] if turns else ""
    if "JSON object in the following order of fields" in asked:
        return _fields(asked)
    fenced = _FENCED.search(asked)
    if fenced is None:
        return asked[:400]
    return f"```\n{learnt(fenced.group(1), asked[fenced.end() :])}\n```"


def learnt(instructions: str, feedback: str) -> str:
    """Instructions with the worked examples of some feedback, each once, the newest kept.

    Example:
        >>> learnt("Sort.", "- « a b » -> x\\n- « a b » -> x")
        'Sort.\\n- « a b » -> x'
    """
    known = _EXEMPLAR.findall(instructions)
    rules = _EXEMPLAR.sub("", instructions).strip()
    lines = list(dict.fromkeys([*known, *_EXEMPLAR.findall(feedback)]))[-MOST:]
    return "\n".join([rules, *lines])


def _fields(asked: str) -> str:
    """Each field that is asked for: the instructions as they stand, else the first text that was given."""
    given = {name: text.strip() for name, text in _VALUE.findall(asked)}
    wanted = _FIELD.findall(asked.rsplit("in the following order of fields", 1)[1])
    rest = next(iter(given.values()), "")
    own = given.get("basic_instruction", rest)
    return json.dumps({name: own if "instruction" in name else rest[:200] for name in wanted})
