"""Languages of short messages, and what to do when a message says nothing."""

import pytest

from pipelines.contracts import Message
from pipelines.understanding.language import LanguageIdentifier

IDENTIFIER = LanguageIdentifier()


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("slt g pa recu mn colis", "fr"),
        ("jvoudrais savoir pk ma commande est tjrs pas la", "fr"),
        ("COLIS PAS RECU APRES 10 JOURS", "fr"),
        ("hi my parcel never showed up", "en"),
        ("pls can u check my refund", "en"),
        ("hola mi pedido no ha llegado todavia", "es"),
        ("xq no me llega el paquete", "es"),
        ("Hallo, wo ist mein Paket geblieben?", "de"),
        ("Olá, não recebi minha encomenda ainda", "pt"),
        ("Buongiorno, dove si trova il mio pacco?", "it"),
        ("Waar blijft mijn pakket, ik wacht al een week", "nl"),
        ("أين طلبي من فضلك لم يصل بعد", "ar"),
        ("return my brindille svp, je veux mon argent et pas un avoir", "fr"),
    ],
)
def test_tells_languages(text: str, lang: str) -> None:
    guess = IDENTIFIER.identify(text, fallback="es" if lang != "es" else "fr")
    assert (guess.lang, guess.reliable) == (lang, True)


@pytest.mark.parametrize(
    "text",
    ["", "👍👍", "CF-24871093", "https://x.example/a", "Brindille X2", "[photo]", "ok", "\ud800", "12/03"],
)
@pytest.mark.parametrize("fallback", ["fr", "es"])
def test_thin_text_takes_the_language_of_the_thread(text: str, fallback: str) -> None:
    guess = IDENTIFIER.identify(text, fallback)
    assert guess.lang == fallback
    assert not guess.reliable


def test_plain_short_words_are_trusted() -> None:
    assert IDENTIFIER.identify("merci bcp", fallback="en").lang == "fr"
    assert IDENTIFIER.identify("muchas gracias", fallback="fr").lang == "es"


def test_thread_language_reads_the_customer_first() -> None:
    thread = [
        Message(role="agent", text="Hello, how may I help you today with your order?"),
        Message(role="customer", text="bonjour je n'ai toujours pas reçu ma commande"),
        Message(role="customer", text="👍"),
    ]
    assert IDENTIFIER.thread_language(thread).lang == "fr"
    assert IDENTIFIER.thread_language(thread[:1]).lang == "en"
    assert IDENTIFIER.thread_language([]).reliable is False


def test_very_long_text_is_bounded() -> None:
    assert IDENTIFIER.identify("je veux mon colis " * 10_000).lang == "fr"


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("我的包裹在哪里？", "zh"),
        ("注文した商品が届きません", "ja"),
        ("где мой заказ?", "ru"),
        ("내 택배 어디 있어요", "ko"),
        ("CF-24871093 πού είναι;", "el"),
    ],
)
def test_other_letters_are_never_taken_for_a_served_language(text: str, lang: str) -> None:
    guess = IDENTIFIER.identify(text, fallback="fr")
    assert (guess.lang, guess.reliable) == (lang, True)


def test_the_model_of_a_few_languages_ranks_as_the_whole_one_does() -> None:
    from py3langid.langid import MODEL_FILE
    from py3langid.langid import LanguageIdentifier as CharacterModel

    identifier = LanguageIdentifier()
    identifier.warm_up()
    whole = CharacterModel.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(list(identifier.candidates))
    for text in (
        "bonjour, où est mon colis ?",
        "where is my parcel",
        "¿dónde está mi pedido?",
        "wo ist es",
        "x",
    ):
        assert identifier._model.rank(text) == whole.rank(text)
