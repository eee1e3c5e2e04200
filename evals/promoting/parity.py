"""Does the built service say over HTTP what the bundle says here? Asked of every canary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from evals.benches.canaries import request_of
from evals.benches.own_service import serving
from evals.data.jsonl import read_rows
from pipelines.assistant import Assistant
from pipelines.contracts import SuggestAnswer, TemplateAnswer, TemplateRequest
from pipelines.errors import SouffleurError

Progress = Callable[[str, int, int], None]


def replay(
    assistant: Assistant,
    bundle: Path,
    code: Path,
    canaries: Path,
    folder: Path,
    progress: Progress | None = None,
) -> list[str]:
    """Ids of the canaries that the built service answers otherwise than ``assistant``; empty is parity.

    Args:
        bundle, code: of the built Bento.  folder: for the service's log.

    Raises:
        SouffleurError: the service does not start, answers with an error, or serves another bundle.
    """
    rows, apart = read_rows(canaries, required=("id", "expect")), []
    with (
        serving(bundle, folder, code) as service,
        httpx.Client(base_url=service.url, trust_env=False) as http,
    ):
        for number, row in enumerate(rows, 1):
            request = request_of(row)
            where = "/template" if isinstance(request, TemplateRequest) else "/suggest"
            answer = http.post(where, content=request.model_dump_json(), headers=_JSON, timeout=30)
            if answer.status_code != 200:
                raise SouffleurError(
                    f"The built service answered {row['id']} with {answer.status_code}.", mend="See its log."
                )
            told = answer.json()
            if told["bundle"]["id"] != assistant.bundle.id:
                raise SouffleurError(
                    f"The built service serves {told['bundle']['id']}, not {assistant.bundle.id}.",
                    mend="Build it again.",
                )
            if _said_over_http(where, told) != _said_here(assistant, request):
                apart.append(str(row["id"]))
            if progress:
                progress("replay", number, len(rows))
    return apart


_JSON = {"content-type": "application/json"}


def _said_over_http(where: str, told: dict[str, Any]) -> Any:
    if where == "/template":
        return _template(TemplateAnswer.model_validate(told))
    return _suggest(SuggestAnswer.model_validate(told))


def _said_here(assistant: Assistant, request: Any) -> Any:
    if isinstance(request, TemplateRequest):
        return _template(assistant.template(request))
    return _suggest(assistant.suggest(request))


def _suggest(answer: SuggestAnswer) -> Any:
    cited = [[c.passage_id for c in s.citations] for s in answer.suggestions]
    reason = answer.silence.reason if answer.silence else None
    return [s.text for s in answer.suggestions], cited, reason


def _template(answer: TemplateAnswer) -> Any:
    return [(choice.name, choice.text, choice.missing) for choice in answer.templates]
