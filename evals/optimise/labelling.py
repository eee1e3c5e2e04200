"""Sorting: a message into an intent, a conversation to whoever takes its next step."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.comparing.gate_rules import GateRules
from evals.optimise.reading_prompts import exemplar
from evals.optimise.tasks import Judged, TaskScorer, mark_of, rules_of
from evals.rows import Example
from evals.scorers.intents import IntentScorer
from evals.scorers.measuring import RowScorer
from evals.scorers.reading import task as wanted_of
from pipelines.contracts import Message
from pipelines.generating.protecting import StandIns
from pipelines.generating.quoting import quoted, shown_thread

ROUTES = {
    "answer": "the help centre states what the customer wants to know; a reply can be drafted from it",
    "ask": "one fact that only the customer has must be asked for before anything can be answered",
    "person": "nothing that the help centre states answers it: a person decides or looks it up",
}
THREAD_CHARS = 6_000
_ROW = re.compile(r"^\| (\w+) \| (.+?) \|$", re.MULTILINE)


class ClassifyTask:
    """One label for a message.

    Args:
        labels: name -> what it means.

    Example:
        >>> task = ClassifyTask("Cerfeuil", {"track_order": "where the order is", "oos": "anything else"})
        >>> asked = {"text": "il est où", "lang": "fr"}
        >>> row = Example(id="a", inputs=asked, expected={"intent": "track_order"})
        >>> task.judge(row, {"intent": "oos"}).feedback.splitlines()[1]
        '- « il est où » -> track_order'
    """

    name = "classify"
    fields: tuple[str, ...] = ("intent",)
    metric = "intent_correct"
    demos = 180
    passing = 1.0

    def __init__(self, brand: str, labels: Mapping[str, str]) -> None:
        self.brand, self.labels = brand, dict(labels)

    def asks(self, example: Example) -> bool:
        """Always."""
        return True

    def variables(self, example: Example) -> dict[str, str]:
        """Labels and the quoted message."""
        mark = mark_of(example)
        return {
            "brand": self.brand, "mark": mark, "labels": listed(self.labels),
            "text": quoted("message", self._protected(example), mark),
        }  # fmt: skip

    def answer(self, example: Example) -> dict[str, Any] | None:
        """The row's label."""
        intent = example.expected.get("intent")
        return {"intent": intent} if intent in self.labels else None

    def judge(self, example: Example, value: Mapping[str, Any]) -> Judged:
        """Right or wrong; the worked example is the feedback."""
        said, wanted = value.get("intent"), str(example.expected["intent"])
        known = said if isinstance(said, str) and said in self.labels else ""
        told = _told(known, wanted, self.labels, self._protected(example))
        output = {"intent": known or "oos", "label": known, "labels": {}}
        return Judged(float(known == wanted), told, output)

    def scorers(self) -> Sequence[RowScorer]:
        """Those of intents, and the task's own."""
        return [IntentScorer(), TaskScorer()]

    def rules(self) -> GateRules:
        """More right labels, and no less right about what is out of scope."""
        return rules_of(self.metric, {"scope_correct": 0.03})

    @staticmethod
    def _protected(example: Example) -> str:
        thread = [Message(role="customer", text=example.inputs["text"])]
        return StandIns().protect(thread, {}, [], example.inputs.get("lang") or "fr").messages[0].text


class RouteTask:
    """Who takes the next step: the help centre, a question, or a person.

    Example:
        >>> task = RouteTask("Cerfeuil")
        >>> turns = [{"role": "customer", "text": "quel délai ?"}]
        >>> row = Example(id="a", inputs={"thread": turns}, expected={"answerable": True, "ask": None})
        >>> task.answer(row), task.judge(row, {"route": "answer"}).value
        ({'route': 'answer'}, 1.0)
    """

    name = "route"
    fields: tuple[str, ...] = ("route",)
    metric = "prompt_value"
    demos = 40
    passing = 1.0
    labels = ROUTES

    def __init__(self, brand: str) -> None:
        self.brand = brand

    def asks(self, example: Example) -> bool:
        """Always."""
        return True

    def variables(self, example: Example) -> dict[str, str]:
        """Routes and the quoted thread."""
        mark = mark_of(example)
        return {
            "brand": self.brand, "mark": mark, "labels": listed(ROUTES),
            "thread": quoted("thread", shown_thread(self._thread(example), THREAD_CHARS), mark),
        }  # fmt: skip

    def answer(self, example: Example) -> dict[str, Any] | None:
        """The route that the row was written for."""
        return {"route": self._wanted(example)}

    def judge(self, example: Example, value: Mapping[str, Any]) -> Judged:
        """Right or wrong."""
        said, wanted = value.get("route"), self._wanted(example)
        known = said if isinstance(said, str) and said in ROUTES else ""
        last = [m.text for m in self._thread(example) if m.role == "customer"][-1:]
        told = _told(known, wanted, ROUTES, "\n".join(last))
        return Judged(float(known == wanted), told, {"text": known, "route": known, "wanted": wanted})

    def scorers(self) -> Sequence[RowScorer]:
        """The task's own."""
        return [TaskScorer()]

    def rules(self) -> GateRules:
        """More right routes."""
        return rules_of(self.metric, {})

    @staticmethod
    def _wanted(example: Example) -> str:
        return {"answer": "answer", "ask": "ask"}.get(wanted_of(example) or "", "person")

    @staticmethod
    def _thread(example: Example) -> Sequence[Message]:
        thread = [Message(**turn) for turn in example.inputs["thread"]]
        return StandIns().protect(thread, {}, [], example.inputs.get("lang") or "fr").messages


def listed(labels: Mapping[str, str]) -> str:
    """Labels as a prompt lists them.

    Example:
        >>> listed({"oos": "anything else"})
        '- oos: anything else'
    """
    return "\n".join(f"- {name}: {meaning}" for name, meaning in labels.items())


def meanings(datasets: Path, names: Sequence[str]) -> dict[str, str]:
    """What each label means, from the table of the data's card; its own words for one that is not in it."""
    card = datasets / "cards" / "intents.md"
    known = dict(_ROW.findall(card.read_text(encoding="utf-8"))) if card.is_file() else {}
    known.setdefault("oos", "anything else")
    return {name: known.get(name, name.replace("_", " ")) for name in sorted(set(names))}


def _told(said: str, wanted: str, labels: Mapping[str, str], text: str) -> str:
    if said == wanted:
        return "Right."
    wrong = f"{said!r} ({labels[said]})" if said else "none of the labels"
    return f"Wrong: {wrong}; it is {wanted!r} ({labels[wanted]}).\n{exemplar(text, wanted)}"
