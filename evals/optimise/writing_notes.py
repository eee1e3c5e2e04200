"""Hand-over notes: the sections of a prompt's note, verified as the service does it, against a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.comparing.gate_rules import GateRules
from evals.optimise.tasks import LANGUAGE_KEPT, Judged, TaskScorer, mark_of, rules_of, share
from evals.rows import Example
from evals.scorers.measuring import RowScorer
from evals.scorers.overlap import token_f1
from evals.scorers.rouge import RougeScorer
from evals.scorers.summaries import SummaryScorer
from evals.scorers.unsupported import UnsupportedScorer
from pipelines.contracts import Message
from pipelines.generating.notes import SECTIONS, items, text_of, verified_note
from pipelines.generating.protecting import Protected, StandIns
from pipelines.generating.quoting import quoted, shown_thread
from pipelines.generating.tasks import LANGUAGE
from pipelines.understanding.language import LanguageIdentifier

THREAD_CHARS = 12_000


class SummarizeTask:
    """Notes of threads with a reference.

    Example:
        >>> task = SummarizeTask("Cerfeuil")
        >>> turns = [{"role": "customer", "text": "Le four est mort hier soir."}]
        >>> row = Example(id="t", inputs={"turns": turns, "lang": "fr"},
        ...               expected={"summary": {"issue": "Le four est mort."}, "evidence": {"issue": [0]}})
        >>> task.judge(row, {"issue": [{"text": "Le four est mort hier soir.", "messages": ["M1"]}]}).value
        0.95
    """

    name = "summarize"
    fields: tuple[str, ...] = SECTIONS
    metric = "prompt_value"
    demos = 3
    passing = 0.4

    def __init__(self, brand: str) -> None:
        self.brand = brand
        self._languages = LanguageIdentifier()

    def asks(self, example: Example) -> bool:
        """In the served languages."""
        return str(example.inputs.get("lang") or "fr") in LANGUAGE

    def variables(self, example: Example) -> dict[str, str]:
        """The quoted thread and its language."""
        mark, shown = mark_of(example), self._protected(example)
        said = shown_thread(shown.messages[: len(_thread(example))], THREAD_CHARS)
        return {
            "brand": self.brand, "mark": mark, "language": LANGUAGE[self._lang(example)],
            "thread": quoted("thread", said, mark),
        }  # fmt: skip

    def answer(self, example: Example) -> dict[str, Any] | None:
        """The reference as far as the verification lets it through; None without its issue."""
        summary, evidence = example.expected.get("summary"), example.expected.get("evidence")
        if not isinstance(summary, Mapping) or not isinstance(evidence, Mapping):
            return None
        count = len(_thread(example))
        shown = self._protected(example)
        said = dict(zip(SECTIONS, [m.text for m in shown.messages[count:]], strict=True))
        value = {
            section: [{"text": said[section], "messages": [f"M{i + 1}" for i in evidence.get(section) or []]}]
            if said[section] and evidence.get(section) else []
            for section in SECTIONS
        }  # fmt: skip
        held = self._verified(example, value)
        kept = {section: value[section] if held[section] else [] for section in SECTIONS}
        return kept if kept["issue"] else None

    def judge(self, example: Example, value: Mapping[str, Any]) -> Judged:
        """How much of the reference is said, the mean of the sections; both empty is right."""
        note = self._verified(example, value)
        summary = example.expected.get("summary") or {}
        marks, told = [], []
        for section in SECTIONS:
            ours = " ".join(sentence.text for sentence in note[section])
            theirs = str(summary.get(section) or "")
            marks.append(token_f1(ours, theirs) if ours or theirs else 1.0)
            if marks[-1] < 1:
                told.append(f"{section}: {'should be empty' if not theirs else f'should say {theirs!r}'}.")
        written = [i for section in SECTIONS for i in items(value.get(section)) if text_of(i.get("text"))]
        lang = self._lang(example)
        foreign = sum(self._languages.identify(text_of(i["text"]), lang).lang != lang for i in written)
        language, worth = share(len(written), foreign), round(sum(marks) / len(marks), 6)
        output: dict[str, Any] = {s: [one.model_dump() for one in note[s]] for s in SECTIONS}
        output |= {"value": worth, "in_language": language}
        return Judged(worth, " ".join(told) or "Right.", output, language)

    def scorers(self) -> Sequence[RowScorer]:
        """Those of summaries, and the task's own."""
        return [TaskScorer(), SummaryScorer(), RougeScorer(), UnsupportedScorer()]

    def rules(self) -> GateRules:
        """Better notes, in the thread's language; a pointer to a message that does not exist is a loss."""
        return rules_of(self.metric, {LANGUAGE_KEPT: 0.01}, least=20)

    def _verified(self, example: Example, value: Mapping[str, Any]) -> dict[str, Any]:
        return verified_note(
            value, _thread(example), self._protected(example).restore, self._lang(example), self._languages
        )

    def _protected(self, example: Example) -> Protected:
        """The thread, and after it the reference's sections, with the same stand-ins."""
        summary = example.expected.get("summary")
        told = summary if isinstance(summary, Mapping) else {}
        said = [Message(role="agent", text=str(told.get(section) or "")) for section in SECTIONS]
        return StandIns().protect([*_thread(example), *said], {}, [], self._lang(example))

    @staticmethod
    def _lang(example: Example) -> str:
        return str(example.inputs.get("lang") or "fr")


def _thread(example: Example) -> list[Message]:
    return [Message(id=str(i), **turn) for i, turn in enumerate(example.inputs["turns"])]
