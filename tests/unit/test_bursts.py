"""Bursts of a thread, and the query that is searched with."""

import pytest

from pipelines.contracts import Message
from pipelines.understanding.bursts import MAX_QUERY_CHARS, customer_bursts, is_elliptical, search_query


def thread(*turns: str) -> list[Message]:
    """``"c: text"`` for the customer, ``"a: text"`` for the agent."""
    roles = {"c": "customer", "a": "agent"}
    return [Message.model_validate({"role": roles[turn[0]], "text": turn[3:]}) for turn in turns]


def test_joins_the_last_burst() -> None:
    bursts = customer_bursts(
        thread("c: mon four ne chauffe plus", "a: Quel modèle ?", "c: Braise 70", "c: depuis hier")
    )
    assert [(b.text, b.last) for b in bursts] == [
        ("mon four ne chauffe plus", 0),
        ("Braise 70\ndepuis hier", 3),
    ]


def test_takes_the_burst_before_an_agents_last_word() -> None:
    assert customer_bursts(thread("c: bonjour", "a: Bonjour !"))[-1].text == "bonjour"
    assert customer_bursts(thread("a: Bonjour !")) == []


@pytest.mark.parametrize(
    ("text", "lang"),
    [("et pour la Corse ?", "fr"), ("what about Ireland", "en"), ("¿y para Portugal?", "es"), ("oui", "fr")],
)
def test_ellipsis_brings_the_earlier_burst(text: str, lang: str) -> None:
    assert is_elliptical(text.lstrip("¿"), lang)
    query = search_query(
        customer_bursts(thread("c: frais de livraison lave-linge étage", "a: ...", f"c: {text}")), lang
    )
    assert query == f"frais de livraison lave-linge étage\n{text}"


def test_a_full_question_stands_alone() -> None:
    text = "comment renvoyer un grille-pain acheté hier en magasin"
    assert (
        search_query(customer_bursts(thread("c: frais de livraison ?", "a: 4,90 €", f"c: {text}")), "fr")
        == text
    )


def test_query_is_bounded() -> None:
    assert (
        len(search_query(customer_bursts(thread("c: " + "mot " * 4_000, "a: ?", "c: et là")), "fr"))
        <= MAX_QUERY_CHARS
    )
