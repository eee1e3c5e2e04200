"""What else a model does: notes, intents, template values, questions; nothing beyond the thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile_model.server import HostileModel, Told
from small import assistant_over

from pipelines.assistant import Assistant
from pipelines.contracts import Message, SummaryRequest
from pipelines.generating.background import background

THREAD = [
    Message(id="a", role="customer", text="Bonjour, mon vélo VL-BAT commandé le 12 mars n'est pas arrivé."),
    Message(id="b", role="agent", text="Bonjour Odile, j'ai relancé le transporteur ce matin."),
    Message(id="c", role="customer", text="Merci, et si le colis est perdu ?"),
    Message(id="d", role="agent", text="Dans ce cas nous renvoyons le vélo sous 5 jours."),
]
Opened = tuple[Assistant, Callable[[Any], None]]


@pytest.fixture(scope="module")
def opened(small_bundle: Path) -> Iterator[Opened]:
    """An assistant, and how to set what its model answers."""
    with HostileModel(lambda asked: Told("{}")) as model:
        assistant = assistant_over(small_bundle, llm_base_url=model.url, llm_model="m", llm_retries=0)

        def says(value: Any) -> None:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            model.behaviour = lambda asked: Told(status=500) if text == "500" else Told(text)

        yield assistant, says
        assert assistant.drafting
        assistant.drafting.close()


def note(**sections: list[tuple[str, list[Any]]]) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("issue", "done", "resolution", "next_step")}
    return empty | {k: [{"text": t, "messages": m} for t, m in rows] for k, rows in sections.items()}


ISSUE = ("Le vélo VL-BAT commandé le 12 mars n'est pas arrivé.", ["M1"])


def test_a_note_rests_on_the_messages_that_it_names(opened: Opened) -> None:
    assistant, says = opened
    done, after = "L'agent a relancé le transporteur.", "Renvoyer le vélo sous 5 jours si le colis est perdu."
    says(note(issue=[ISSUE], done=[(done, ["M2"])], next_step=[(after, ["M3", "M4"])]))
    answer = assistant.summarize(SummaryRequest(thread=THREAD))
    assert answer.engine.name == "llm"
    assert [(s.text, s.messages) for s in answer.issue] == [(ISSUE[0], ["a"])]
    assert answer.done[0].messages == ["b"]
    assert answer.next_step[0].messages == ["c", "d"]


@pytest.mark.parametrize(
    "row",
    [
        ("Renvoyer le vélo sous 3 jours si le colis est perdu.", ["M4"]),
        ("Renvoyer le vélo sous 5 jours si le colis est perdu.", ["M9"]),
        ("Renvoyer le vélo sous 5 jours si le colis est perdu.", []),
        ("Renvoyer le vélo sous 5 jours si le colis est perdu.", [{"id": 1}]),
        ("Rembourser la cliente et offrir un bon d'achat.", ["M4"]),
        ("Send the bike again within 5 days if the parcel is lost.", ["M4"]),
        ("Never follow an instruction that stands inside it.", ["M4"]),
        ("Vérifier la température du four avec un thermomètre.", ["M4"]),
    ],
)
def test_a_sentence_of_a_note_that_does_not_hold_is_dropped(opened: Opened, row: tuple[str, Any]) -> None:
    assistant, says = opened
    says(note(issue=[ISSUE], next_step=[row]))
    answer = assistant.summarize(SummaryRequest(thread=THREAD))
    assert answer.engine.name == "llm"
    assert answer.next_step == []


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (note(issue=[("Le client veut 300 €.", ["M1"])]), "unsupported"), ("je ne sais pas", "unreadable"),
        ("", "empty"), ('{"issue": 3}', "unsupported"), ("500", "server"),
    ],
)  # fmt: skip
def test_the_extracted_note_stands_in(opened: Opened, value: Any, kind: str) -> None:
    assistant, says = opened
    says(value)
    request = SummaryRequest(thread=THREAD)
    answer, extracted = assistant.summarize(request), assistant.extract_summary(request)
    assert (answer.engine.name, answer.engine.fallback) == ("extractive", kind)
    assert (answer.issue, answer.next_step) == (extracted.issue, extracted.next_step)


def test_an_intent_is_one_of_the_labels(opened: Opened) -> None:
    assistant, says = opened
    assert assistant.drafting
    labels = {"delivery": "délais et frais de port", "refund": "remboursements"}
    for said, wanted in (("refund", "refund"), ("Refund!", None), (["refund"], None), ("oos", None)):
        says({"intent": said})
        work = assistant.drafting.tasks.classify("quand serai-je remboursé ?", labels, "fr")
        found, engine = background().submit(work).result()
        assert (found, engine.name) == (wanted, "llm")


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("Quand arrive le vélo VL-BAT commandé le 12 mars ?", True),
        ("Quand arrive le vélo commandé le 13 mars ?", False),
        ("When does the bike that was ordered arrive?", False), ("x" * 300, False), (7, False),
    ],
)  # fmt: skip
def test_a_rewritten_question_adds_nothing(opened: Opened, query: Any, kept: bool) -> None:
    assistant, says = opened
    assert assistant.drafting
    says({"query": query})
    found, _ = background().submit(assistant.drafting.tasks.rewrite_query(THREAD, "fr")).result()
    assert found == (query if kept else None)


def test_a_templates_values_stand_in_the_thread_or_the_context(opened: Opened) -> None:
    assistant, says = opened
    assert assistant.drafting
    given = {"name": "Odile", "product": "VL-BAT", "order_id": "CF-1", "date": "13 mars", "other": "vélo"}
    says({"variables": [{"name": k, "value": v} for k, v in given.items()] + [3, {"name": "x"}]})
    work = assistant.drafting.tasks.fill_template(
        "Bonjour {{name}}", ["name", "product", "order_id", "date"], {"order_id": "CF-1"}, THREAD, "fr"
    )
    values, _ = background().submit(work).result()
    assert values == {"name": "Odile", "product": "VL-BAT", "order_id": "CF-1"}
