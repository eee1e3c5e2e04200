"""The Haystack components of the template pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from haystack import component

from pipelines.contracts import Channel, Lang, Message, TemplateChoice
from pipelines.errors import TemplateError
from pipelines.messaging.choosing import Choice, rank_templates
from pipelines.messaging.filling import codes, fill, render, rendered_urls, thread_values
from pipelines.messaging.limits import rendered_problems, value_problems
from pipelines.messaging.payload import recipient, send_payload
from pipelines.messaging.templates import Template, load_templates
from pipelines.summarizing.language import thread_language


@component
class TemplateRanker:
    """Approved templates of a library, ranked for a thread. The library is read in ``warm_up``.

    Example:
        >>> TemplateRanker("templates.jsonl").templates_path
        'templates.jsonl'
    """

    def __init__(self, templates_path: str) -> None:
        self.templates_path = templates_path
        self._templates: list[Template] | None = None

    def warm_up(self) -> None:
        """Read the library, once.

        Raises:
            TemplateError: the file, a line or a template is wrong.
        """
        if self._templates is None:
            self._templates = load_templates(Path(self.templates_path))

    @component.output_types(ranked=list[Choice], lang=str, reason=str | None)
    def run(
        self,
        thread: list[Message],
        intent: str | None = None,
        lang: Lang | None = None,
        context: dict[str, str] | None = None,
        limit: int = 3,
    ) -> dict[str, Any]:
        """The best ``limit`` templates; ``lang`` wins over the thread's language, which wins over French."""
        self.warm_up()
        language = lang or thread_language(thread)
        known = {*thread_values(thread), *(key for key, value in (context or {}).items() if value.strip())}
        ranked, reason = rank_templates(self._templates or [], thread, language, intent, known)
        return {"ranked": ranked[:limit], "lang": language, "reason": reason}


@component
class TemplateFiller:
    """Ranked templates, filled, checked against every limit, with the request body to send.

    Example:
        >>> hello = Template(name="hi", lang="fr", language="fr", category="UTILITY", body="Bonjour à vous.")
        >>> filled = TemplateFiller().run([Choice(hello, 1.0)], [], {}, Channel(to="33639984117"))
        >>> filled["templates"][0].payload["to"]
        '33639984117'
    """

    @component.output_types(templates=list[TemplateChoice])
    def run(
        self, ranked: list[Choice], thread: list[Message], context: dict[str, str], channel: Channel
    ) -> dict[str, Any]:
        """One filled choice a ranked template, in the same order."""
        return {"templates": [_filled_choice(choice, thread, context, channel) for choice in ranked]}


def _filled_choice(
    choice: Choice, thread: list[Message], context: Mapping[str, str], channel: Channel
) -> TemplateChoice:
    template = choice.template
    filled = fill(template, context, thread)
    values = dict(filled.values)
    header = render(template.header.text, values) if template.header else ""
    broken = value_problems(values)
    broken += rendered_problems(header, filled.body, rendered_urls(template, values), codes(template, values))
    problems, payload = list(broken), None
    try:
        address = recipient(channel.to)
        if not address:
            problems.append(
                "No recipient: set channel.to to the phone digits or the business-scoped user id."
            )
        elif "recipient" in address and template.category == "AUTHENTICATION":
            problems.append("An authentication template needs a phone number: set channel.to to its digits.")
        if not filled.missing and not broken:
            payload = send_payload(template, values, channel.to)
    except TemplateError as error:
        problems.append(str(error))
    return TemplateChoice(
        name=template.name, lang=template.lang, category=template.category, text=filled.body,
        variables=values, missing=list(filled.missing), score=choice.score, payload=payload,
        problems=problems,
    )  # fmt: skip
