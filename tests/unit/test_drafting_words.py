"""The words of a reply: what is asked, filling, facts, phrases, and the fact that is missing."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from pipelines.contracts import LANGS, Intent, Message, Understanding
from pipelines.drafting.answer_types import ASKS, GIVES, asked, given
from pipelines.drafting.asking import NEEDS, asking_draft, missing_fact
from pipelines.drafting.facts import facts, links, number, worded_facts
from pipelines.drafting.filling import VARIABLE, fill, variables
from pipelines.drafting.phrases import ASK, FACTS, GREETING, Fact, greeting, question_for
from pipelines.knowledge.catalogue import Catalogue, Product


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("c'est combien la livraison ?", "amount"),
        ("how much is it", "amount"),
        ("¿cuánto cuesta?", "amount"),
        ("sous quel délai", "duration"),
        ("combien de jours", "duration"),
        ("how long does it take", "duration"),
        ("vous êtes où", "place"),
        ("à quelle heure fermez-vous", "hours"),
        ("comment faire pour renvoyer", "how"),
        ("votre numéro de téléphone", "contact"),
    ],
)
def test_what_is_asked(question: str, kind: str) -> None:
    assert kind in asked(question)
    assert kind in asked(question.upper())


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("La livraison coûte 4,90 €.", "amount"),
        ("La livraison est offerte.", "amount"),
        ("It is free of charge.", "amount"),
        ("Comptez 3 jours.", "duration"),
        ("Le lendemain de l'achat.", "duration"),
        ("De 9 h à 18 h.", "hours"),
        ("Cliquez sur « Retour ».", "how"),
        ("Écrivez à aide@velo.example.", "contact"),
    ],
)
def test_what_is_given(sentence: str, kind: str) -> None:
    assert kind in given(sentence)


def test_nothing_is_asked_or_given() -> None:
    assert asked("") == given("") == frozenset()
    assert set(ASKS) == set(GIVES)


@pytest.mark.parametrize(
    ("text", "context", "filled"),
    [
        ("Bonjour {{first_name}}, tout va bien.", {"first_name": "Léa"}, "Bonjour Léa, tout va bien."),
        ("Bonjour {{ first_name }}, tout va bien.", {}, "Bonjour, tout va bien."),
        ("Hola {{first_name}}, todo bien.", {}, "Hola: todo bien."),
        ("{{first_name}}, tout va bien.", {}, "Tout va bien."),
        ("Commande {{order_id}}.", {"order_id": " VL\n 12 "}, "Commande VL 12."),
        ("Commande {{order_id}}.", {"order_id": "  "}, None),
        ("Commande {{order_id}}.", {}, None),
        ("Merci {{first_name}}.", {}, None),
        ("Rien à remplir.", {}, "Rien à remplir."),
        ("", {}, ""),
    ],
)
def test_filling(text: str, context: dict[str, str], filled: str | None) -> None:
    assert fill(text, context) == filled


def test_a_value_is_not_filled_again() -> None:
    filled = fill("Commande {{order_id}}.", {"order_id": "{{first_name}}", "first_name": "Léa"})
    assert filled == "Commande {{first_name}}."  # and the verifier drops it
    assert VARIABLE.search(filled)
    assert variables("{{a}} {{ b }} {{a}} {c}") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", set()),
        ("Bonjour", set()),
        ("2 000 €", {"2000", "2000 euro"}),
        ("€2,000", {"2000", "2000 euro"}),
        ("1.234,50 euros", {"1234.5", "1234.5 euro"}),
        ("007", {"7"}),
        ("24 h", {"24", "24 hour"}),
        ("24h", {"24", "24 hour"}),
        ("3 working days", {"3", "3 day"}),
        ("20 %", {"20", "20 percent"}),
        ("12 mars, March 12th, 12 de marzo", {"12", "12 month 3", "12th"}),
        ("01 23 45 67 89", {"0123456789"}),
        ("01.23.45.67.89", {"0123456789"}),
        ("+33 1 23 45 67 89", {"33123456789"}),
        ("Aide@Velo.example.", {"aide@velo.example"}),
        ("https://Velo.example/x?y=1, oui", {"https://velo.example/x?y=1"}),
        ("bit.ly", {"bit.ly"}),
        ("code E5 et VL-1234", {"e5", "5", "vl-1234", "1234"}),
    ],
)
def test_facts(text: str, found: set[str]) -> None:
    assert facts(text) == found


def test_number_words_belong_to_a_language() -> None:
    assert worded_facts("Sous dix jours.", "fr") == {"10", "10 day"}
    assert worded_facts("once", "en") == set()
    assert worded_facts("once días", "es") == {"11", "11 day"}
    assert worded_facts("un retour, one moment, una cosa", "fr") == set()
    assert worded_facts("zehn Tage", "de") == set()
    assert number("٣") == "٣"


def test_links_are_found_wherever_they_hide() -> None:
    assert links("(https://a.example/x), www.b.example; c.example/y. d.ru!") == [
        "https://a.example/x", "www.b.example", "c.example/y", "d.ru",
    ]  # fmt: skip
    assert links("jean.fr@velo.example J.-P. Le Goff, p.ex. 4.90 fin.Merci") == []


def test_every_phrase_is_there_in_every_language() -> None:
    assert set(get_args(Fact)) == set(FACTS)
    assert set(GREETING) == set(ASK) == set(LANGS)
    for lang in LANGS:
        assert set(ASK[lang]) == set(FACTS)
        for fact in FACTS:
            for address in ("vous", "tu"):
                asking = question_for(fact, lang, address)
                assert asking.rstrip().endswith("?")
                assert not facts(asking), "a phrase of ours states no fact"
                assert not VARIABLE.search(asking)
    assert not re.search(r"\b(?:tu|ton|ta|tes|te)\b", " ".join(q[0] for q in ASK["fr"].values()).lower())
    assert not re.search(r"\b(?:vous|votre|vos)\b", " ".join(q[1] for q in ASK["fr"].values()).lower())


def test_greeting() -> None:
    assert [greeting(lang, "Léa") for lang in LANGS] == ["Bonjour Léa !", "Hello Léa!", "¡Hola, Léa!"]
    assert [greeting(lang, "") for lang in LANGS] == ["Bonjour !", "Hello!", "¡Hola!"]
    assert greeting("fr", "{name}") == "Bonjour {name} !"


def understood(label: str | None, lang: str = "fr") -> Understanding:
    intent = Intent(label=label, confidence=0.9, out_of_scope=0.0) if label else None
    return Understanding("", "", lang, True, intent, True)


BIKES = Catalogue([Product("VL-BAT", "Lueur 400", {"fr": ("batterie",)})])


@pytest.mark.parametrize(
    ("label", "said", "context", "missing"),
    [
        ("track_order", "où est ma commande", {}, "order_id"),
        ("track_order", "où est ma commande", {"order_id": "VL-1"}, None),
        ("track_order", "où est ma commande", {"order_id": ""}, "order_id"),
        ("track_order", "c'est la CF 12345678", {}, None),
        ("damaged", "il est arrivé cassé", {}, "photos"),
        ("damaged", "il est arrivé cassé [photo]", {}, None),
        ("product_fault", "ma batterie est en panne", {}, "fault_details"),
        ("product_fault", "ça marche plus", {}, "product"),
        ("product_fault", "ma batterie fait un bruit", {}, None),
        ("some_other_label", "bonjour", {}, None),
        (None, "bonjour", {}, None),
    ],
)
def test_the_missing_fact(label: str | None, said: str, context: dict[str, str], missing: str | None) -> None:
    thread = [Message(role="customer", text=said)]
    assert missing_fact(understood(label), thread, context, BIKES) == missing


def test_asking_states_nothing() -> None:
    assert {fact for needed in NEEDS.values() for fact in needed} <= set(FACTS)
    draft = asking_draft("order_id", "es", "tu")
    assert draft.kind == "question"
    assert draft.text == "¿Puedes darme tu número de pedido, por favor?"
    assert [(s.factual, s.citation) for s in draft.sentences] == [(False, None)]
    assert [(a.kind, a.value) for a in draft.actions] == [("ask", "order_id")]
