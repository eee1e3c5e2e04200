"""Every limit of the platform that can be checked before a call: of a template, and of its filled form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from pipelines.errors import TemplateError
from pipelines.messaging.templates import (
    VARIABLE,
    CopyCodeButton,
    PhoneButton,
    QuickReply,
    Template,
    UrlButton,
)

BODY: Final = 1024
HEADER: Final = 60
FOOTER: Final = 60
BUTTONS: Final = 10
BUTTON_TEXT: Final = 25
URL: Final = 2000
PHONE: Final = 20
CODE: Final = 20
NAME: Final = 512
PAYLOAD: Final = 256
BY_TYPE: Final = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "QUICK_REPLY": 10}
WORDS_A_VARIABLE: Final = 2
"""A body needs more own words than this for each variable; the platform does not publish its ratio."""

_NAME = re.compile(r"[a-z0-9_]+")
_VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?")
_EDGE = re.compile(r"^\W*\{\{|\}\}[^\w€$£%]*$")
_SIDE_BY_SIDE = re.compile(r"\}\}\s*\{\{")
_SPACES = re.compile(r" {5,}|[\n\r\t]")


def require_valid(template: Template) -> None:
    """Refuse a template that breaks a limit.

    Raises:
        TemplateError: names the template, its language and every limit it breaks.
    """
    problems = template_problems(template)
    if problems:
        raise TemplateError(f"Template '{template.name}' ({template.language}): {' '.join(problems)}")


def template_problems(template: Template) -> list[str]:
    """What the platform would refuse in a template, each with its mend; empty when nothing.

    Example:
        >>> named = Template(name="Hello", lang="fr", language="fr", category="UTILITY", body="Bonjour !")
        >>> template_problems(named)
        ['The name may hold a-z, 0-9 and _ only: rename it.']
    """
    return [
        *_identity(template), *_variables(template), *_header(template), *_body(template), *_footer(template),
        *_buttons(template),
    ]  # fmt: skip


def value_problems(values: Mapping[str, str]) -> list[str]:
    """What the platform would refuse in the values of variables."""
    problems = [
        f"The value of '{name}' is empty: give it one." for name, value in values.items() if not value.strip()
    ]
    return problems + [
        f"The value of '{name}' has a line break, a tab or more than 4 spaces in a row: put it on one line."
        for name, value in values.items()
        if _SPACES.search(value)
    ]


def rendered_problems(header: str, body: str, urls: list[str], codes: list[str]) -> list[str]:
    """What the platform would refuse in a filled template."""
    checks = [("header", len(header), HEADER), ("body", len(body), BODY)]
    checks += [("button address", len(url), URL) for url in urls] + [
        ("code", len(code), CODE) for code in codes
    ]
    return [
        f"The filled {what} has {size} characters, {most} are allowed: shorten a value."
        for what, size, most in checks
        if size > most
    ]


def _identity(template: Template) -> list[str]:
    problems = []
    if not _NAME.fullmatch(template.name):
        problems.append("The name may hold a-z, 0-9 and _ only: rename it.")
    if len(template.name) > NAME:
        problems.append(f"The name has more than {NAME} characters: shorten it.")
    if not _LANGUAGE.fullmatch(template.language):
        problems.append("The language code must look like fr or es_ES: correct 'language'.")
    elif template.language.split("_")[0] != template.lang:
        problems.append("'lang' and 'language' name two languages: make them agree.")
    return problems


def _variables(template: Template) -> list[str]:
    used, declared = template.placeholders(), [variable.name for variable in template.variables]
    problems = [
        f"The variable '{name}' must be lower-case letters, digits and _: rename it."
        for name in used
        if not _VARIABLE_NAME.fullmatch(name)
    ]
    problems += [
        f"The variable '{n}' is used and not declared: add it to 'variables'."
        for n in used
        if n not in declared
    ]
    problems += [
        f"The variable '{n}' is declared and not used: remove it." for n in declared if n not in used
    ]
    problems += [
        f"The variable '{n}' is declared twice: keep one."
        for n, times in Counter(declared).items()
        if times > 1
    ]
    return problems + [
        f"The variable '{variable.name}' has no example: the platform asks for one."
        for variable in template.variables
        if not variable.example.strip()
    ]


def _header(template: Template) -> list[str]:
    if template.header is None:
        return []
    text, problems = template.header.text, []
    if template.header.format != "TEXT":
        return ["A media header has no text: remove it."] if text else []
    if not text.strip() or "\n" in text:
        problems.append("The header must be one line of text: write it or remove the header.")
    if len(text) > HEADER:
        problems.append(f"The header has {len(text)} characters, {HEADER} are allowed: shorten it.")
    if len(VARIABLE.findall(text)) > 1:
        problems.append("The header has more than one variable: keep one.")
    return problems


def _body(template: Template) -> list[str]:
    body, problems = template.body, []
    names = VARIABLE.findall(body)
    own = re.findall(r"\w+", VARIABLE.sub(" ", body))
    if not body.strip():
        problems.append("The body is empty: write it.")
    if len(body) > BODY:
        problems.append(f"The body has {len(body)} characters, {BODY} are allowed: shorten it.")
    if _EDGE.search(body.strip()):
        problems.append("The body starts or ends with a variable: put words around it.")
    if _SIDE_BY_SIDE.search(body):
        problems.append("Two variables stand side by side in the body: put words between them.")
    if names and len(own) <= WORDS_A_VARIABLE * len(names):
        problems.append(
            f"The body has too many variables for its length ({len(names)} for {len(own)} words): "
            f"write more than {WORDS_A_VARIABLE} words for each, or use fewer variables."
        )
    return problems


def _footer(template: Template) -> list[str]:
    problems = []
    if len(template.footer) > FOOTER:
        problems.append(
            f"The footer has {len(template.footer)} characters, {FOOTER} are allowed: shorten it."
        )
    if "\n" in template.footer or VARIABLE.search(template.footer):
        problems.append("The footer must be one line without variables: correct it.")
    return problems


def _buttons(template: Template) -> list[str]:
    problems, counts = [], Counter(button.type for button in template.buttons)
    if len(template.buttons) > BUTTONS:
        problems.append(f"There are {len(template.buttons)} buttons, {BUTTONS} are allowed: remove some.")
    for kind, most in BY_TYPE.items():
        if counts[kind] > most:  # type: ignore[index]  # the keys are the literal types of Button
            problems.append(f"There are {counts[kind]} {kind} buttons, {most} allowed: remove some.")  # type: ignore[index]
    quick = [button.type == "QUICK_REPLY" for button in template.buttons]
    if sum(a != b for a, b in pairwise(quick)) > 1:
        problems.append("Quick replies and other buttons are mixed: put each kind in one group.")
    for number, button in enumerate(template.buttons, start=1):
        problems += [f"Button {number}: {problem}" for problem in _button(button)]
    return problems


def _button(button: QuickReply | UrlButton | PhoneButton | CopyCodeButton) -> list[str]:
    problems = []
    if not button.text.strip() and not isinstance(button, CopyCodeButton):
        problems.append("it has no text: write one.")
    if len(button.text) > BUTTON_TEXT or VARIABLE.search(button.text):
        problems.append(f"its text must have at most {BUTTON_TEXT} characters and no variable: shorten it.")
    if isinstance(button, UrlButton):
        names = VARIABLE.findall(button.url)
        if len(button.url) > URL or not button.url.startswith("https://"):
            problems.append(
                f"its address must start with https:// and have at most {URL} characters: correct it."
            )
        if len(names) > 1 or (names and not button.url.endswith("}}")):
            problems.append("its address may hold one variable, at the end: move it.")
    if isinstance(button, PhoneButton) and not re.fullmatch(rf"\+?\d{{5,{PHONE - 1}}}", button.phone_number):
        problems.append(
            f"its phone number must be digits with the country code, at most {PHONE} characters: correct it."
        )
    if isinstance(button, QuickReply) and len(button.payload) > PAYLOAD:
        problems.append(f"its payload has more than {PAYLOAD} characters: shorten it.")
    return problems
