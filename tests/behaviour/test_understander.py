"""The understanding stage on whole threads, good and bad."""

from pathlib import Path

import pytest
from haystack import Pipeline

from pipelines.contracts import Message
from pipelines.embedding import Encoder
from pipelines.understanding.component import Understander
from pipelines.understanding.intent_training import train_intents

EXAMPLES = {
    "track_order": [
        "où est mon colis",
        "where is my parcel",
        "suivi de ma commande",
        "dónde está mi paquete",
        "mon colis n'arrive pas",
    ],
    "delivery_cost": [
        "combien coûte la livraison",
        "frais de port",
        "how much is delivery",
        "cuánto cuesta el envío",
        "livraison gratuite",
    ],
    "thanks": [
        "merci beaucoup",
        "merci bonne journée",
        "thank you so much",
        "muchas gracias",
        "merci à vous",
    ],
    "greeting": ["bonjour", "bonsoir", "hello there", "hola buenas", "salut"],
    "oos": [
        "raconte une blague",
        "quelle heure est-il à Tokyo",
        "who won the match",
        "receta de tortilla",
        "capitale du Pérou",
    ],
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    folder = tmp_path_factory.mktemp("intents")
    rows = [{"text": text, "intent": intent} for intent, texts in EXAMPLES.items() for text in texts]
    train_intents(rows, Encoder(Path(".cache"))).save(folder)
    stage = Understander(str(folder), ".cache", ["fr", "en", "es"])
    stage.warm_up()
    return stage


def customer(text: str, id: str | None = None) -> Message:
    return Message(role="customer", text=text, id=id)


def test_reads_the_last_burst(stage: Understander) -> None:
    thread = [
        customer("bonjour"),
        Message(role="agent", text="Bonjour, que puis-je pour vous ?"),
        customer("slt g pa recu mon colis", "m3"),
        customer("cf 24871093", "m4"),
    ]
    answer = stage.run(messages=thread)
    understood = answer["understanding"]
    assert understood.request == "slt g pa recu mon colis\ncf 24871093"
    assert (understood.lang, understood.served, understood.based_on) == ("fr", True, "m4")
    assert understood.is_request
    assert understood.intent is not None
    assert understood.intent.label == understood.intents[0][0] == "track_order"
    assert [(e.kind, e.value) for e in understood.entities] == [("order", "CF-24871093")]


def test_an_elliptical_burst_searches_with_the_thread(stage: Understander) -> None:
    thread = [
        customer("combien coûte la livraison d'un frigo à Lyon"),
        Message(role="agent", text="39 €"),
        customer("et en Corse ?"),
    ]
    understood = stage.run(messages=thread)["understanding"]
    assert understood.query == "combien coûte la livraison d'un frigo à Lyon\net en Corse ?"
    assert (understood.request, understood.based_on) == ("et en Corse ?", "2")


def test_the_thread_settles_a_thin_message(stage: Understander) -> None:
    thread = [
        customer("hola, quiero saber dónde está mi pedido por favor"),
        Message(role="agent", text="?"),
        customer("CF-24871093"),
    ]
    assert stage.run(messages=thread)["understanding"].lang == "es"
    assert stage.run(messages=[customer("👍")], lang_hint="es")["understanding"].lang == "es"
    assert stage.run(messages=[customer("👍")], context={"locale": "en-GB"})["understanding"].lang == "en"


def test_an_unserved_language_is_said(stage: Understander) -> None:
    understood = stage.run(messages=[customer("Hallo, wo ist mein Paket? Ich warte schon zwei Wochen.")])[
        "understanding"
    ]
    assert (understood.lang, understood.served) == ("de", False)


@pytest.mark.parametrize("text", ["merci beaucoup", "👍👍", "[message vocal]", "", "   "])
def test_nothing_to_answer(stage: Understander, text: str) -> None:
    assert not stage.run(messages=[customer(text)])["understanding"].is_request


@pytest.mark.parametrize(
    "thread",
    [
        [],
        [Message(role="agent", text="Bonjour")],
        [customer("x" * 20_000)],
        [customer("où ? " * 4_000)],
        [customer("\x00\u202e")],
        [customer(f"message {i}") for i in range(500)],
    ],
    ids=["empty", "agent only", "one long word", "long", "control marks", "500 messages"],
)
def test_nothing_in_a_thread_makes_it_fail(stage: Understander, thread: list[Message]) -> None:
    assert stage.run(messages=thread)["understanding"].lang


def test_goes_through_yaml(stage: Understander) -> None:
    pipeline = Pipeline()
    pipeline.add_component("understand", Understander("a", "b", ["fr"]))
    loaded = Pipeline.loads(pipeline.dumps(), allowed_modules=["pipelines.understanding.component"])
    assert loaded.get_component("understand").to_dict() == Understander("a", "b", ["fr"]).to_dict()
