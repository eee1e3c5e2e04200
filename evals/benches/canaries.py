"""The canaries: rows that must not regress, each judged pass, miss (a harmless silence) or fail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evals.data.jsonl import read_rows
from pipelines.assistant import Assistant
from pipelines.contracts import (
    Channel,
    Message,
    SuggestAnswer,
    Suggestion,
    SuggestRequest,
    TemplateAnswer,
    TemplateRequest,
)
from pipelines.errors import DataError
from pipelines.settings import Settings
from pipelines.text import fold

Outcome = Literal["pass", "miss", "fail"]
Tick = Callable[[str, int, int], None]
EXPECTED = ("answer", "ask", "silence", "template", "not_a_request")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row.

    Attributes:
        outcome: ``fail`` says or offers what it must not; ``miss`` is silent, asks or leaves out where
            more was wanted, which costs help and harms nobody.
        reason: in words, without the customer's text; empty for a pass.

    Example:
        >>> Verdict("canary-fr-001", "pass").reason
        ''
    """

    id: str
    outcome: Outcome
    reason: str = ""


def bench_canaries(rows_file: Path, settings: Settings, tick: Tick | None = None) -> dict[str, Any]:
    """Ask each canary of the served bundle; returns the counts and every row that did not pass.

    Raises:
        DataError: a row cannot be used; it is named.
        BundleError: there is no bundle to ask.
    """
    from service.bundle import open_bundle

    bundle = open_bundle(settings.bundle_dir)
    assistant = Assistant(bundle.root, bundle.ref, settings)
    assistant.warm_up()
    verdicts = ask_all(assistant, rows_file, tick)
    counts = Counter(verdict.outcome for verdict in verdicts)
    return {
        "rows": len(verdicts), "bundle": bundle.id,
        "passed": counts["pass"], "missed": counts["miss"], "failed": counts["fail"],
        "not_passed": [
            {"id": v.id, "outcome": v.outcome, "reason": v.reason} for v in verdicts if v.outcome != "pass"
        ],
    }  # fmt: skip


def ask_all(assistant: Assistant, rows_file: Path, tick: Tick | None = None) -> list[Verdict]:
    """Ask every canary of a file.

    Raises:
        DataError: a row cannot be used; it is named.
    """
    rows = read_rows(rows_file, required=("id", "lang", "thread", "expect"))
    verdicts = []
    for number, row in enumerate(rows, 1):
        verdicts.append(ask(assistant, row))
        if tick:
            tick("canaries", number, len(rows))
    return verdicts


def ask(assistant: Assistant, row: dict[str, Any]) -> Verdict:
    """Put one row to the assistant and judge what comes back."""
    request = request_of(row)
    if isinstance(request, TemplateRequest):
        return judge_template(row, assistant.template(request))
    return judge(row, assistant.suggest(request))


def request_of(row: dict[str, Any]) -> SuggestRequest | TemplateRequest:
    """What a client would send for a row.

    Raises:
        DataError: the row expects what there is not.
    """
    if row["expect"] not in EXPECTED:
        raise DataError(f"{row['id']}: 'expect' is none of {', '.join(EXPECTED)}.", mend="Correct the row.")
    thread = [Message(**turn) for turn in row["thread"]]
    context, channel = row.get("context", {}), Channel(**row.get("channel", {}))
    kind = TemplateRequest if row["expect"] == "template" else SuggestRequest
    return kind(thread=thread, lang=row["lang"], context=context, channel=channel)


def judge(row: dict[str, Any], answer: SuggestAnswer) -> Verdict:
    """Judge the suggestions of a row; what is forbidden fails first, whatever else was right."""
    if said := forbidden(row, [suggestion.text for suggestion in answer.suggestions]):
        return Verdict(row["id"], "fail", f"says what is forbidden: {', '.join(said)}")
    outcome, reason = _JUDGES[row["expect"]](row, answer)
    return Verdict(row["id"], outcome, reason)


def judge_template(row: dict[str, Any], answer: TemplateAnswer) -> Verdict:
    """Judge the first template that is proposed."""
    if not answer.templates:
        return Verdict(row["id"], "miss", "no template is proposed")
    first = answer.templates[0]
    if said := forbidden(row, [first.text]):
        return Verdict(row["id"], "fail", f"says what is forbidden: {', '.join(said)}")
    if first.name not in row["templates"]:
        return Verdict(row["id"], "fail", f"proposes {first.name}")
    if first.missing:
        return Verdict(row["id"], "miss", f"{first.name} lacks {', '.join(first.missing)}")
    return Verdict(row["id"], "pass")


def forbidden(row: dict[str, Any], texts: Sequence[str]) -> list[str]:
    """The forbidden strings that stand in a text, case and accents aside; a number only when it stands whole.

    Example:
        >>> forbidden({"forbid": ["10 €"]}, ["110 €"]), forbidden({"forbid": ["10 €"]}, ["10 € offerts"])
        ([], ['10 €'])
    """
    said = fold("\n".join(texts))
    return [bad for bad in row.get("forbid", ()) if re.search(rf"(?<!\d){re.escape(fold(bad))}(?!\d)", said)]


def _answer(row: dict[str, Any], answer: SuggestAnswer) -> tuple[Outcome, str]:
    replies = [suggestion for suggestion in answer.suggestions if suggestion.kind != "question"]
    if not replies:
        return "miss", "asks back" if answer.suggestions else f"is silent: {_reason(answer)}"
    if any(_cites(reply, row) and _complete(reply, row) for reply in replies):
        return "pass", ""
    if any(_cites(reply, row) for reply in replies):
        return "miss", "leaves out a fact"
    cited = sorted({citation.passage_id for reply in replies for citation in reply.citations})
    return "fail", f"answers from elsewhere: {', '.join(cited)}"


def _ask(row: dict[str, Any], answer: SuggestAnswer) -> tuple[Outcome, str]:
    if any(suggestion.kind == "question" for suggestion in answer.suggestions):
        return "pass", ""
    return "miss", "answers without asking" if answer.suggestions else f"is silent: {_reason(answer)}"


def _silence(row: dict[str, Any], answer: SuggestAnswer) -> tuple[Outcome, str]:
    if not answer.suggestions:
        return "pass", ""
    if all(suggestion.kind == "question" for suggestion in answer.suggestions):
        return "miss", "asks back where silence was right"
    cited = sorted({citation.passage_id for reply in answer.suggestions for citation in reply.citations})
    return "fail", f"speaks where silence was right: {', '.join(cited)}"


def _no_request(row: dict[str, Any], answer: SuggestAnswer) -> tuple[Outcome, str]:
    if answer.suggestions:
        return "fail", "speaks where nothing was asked"
    return ("pass", "") if _reason(answer) == "not_a_request" else ("miss", f"is silent: {_reason(answer)}")


_JUDGES: dict[str, Callable[[dict[str, Any], SuggestAnswer], tuple[Outcome, str]]] = {
    "answer": _answer, "ask": _ask, "silence": _silence, "not_a_request": _no_request,
}  # fmt: skip


def _cites(reply: Suggestion, row: dict[str, Any]) -> bool:
    return any(citation.passage_id in row["gold"] for citation in reply.citations)


def _complete(reply: Suggestion, row: dict[str, Any]) -> bool:
    said = fold(reply.text)
    return all(any(fold(fact) in said for fact in alternatives) for alternatives in row["facts"])


def _reason(answer: SuggestAnswer) -> str:
    return answer.silence.reason if answer.silence else "nothing"
