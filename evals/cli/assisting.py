"""``souffleur suggest``, ``summarize`` and ``template``: what the service answers, without the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from evals.cli.inputs import context_of, read_thread, request
from evals.cli.report import Json, Report, reporting
from pipelines.contracts import (
    SuggestAnswer,
    SuggestRequest,
    SummaryAnswer,
    SummaryRequest,
    TemplateAnswer,
    TemplateRequest,
)
from pipelines.errors import DataError
from pipelines.settings import Settings

if TYPE_CHECKING:
    from service.swapping import Assistant

BundleOption = Annotated[
    Path | None, typer.Option("--bundle", metavar="DIR", help="Another bundle than the current one.")
]
LangOption = Annotated[
    str | None, typer.Option("--lang", help="fr, en or es; the messages win when they are clear.")
]
ContextOption = Annotated[
    list[str] | None, typer.Option("--context", metavar="NAME=VALUE", help="A known fact; may be repeated.")
]
ThreadOption = Annotated[
    Path | None,
    typer.Option(
        "--thread", metavar="FILE", help="Messages as JSON or JSONL; - reads them from standard input."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(epilog="Example: souffleur suggest 'bjr mon colis est ou' --context order_id=CF-100001")(
        suggest
    )
    app.command(epilog="Example: souffleur summarize thread.jsonl --json")(summarize)
    app.command(epilog="Example: souffleur template --intent track_order --lang fr --context first_name=Lou")(
        template
    )


def suggest(
    context: typer.Context,
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="One customer message; quotes are not needed.")
    ] = None,
    thread: ThreadOption = None,
    known: ContextOption = None,
    lang: LangOption = None,
    variants: Annotated[int | None, typer.Option(min=1, max=3, help="How many replies at most.")] = None,
    bundle: BundleOption = None,
    json: Json = False,
) -> None:
    """Up to three replies to a message or a thread, with their sources; or silence, with its reason."""
    if bool(text) == bool(thread):
        raise DataError(
            "Give either a TEXT or --thread FILE.",
            mend="For instance: souffleur suggest 'où est mon colis ?'",
        )
    spoken = [{"role": "customer", "text": " ".join(text or ())}]
    fields = {"thread": spoken} if thread is None else read_thread(thread)
    wanted = request(SuggestRequest, _with(fields, lang=lang, variants=variants, context=known))
    with _assistant(context.obj, bundle, json) as (assistant, report):
        answer = assistant.suggest(wanted)
        report.result(answer.model_dump(mode="json"), lambda console: _show_suggestions(answer, console))


def summarize(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Messages as JSON or JSONL; - reads standard input.")
    ],
    lang: LangOption = None,
    bundle: BundleOption = None,
    json: Json = False,
) -> None:
    """A hand-over note of a thread: issue, done so far, resolution, next step."""
    wanted = request(SummaryRequest, _with(read_thread(file), lang=lang))
    with _assistant(context.obj, bundle, json) as (assistant, report):
        answer = assistant.summarize(wanted)
        report.result(answer.model_dump(mode="json"), lambda console: _show_summary(answer, console))


def template(
    context: typer.Context,
    thread: ThreadOption = None,
    intent: Annotated[str | None, typer.Option(help="What it is about, when there is no thread.")] = None,
    lang: LangOption = None,
    known: ContextOption = None,
    to: Annotated[
        str | None, typer.Option(help="The customer's phone number, digits only, for the payload.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, max=10, help="How many templates at most.")] = None,
    bundle: BundleOption = None,
    json: Json = False,
) -> None:
    """Approved WhatsApp templates for a closed 24-hour window, filled from what is known."""
    if thread is None and intent is None:
        raise DataError(
            "Give --thread FILE or --intent LABEL.",
            mend="For instance: souffleur template --intent track_order",
        )
    fields = {} if thread is None else read_thread(thread)
    fields = _with(fields, lang=lang, intent=intent, limit=limit, context=known)
    if to is not None:
        fields["channel"] = {**(fields.get("channel") or {}), "to": to}
    wanted = request(TemplateRequest, fields)
    with _assistant(context.obj, bundle, json) as (assistant, report):
        answer = assistant.template(wanted)
        report.result(answer.model_dump(mode="json"), lambda console: _show_templates(answer, console))


def _with(fields: dict[str, Any], context: list[str] | None = None, **given: Any) -> dict[str, Any]:
    """Fields of a file with those of the options over them."""
    out = {**fields, **{name: value for name, value in given.items() if value is not None}}
    if context:
        inherited = fields.get("context")
        out["context"] = {**(inherited if isinstance(inherited, dict) else {}), **context_of(context)}
    return out


@contextmanager
def _assistant(settings: Settings, bundle: Path | None, as_json: bool) -> Iterator[tuple[Assistant, Report]]:
    from service.bundle import open_bundle
    from service.swapping import load_assistant

    with reporting(as_json) as report:
        yield load_assistant(open_bundle(bundle or settings.bundle_dir), settings), report


def _show_suggestions(answer: SuggestAnswer, console: Console) -> None:
    if answer.intent:
        console.print(f"[dim]{answer.lang}, {answer.intent.label} ({answer.intent.confidence:.0%})[/dim]")
    if answer.silence:
        console.print(f"Silence: {answer.silence.reason}. {answer.silence.detail}", markup=False)
    for number, suggestion in enumerate(answer.suggestions, start=1):
        console.print(f"\n{number}. ({suggestion.kind}, {suggestion.confidence:.0%})", markup=False)
        console.print(f"   {suggestion.text}", markup=False, soft_wrap=True)
        for citation in suggestion.citations:
            console.print(
                f"   | {citation.title}: « {citation.quote} » {citation.url}",
                markup=False,
                style="dim",
                soft_wrap=True,
            )


def _show_summary(answer: SummaryAnswer, console: Console) -> None:
    sections = {
        "Issue": answer.issue,
        "Done so far": answer.done,
        "Resolution": answer.resolution,
        "Next step": answer.next_step,
    }
    for name, sentences in sections.items():
        console.print(f"[bold]{name}[/bold]" if sentences else f"[dim]{name}: nothing in the thread[/dim]")
        for sentence in sentences:
            console.print(
                f"  {sentence.text}  [{', '.join(sentence.messages)}]", markup=False, soft_wrap=True
            )


def _show_templates(answer: TemplateAnswer, console: Console) -> None:
    if answer.reason:
        console.print(answer.reason, markup=False)
    for choice in answer.templates:
        console.print(
            f"\n{choice.name} ({choice.lang}, {choice.category}, {choice.score:.2f})",
            markup=False,
            style="bold",
        )
        console.print(f"  {choice.text}", markup=False, soft_wrap=True)
        for title, items in (("missing", choice.missing), ("problems", choice.problems)):
            if items:
                console.print(f"  {title}: {', '.join(items)}", markup=False)
