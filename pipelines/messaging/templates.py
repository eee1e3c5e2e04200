"""The template library: what a business had approved, typed, read from JSON Lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from pipelines.contracts import Lang, Wire
from pipelines.errors import TemplateError

Category = Literal["UTILITY", "MARKETING", "AUTHENTICATION"]
Status = Literal[
    "PENDING", "APPROVED", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "PENDING_DELETION", "DELETED",
    "LIMIT_EXCEEDED", "ARCHIVED", "LOCKED",
]  # fmt: skip

ANY_INTENT = "*"
"""A template with this intent serves whatever the customer wants (for instance "come back to us")."""

VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")


class Header(Wire):
    """A line of text above the body, or the place of a medium.

    Example:
        >>> Header(format="TEXT", text="Commande {{order_id}}").format
        'TEXT'
    """

    format: Literal["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION"] = "TEXT"
    text: str = ""


class QuickReply(Wire):
    """A button that sends its text back, and so opens the window. ``payload`` comes back with the tap."""

    type: Literal["QUICK_REPLY"] = "QUICK_REPLY"
    text: str
    payload: str = ""


class UrlButton(Wire):
    """A button that opens a page; a variable may stand at the end of the address."""

    type: Literal["URL"] = "URL"
    text: str
    url: str


class PhoneButton(Wire):
    """A button that calls a number."""

    type: Literal["PHONE_NUMBER"] = "PHONE_NUMBER"
    text: str
    phone_number: str


class CopyCodeButton(Wire):
    """A button that copies a code; ``variable`` names the code."""

    type: Literal["COPY_CODE"] = "COPY_CODE"
    text: str = ""
    variable: str


Button = Annotated[QuickReply | UrlButton | PhoneButton | CopyCodeButton, Field(discriminator="type")]


class Variable(Wire):
    """A named variable, its mandatory example, and the context key that fills it."""

    name: str
    example: str
    source: str = Field(default="", description="Key of the context; the variable's own name when empty")


class Template(Wire):
    """One template in one language.

    Example:
        >>> body = "Bonjour {{who}} !"
        >>> hello = Template(name="hi", lang="fr", language="fr", category="UTILITY", body=body)
        >>> hello.placeholders()
        ['who']
    """

    name: str
    lang: Lang
    language: str = Field(description="Language code at the platform, for instance es_ES")
    category: Category
    status: Status = "APPROVED"
    parameter_format: Literal["NAMED"] = "NAMED"
    header: Header | None = None
    body: str
    footer: str = ""
    buttons: list[Button] = Field(default_factory=list)
    intents: list[str] = Field(default_factory=list, description="Intents it serves; '*' for any")
    purpose: str = Field(default="", description="When an agent sends it; searched, never sent")
    variables: list[Variable] = Field(default_factory=list)
    asks: str = Field(
        default="", description="Context key it asks the customer for; not proposed when it is known"
    )

    @field_validator("language")
    @classmethod
    def _underscore(cls, value: str) -> str:
        return value.replace("-", "_")

    def placeholders(self) -> list[str]:
        """Names used in header, body, addresses and codes, in order of appearance, once each."""
        texts = [self.header.text if self.header else "", self.body, self.footer]
        names = [name.strip() for text in texts for name in VARIABLE.findall(text)]
        for button in self.buttons:
            if isinstance(button, UrlButton):
                names += [name.strip() for name in VARIABLE.findall(button.url)]
            elif isinstance(button, CopyCodeButton):
                names.append(button.variable)
        return list(dict.fromkeys(names))


def load_templates(path: Path) -> list[Template]:
    """The templates of a JSON Lines file, each within the platform's limits.

    Raises:
        TemplateError: the file cannot be read, a line is not a template, a template breaks a limit, or a name
            comes twice in one language. It names the file, the line and the field.
    """
    from pipelines.messaging.limits import require_valid

    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        what = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise TemplateError(
            f"{path}: cannot be read ({what}).", mend="Check the path and save it as UTF-8."
        ) from None
    templates: list[Template] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        template = _parse(line, f"{path}, line {number}")
        key = (template.name, template.language)
        if key in seen:
            raise TemplateError(
                f"{path}, line {number}: template '{key[0]}' comes twice in language '{key[1]}'.",
                mend="Names are unique in a language: rename or remove one.",
            )
        seen.add(key)
        require_valid(template)
        templates.append(template)
    return templates


def _parse(line: str, where: str) -> Template:
    try:
        raw: Any = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        raise TemplateError(f"{where}: not valid JSON.", mend="Write one JSON object a line.") from None
    try:
        return Template.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the line"
        raise TemplateError(
            f"{where}: {field}: {first['msg']}.", mend="See datasets/cards/templates.md."
        ) from None
