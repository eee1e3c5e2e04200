"""Which template is proposed, and why there is sometimes none."""

from pathlib import Path

import pytest
from haystack import Pipeline

from pipelines.contracts import BundleRef, Channel, Message, TemplateAnswer, TemplateRequest
from pipelines.template import build_template, template

LIBRARY = Path(__file__).parents[2] / "datasets" / "templates" / "templates.jsonl"


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    built = build_template(LIBRARY)
    built.warm_up()
    return built


def ask(pipeline: Pipeline, *texts: str, **request: object) -> TemplateAnswer:
    thread = [Message(role="customer", text=text) for text in texts]
    return template(TemplateRequest(thread=thread, **request), pipeline, BundleRef(id="test"))  # type: ignore[arg-type]


def test_late_parcel_is_filled_and_ready(pipeline: Pipeline) -> None:
    answer = ask(
        pipeline,
        "mon colis CF-24871093 n'est toujours pas là",
        intent="late_delivery",
        context={"first_name": "Odile", "carrier": "Relais Pop"},
        channel=Channel(to="33639984117", window_open=False),
    )
    best = answer.templates[0]
    assert (best.name, best.missing, best.problems) == ("late_parcel_inquiry", [], [])
    assert best.payload is not None
    assert best.payload["to"] == "33639984117"
    assert answer.window_open is False
    assert "missing_info_order" not in [choice.name for choice in answer.templates]


def test_missing_values_are_listed_and_nothing_is_ready(pipeline: Pipeline) -> None:
    best = ask(pipeline, "my refund?", intent="refund_status", lang="en").templates[0]
    assert best.name == "refund_done"
    assert set(best.missing) == {"first_name", "amount", "order_id"}
    assert "[amount]" in best.text
    assert best.payload is None


def test_one_that_can_be_sent_goes_before_its_equals(pipeline: Pipeline) -> None:
    """Both serve the intent; the one that was written for it lacks its tracking number."""
    text, context = "toujours pas de colis CF-20417733 ?", {"first_name": "Odile", "carrier": "Relais Pop"}
    names = [c.name for c in ask(pipeline, text, intent="track_order", context=context).templates]
    assert names.index("late_parcel_inquiry") < names.index("order_shipped_update")
    known = context | {
        "tracking_number": "6A12345678901",
        "tracking_url": "https://suivi.example/6A12345678901",
    }
    shipped = ask(pipeline, "elle est où, la CF-20417733 ?", intent="track_order", context=known).templates[0]
    assert (shipped.name, shipped.missing) == ("order_shipped_update", [])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("où en est la réparation de mon aspirateur à l'atelier ?", "repair_received"),
        ("necesito la factura del pedido", "invoice_available"),
        ("my toaster is part of the recall, is it dangerous", "recall_notice"),
    ],
)
def test_words_decide_without_an_intent(pipeline: Pipeline, text: str, name: str) -> None:
    assert name in [choice.name for choice in ask(pipeline, text).templates]


def test_unknown_thread_gets_the_general_template(pipeline: Pipeline) -> None:
    assert [choice.name for choice in ask(pipeline, "🙂", lang="es").templates] == ["back_in_touch"]


def test_marketing_only_when_asked(pipeline: Pipeline) -> None:
    for intent in ("stock", "spare_parts", "loyalty", None):
        answer = ask(pipeline, "le furet est il de retour en stock ? mes graines ?", intent=intent, limit=10)
        assert {choice.category for choice in answer.templates} <= {"UTILITY"}
    asked = ask(pipeline, "le furet est il de retour en stock ?", intent="marketing", limit=10)
    assert {choice.category for choice in asked.templates} == {"MARKETING"}
    assert "loyalty_voucher_expiring" not in [choice.name for choice in asked.templates]  # paused in French


def test_value_that_breaks_a_limit_is_never_ready(pipeline: Pipeline) -> None:
    context = {"first_name": "O" * 500, "product": "P" * 500}
    best = ask(
        pipeline, "merci", intent="thanks", lang="fr", context=context, channel=Channel(to="33639984117")
    )
    assert best.templates[0].payload is None
    assert "1024" in best.templates[0].problems[0]


def test_authentication_needs_a_phone(pipeline: Pipeline) -> None:
    answer = ask(pipeline, intent="authentication", context={"code": "482913"}, channel=Channel(to="FR.1234"))
    assert any("phone number" in problem for problem in answer.templates[0].problems)


def test_bad_recipient_is_a_problem_not_a_crash(pipeline: Pipeline) -> None:
    best = ask(pipeline, intent="complaint", channel=Channel(to="Odile"), lang="fr").templates[0]
    assert best.payload is None
    assert any("recipient" in problem for problem in best.problems)


def test_reason_when_there_is_none(tmp_path: Path) -> None:
    rows = [
        line
        for line in LIBRARY.read_text(encoding="utf-8").splitlines()
        if '"PENDING"' in line and '"en"' in line
    ]
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    built = build_template(path)
    assert ask(built, "hello", lang="fr").reason == "The library has no template in 'fr'."
    answer = ask(built, "hello", lang="en")
    assert answer.templates == []
    assert answer.reason == "No UTILITY template in 'en' is approved."
    path.write_text("", encoding="utf-8")
    assert ask(build_template(path), "hello", lang="en").reason == "The template library is empty."
