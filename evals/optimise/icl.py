"""``offline/icl``: answers from what stands in the prompt alone; it is no language model.

It reads labels, demonstrations and quoted passages out of the messages, and answers by similarity to them: a
label by the mean of its meaning and its worked examples, a reply by the sentence of a passage that is nearest
to the question, a note by the messages where the demonstrations point. How sure it must be to answer at all
it learns from the demonstrations too. So an optimiser's choices truly change what it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.optimise.reading_prompts import Shown, Turn, read_prompt
from evals.optimise.rewriting import rewrite
from pipelines.text import sentences

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
"""Texts -> unit vectors, one a row."""

NAME = "offline/icl"
MEANING = 4.0
"""Worked examples that a label's meaning counts for."""
SAME = 0.97
"""Likeness from which a question is a worked example itself."""
SECTIONS = ("issue", "done", "resolution", "next_step")
_PASSAGE = re.compile(r"^(P\d+) \[(.*?)\] (.*?)(?=\nP\d+ \[|\Z)", re.MULTILINE | re.DOTALL)
_MESSAGE = re.compile(r"^(M\d+) (customer|agent|system): (.*)$", re.MULTILINE)


class InContextLearner:
    """Answers a prompt from its own demonstrations, meanings and passages; the same prompt, the same answer.

    Args:
        encode: texts -> unit vectors; each text is encoded once.

    Example:
        >>> learner = InContextLearner(lambda texts: np.array([[1.0, 0.0] if "où" in t else [0.0, 1.0]
        ...                                                    for t in texts], np.float32))
        >>> system = ("Labels:\\n- track: où est le colis\\n- oos: anything else\\n\\n"
        ...           "Answer with one JSON object and nothing else:\\n{\\"intent\\": \\"...\\"}")
        >>> learner.answer(system, [("user", "<<k:message>>\\nil est où ?\\n<</k:message>>")])
        '{"intent": "track"}'
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._known: dict[str, NDArray[np.float32]] = {}

    def answer(self, system: str, turns: Sequence[Turn]) -> str:
        """The text of a reply to some messages."""
        shown = read_prompt(system, turns)
        if shown.fields == ("cannot_answer", "replies"):
            value: dict[str, Any] = self._draft(shown)
        elif shown.fields == SECTIONS:
            value = self._note(shown)
        elif len(shown.fields) == 1 and shown.labels:
            value = {shown.fields[0]: self._label(shown)}
        else:
            return rewrite(system, turns)
        return json.dumps(value, ensure_ascii=False)

    def _label(self, shown: Shown) -> str:
        """The label whose meaning and worked examples together are nearest."""
        field, names = shown.fields[0], list(shown.labels)
        examples = [(_words(parts), str(answer.get(field))) for parts, answer in shown.demos]
        examples += list(shown.exemplars)
        centres = MEANING * self._vectors(
            [f"{name.replace('_', ' ')}: {shown.labels[name]}" for name in names]
        )
        asked = self._vectors([_words(shown.asked)])[0]
        for text, label in examples:
            if label not in shown.labels:
                continue
            example = self._vectors([text])[0]
            if float(example @ asked) >= SAME:
                return label
            centres[names.index(label)] += example
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        return names[int(np.argmax(centres @ asked))]

    def _draft(self, shown: Shown) -> dict[str, Any]:
        """The passages' sentence that is nearest to the question, where it is near enough."""
        sure, passage, sentence = self._nearest(shown.asked)
        if sentence is None or sure < self._bar(shown):
            return {"cannot_answer": True, "replies": []}
        written = {"text": sentence, "passage": passage, "quote": sentence}
        return {"cannot_answer": False, "replies": [{"sentences": [written]}]}

    def _bar(self, shown: Shown) -> float:
        """Likeness from which the demonstrations answer: between those that do and those that do not."""
        sides: dict[bool, list[float]] = {True: [], False: []}
        for parts, answer in shown.demos:
            sides[answer.get("cannot_answer") is True].append(self._nearest(parts)[0])
        refused, answered = sides[True], sides[False]
        if not refused:
            return -1.0
        if not answered:
            return max(refused)
        ends = np.unique([*refused, *answered])
        cuts = [-1.0, *((ends[1:] + ends[:-1]) / 2), 2.0]
        wrong = [sum(v >= cut for v in refused) + sum(v < cut for v in answered) for cut in cuts]
        return float(cuts[int(np.argmin(wrong))])

    def _nearest(self, parts: dict[str, str]) -> tuple[float, str, str | None]:
        """How near, which passage and which sentence of it."""
        found = [
            (name, title, sentence)
            for name, title, text in _PASSAGE.findall(parts.get("passages", ""))
            for sentence in sentences(text)
            if len(sentence) > 15
        ]
        said = _MESSAGE.findall(parts.get("thread", ""))
        asked = " ".join([text for _, role, text in said if role == "customer"][-2:])
        if not found or not asked:
            return -1.0, "", None
        vector = self._vectors([asked])[0]
        near = 0.7 * (self._vectors([text for *_, text in found]) @ vector)
        near = near + 0.3 * (self._vectors([title for _, title, _ in found]) @ vector)
        best = int(np.argmax(near))
        return float(near[best]), found[best][0], found[best][2]

    def _note(self, shown: Shown) -> dict[str, Any]:
        """Of each section, the message that stands where those of the demonstrations stand."""
        said = _MESSAGE.findall(shown.asked.get("thread", ""))
        note: dict[str, Any] = {section: [] for section in SECTIONS}
        for section in SECTIONS:
            place = self._place(section, shown)
            if place is None or not said:
                continue
            role, share = place
            wanted = [i for i, turn in enumerate(said) if turn[1] == role] or list(range(len(said)))
            best = min(wanted, key=lambda i: abs(i / max(1, len(said) - 1) - share))
            first = next(iter(sentences(said[best][2])), "")
            note[section] = [{"text": first, "messages": [said[best][0]]}] if first else []
        return note

    def _place(self, section: str, shown: Shown) -> tuple[str, float] | None:
        """Role and relative place of a section's messages; None where most demonstrations leave it empty."""
        guess = {"issue": ("customer", 0.0), "done": ("agent", 0.5), "next_step": ("agent", 1.0)}
        if not shown.demos:
            return guess.get(section)
        places: list[float] = []
        roles: list[str] = []
        for parts, answer in shown.demos:
            said = [name for name, *_ in _MESSAGE.findall(parts.get("thread", ""))]
            who = {name: role for name, role, _ in _MESSAGE.findall(parts.get("thread", ""))}
            named = [m for row in answer.get(section) or [] for m in row.get("messages", []) if m in who]
            if named:
                places.append(float(np.mean([said.index(m) for m in named])) / max(1, len(said) - 1))
                roles.append(max(sorted({who[m] for m in named}), key=[who[m] for m in named].count))
        if 2 * len(places) < len(shown.demos):
            return None
        return max(sorted(set(roles)), key=roles.count), float(np.median(places))

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def _words(parts: dict[str, str]) -> str:
    """What the customer said: the message, or the last two of a thread."""
    if "message" in parts:
        return parts["message"]
    said = [text for _, role, text in _MESSAGE.findall(parts.get("thread", "")) if role == "customer"]
    return "\n".join(said[-2:])
