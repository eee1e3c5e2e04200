"""The request bodies of the Cloud API: to send a template, and to have one created."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipelines.errors import TemplateError
from pipelines.messaging.filling import url_value
from pipelines.messaging.templates import (
    VARIABLE,
    Button,
    CopyCodeButton,
    PhoneButton,
    QuickReply,
    Template,
    UrlButton,
)

_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")
"""A business-scoped user id, which a customer without a visible phone number has."""


def recipient(to: str | None) -> dict[str, str]:
    """``{"to": digits}`` for a phone, ``{"recipient": id}`` for a business-scoped user id, else nothing.

    Raises:
        TemplateError: it is neither; the value is not repeated.

    Example:
        >>> recipient("+33 6 39 98 41 17")
        {'to': '33639984117'}
    """
    text = (to or "").strip()
    if not text:
        return {}
    if _USER_ID.fullmatch(text):
        return {"recipient": text}
    digits = re.sub(r"[\s().\-\u00a0\u202f]", "", text).removeprefix("+").removeprefix("00")
    if not re.fullmatch(r"[1-9]\d{6,14}", digits):
        raise TemplateError(
            "The recipient is neither a phone number with country code nor a business-scoped user id.",
            mend="Set channel.to to digits such as 33639984117, or to an id such as FR.1234.",
        )
    return {"to": digits}


def send_payload(template: Template, values: Mapping[str, str], to: str | None) -> dict[str, Any]:
    """The body of ``POST /{PHONE_NUMBER_ID}/messages`` for a template whose variables all have a value.

    Raises:
        TemplateError: the recipient is not one.
    """
    components: list[dict[str, Any]] = []
    if template.header and (header := _named(template.header.text, values)):
        components.append({"type": "header", "parameters": header})
    if body := _named(template.body, values):
        components.append({"type": "body", "parameters": body})
    for index, button in enumerate(template.buttons):
        if part := _button(button, values, template):
            components.append({"type": "button", "index": str(index), **part})
    content: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    if components:
        content["components"] = components
    return {
        "messaging_product": "whatsapp", "recipient_type": "individual", **recipient(to),
        "type": "template", "template": content,
    }  # fmt: skip


def create_payload(template: Template) -> dict[str, Any]:
    """The body of ``POST /{WABA_ID}/message_templates``, with the examples that a review asks for."""
    examples = {variable.name: variable.example for variable in template.variables}
    components: list[dict[str, Any]] = []
    if template.header:
        part: dict[str, Any] = {"type": "HEADER", "format": template.header.format}
        if template.header.format == "TEXT":
            part["text"] = template.header.text
        components.append(part | _example("header_text_named_params", template.header.text, examples))
    body = {"type": "BODY", "text": template.body}
    components.append(body | _example("body_text_named_params", template.body, examples))
    if template.footer:
        components.append({"type": "FOOTER", "text": template.footer})
    if template.buttons:
        buttons = [_created(button, examples) for button in template.buttons]
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {
        "name": template.name, "language": template.language, "category": template.category,
        "parameter_format": template.parameter_format, "components": components,
    }  # fmt: skip


def _named(text: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    names = dict.fromkeys(name.strip() for name in VARIABLE.findall(text))
    return [{"type": "text", "parameter_name": name, "text": values[name]} for name in names]


def _button(button: Button, values: Mapping[str, str], template: Template) -> dict[str, Any] | None:
    """What a button adds to a message; None when the platform needs nothing for it."""
    if isinstance(button, QuickReply):
        payload = (
            button.payload or f"{template.name}:{re.sub(r'[^a-z0-9]+', '_', button.text.lower()).strip('_')}"
        )
        return {"sub_type": "quick_reply", "parameters": [{"type": "payload", "payload": payload}]}
    if isinstance(button, UrlButton) and (names := VARIABLE.findall(button.url)):
        return {
            "sub_type": "url",
            "parameters": [{"type": "text", "text": url_value(values[names[0].strip()])}],
        }
    if isinstance(button, CopyCodeButton):
        code = values[button.variable]
        if template.category == "AUTHENTICATION":  # a one-time code travels as the value of an address
            return {"sub_type": "url", "parameters": [{"type": "text", "text": code}]}
        return {"sub_type": "copy_code", "parameters": [{"type": "coupon_code", "coupon_code": code}]}
    return None


def _example(key: str, text: str, examples: Mapping[str, str]) -> dict[str, Any]:
    names = dict.fromkeys(name.strip() for name in VARIABLE.findall(text))
    named = [{"param_name": name, "example": examples[name]} for name in names]
    return {"example": {key: named}} if named else {}


def _created(button: Button, examples: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(button, QuickReply):
        return {"type": "QUICK_REPLY", "text": button.text}
    if isinstance(button, PhoneButton):
        return {"type": "PHONE_NUMBER", "text": button.text, "phone_number": button.phone_number}
    if isinstance(button, CopyCodeButton):
        return {"type": "COPY_CODE", "example": examples[button.variable]}
    names = VARIABLE.findall(button.url)
    if not names:
        return {"type": "URL", "text": button.text, "url": button.url}
    # The variable of an address is positional even in a template with named variables.
    url, example = VARIABLE.sub("{{1}}", button.url), url_value(examples[names[0].strip()])
    return {"type": "URL", "text": button.text, "url": url, "example": [example]}
