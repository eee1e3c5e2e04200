"""Window, limits, filling and payloads of WhatsApp templates."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.contracts import Channel, Message
from pipelines.errors import TemplateError
from pipelines.messaging.filling import fill, thread_values
from pipelines.messaging.limits import rendered_problems, template_problems, value_problems
from pipelines.messaging.payload import create_payload, recipient, send_payload
from pipelines.messaging.templates import Template, load_templates
from pipelines.messaging.window import service_window

NOW = 1_800_000_000.0


def make(**changes: Any) -> Template:
    given = {
        "name": "x",
        "lang": "fr",
        "language": "fr",
        "category": "UTILITY",
        "body": "Bonjour à vous.",
    } | changes
    return Template.model_validate(given)


def variable(name: str) -> dict[str, str]:
    return {"name": name, "example": "1"}


@pytest.mark.parametrize(
    ("channel", "ages", "expected"),
    [
        (Channel(now=NOW), [("customer", 60.0)], True),
        (Channel(now=NOW), [("customer", 86_400.0 - 181)], True),
        (Channel(now=NOW), [("customer", 86_400.0 - 180)], False),
        (Channel(now=NOW), [("customer", 90_000.0), ("agent", 10.0)], False),
        (Channel(now=NOW), [("agent", 10.0)], None),
        (Channel(now=NOW, window_open=True), [], True),
        (Channel(now=NOW, window_open=True), [("customer", 90_000.0)], False),
        (Channel(now=NOW, window_open=False), [("customer", 60.0)], False),
        (Channel(now=NOW, last_customer_at=NOW - 5), [("customer", 90_000.0)], True),
        (Channel(now=NOW, last_customer_at=NOW * 1000), [], None),  # milliseconds
        # Unchecked: a number that is none is refused at the door, and does no harm behind it either.
        (Channel.model_construct(now=NOW, last_customer_at=float("nan")), [], None),
    ],
)
def test_window(channel: Channel, ages: list[tuple[Any, float]], expected: bool | None) -> None:
    thread = [Message(role=role, text="x", at=NOW - age) for role, age in ages]
    assert service_window(channel, thread).open is expected


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "Bonjour-1"}, "name may hold"),
        ({"language": "fr_fr"}, "language code"),
        ({"language": "en_GB"}, "two languages"),
        ({"body": ""}, "body is empty"),
        ({"body": "a" * 1025}, "1025 characters"),
        ({"body": "{{a}} est parti hier soir.", "variables": [variable("a")]}, "starts or ends"),
        ({"body": "Votre colis est parti avec {{a}}.", "variables": [variable("a")]}, "starts or ends"),
        (
            {
                "body": "Votre colis {{a}} {{b}} est parti hier soir",
                "variables": [variable("a"), variable("b")],
            },
            "side by side",
        ),
        (
            {"body": "Le {{a}} et {{b}} et {{c}} ici.", "variables": [variable(name) for name in "abc"]},
            "too many variables",
        ),
        ({"body": "Votre colis {{A b}} est parti.", "variables": [variable("A b")]}, "lower-case"),
        ({"body": "Votre colis {{a}} est parti hier."}, "not declared"),
        ({"variables": [variable("a")]}, "not used"),
        (
            {"body": "Votre colis {{a}} est parti.", "variables": [{"name": "a", "example": " "}]},
            "no example",
        ),
        ({"header": {"text": "x" * 61}}, "header has 61"),
        (
            {"header": {"text": "{{a}} et {{b}}"}, "variables": [variable("a"), variable("b")]},
            "more than one variable",
        ),
        ({"header": {"format": "IMAGE", "text": "x"}}, "media header"),
        ({"footer": "x" * 61}, "footer has 61"),
        ({"footer": "{{a}}", "variables": [variable("a")]}, "without variables"),
        ({"buttons": [{"type": "QUICK_REPLY", "text": "x" * 26}]}, "25 characters"),
        ({"buttons": [{"type": "QUICK_REPLY", "text": "ok"}] * 11}, "11 buttons"),
        ({"buttons": [{"type": "URL", "text": "a", "url": "https://a.example"}] * 3}, "3 URL buttons"),
        (
            {"buttons": [{"type": "PHONE_NUMBER", "text": "a", "phone_number": "33199004217"}] * 2},
            "2 PHONE_NUMBER",
        ),
        ({"buttons": [{"type": "PHONE_NUMBER", "text": "a", "phone_number": "appelez"}]}, "phone number"),
        ({"buttons": [{"type": "URL", "text": "a", "url": "http://a.example"}]}, "https://"),
        (
            {
                "buttons": [{"type": "URL", "text": "a", "url": "https://a.example/{{a}}/suite"}],
                "variables": [variable("a")],
            },
            "at the end",
        ),
        (
            {
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "a"},
                    {"type": "URL", "text": "b", "url": "https://a.example"},
                    {"type": "QUICK_REPLY", "text": "c"},
                ]
            },
            "mixed",
        ),
    ],
)
def test_limits(changes: dict[str, Any], problem: str) -> None:
    assert any(problem in found for found in template_problems(make(**changes)))


def test_values_and_rendered_limits() -> None:
    assert value_problems({"a": "un\ndeux", "b": "x     y", "c": " "}).__len__() == 3
    assert value_problems({"a": "x    y"}) == []
    assert len(rendered_problems("h" * 61, "b" * 1025, ["u" * 2001], ["c" * 21])) == 4


ORDER = make(
    body="Bonjour {{first_name}}, la commande {{order}} est partie.",
    buttons=[
        {"type": "URL", "text": "Suivre", "url": "https://a.example/{{order}}"},
        {"type": "QUICK_REPLY", "text": "Une question", "payload": "ask"},
    ],
    variables=[variable("first_name"), {"name": "order", "example": "CF-1", "source": "order_id"}],
)


def test_filling_from_context_and_thread() -> None:
    thread = [Message(role="customer", text="c'est la cf24871093")]
    filled = fill(ORDER, {"first_name": " Odile\n\t Grangier\u200b "}, thread)
    assert filled.values == {"first_name": "Odile Grangier", "order": "CF-24871093"}
    assert filled.missing == ()
    assert fill(ORDER, {"first_name": " \n"}, thread).body.startswith("Bonjour [first_name], ")


def test_two_order_numbers_are_nobodys_guess() -> None:
    thread = [Message(role="customer", text="CF-24871093 non pardon CF-24871094")]
    assert thread_values(thread) == {}
    assert fill(ORDER, {"first_name": "O"}, thread).missing == ("order",)


def test_send_payload_is_exact() -> None:
    payload = send_payload(ORDER, {"first_name": "Ana", "order": "CF 1/é"}, "+33 6 39 98 41 17")
    assert payload == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "33639984117",
        "type": "template",
        "template": {
            "name": "x",
            "language": {"code": "fr"},
            "components": [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "parameter_name": "first_name", "text": "Ana"},
                        {"type": "text", "parameter_name": "order", "text": "CF 1/é"},
                    ],
                },
                {
                    "type": "button",
                    "index": "0",
                    "sub_type": "url",
                    "parameters": [{"type": "text", "text": "CF%201%2F%C3%A9"}],
                },
                {
                    "type": "button",
                    "index": "1",
                    "sub_type": "quick_reply",
                    "parameters": [{"type": "payload", "payload": "ask"}],
                },
            ],
        },
    }
    assert create_payload(ORDER)["components"][1]["buttons"][0]["url"] == "https://a.example/{{1}}"


def test_recipients() -> None:
    assert recipient("US.ENT.9000") == {"recipient": "US.ENT.9000"}
    assert recipient("0033639984117") == {"to": "33639984117"}
    assert recipient(None) == {}
    for wrong in ("0639984117", "odile", "12"):
        with pytest.raises(TemplateError) as error:
            recipient(wrong)
        assert wrong not in str(error.value).replace("FR.1234", "").replace("33639984117", "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "line 1: not valid JSON"),
        ("[]", "line 1"),
        ('{"name": "a"}', "line 1: lang"),
        (json.dumps(make(body="Le {{a}}").model_dump()), "too many variables"),
        ((json.dumps(make().model_dump()) + "\n") * 2, "comes twice"),
    ],
)
def test_a_bad_library_is_refused_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "templates.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TemplateError, match=message):
        load_templates(path)


def test_a_missing_or_binary_library_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="cannot be read"):
        load_templates(tmp_path / "nowhere.jsonl")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match="not UTF-8"):
        load_templates(tmp_path / "binary.jsonl")
