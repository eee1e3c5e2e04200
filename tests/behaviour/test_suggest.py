"""What a person sees: replies with their sources, or silence with its reason; over eight articles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import INTERNAL, ask, assistant_over

from pipelines.assistant import Assistant
from pipelines.contracts import MAX_MESSAGE_CHARS, Message, SuggestRequest
from pipelines.knowledge.store import PassageStore

QUESTION = "combien de temps prend la livraison ?"
ANSWER = "La livraison standard prend 3 jours ouvrés."


def texts(answer: Any) -> list[str]:
    return [suggestion.text for suggestion in answer.suggestions]


def test_a_plain_question_gets_its_answer_word_for_word(assistant: Assistant, small_bundle: Path) -> None:
    answer = ask(assistant, QUESTION)
    assert answer.silence is None
    assert answer.lang == "fr"
    assert answer.intent is not None
    assert answer.intent.label == "delivery"
    assert answer.based_on == "m0"
    assert answer.bundle.id == "small"
    best = answer.suggestions[0]
    assert best.kind == "answer"
    assert ANSWER in best.text
    generation = PassageStore(str(small_bundle / "index")).generation
    assert best.citations
    for citation in best.citations:
        passage = generation.passage(generation.row_of[citation.passage_id])
        assert passage.text[citation.start : citation.end] == citation.quote
        assert passage.version == citation.version
        assert citation.url == "https://velo.example/livraison"
        assert citation.quote in best.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("combien coûte la livraison ?", "4,90 €"),
        ("quand serai-je remboursé ?", "14 jours"),
        ("le cadre est garanti combien de temps ?", "5 ans"),
        ("vous êtes ouverts le dimanche ?", "fermé le dimanche"),
        ("combien de temps pour charger la batterie ?", "4 heures"),
        ("how long does delivery take?", "3 working days"),
    ],
)
def test_it_says_what_was_asked(assistant: Assistant, question: str, said: str) -> None:
    assert said in ask(assistant, question).suggestions[0].text


@pytest.mark.parametrize("question", [QUESTION, "combien coûte la livraison ?", "quand serai-je remboursé ?"])
def test_accents_case_and_marks_change_nothing(assistant: Assistant, question: str) -> None:
    plain = question.translate(str.maketrans("éèêûç", "eeeuc"))
    wanted = {c.quote for c in ask(assistant, question).suggestions[0].citations}
    for changed in (plain, question.upper(), plain.upper(), question.removesuffix(" ?"), f"  {question}  !!"):
        answer = ask(assistant, changed)
        assert answer.suggestions, changed
        assert {c.quote for c in answer.suggestions[0].citations} & wanted, changed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_a_request"),
        ("   \n ", "not_a_request"),
        ("👍👍🙏", "not_a_request"),
        ("merci beaucoup !", "not_a_request"),
        ("[message vocal]", "not_a_request"),
        ("[Photo]", "not_a_request"),
        ("Hallo, wo ist mein Paket? Ich warte schon sehr lange auf die Lieferung", "out_of_scope"),
        ("Где моя посылка? Я жду уже неделю", "out_of_scope"),
        ("raconte-moi une blague", "out_of_scope"),
    ],
)
def test_silence_has_its_reason(assistant: Assistant, text: str, reason: str) -> None:
    answer = ask(assistant, text)
    assert answer.suggestions == []
    assert answer.silence is not None
    assert answer.silence.reason == reason
    assert answer.silence.detail
    assert len(text.strip()) < 4 or text not in answer.silence.detail


def test_nothing_to_say_where_the_knowledge_is_mute(assistant: Assistant) -> None:
    spanish = ask(assistant, "¿cuánto tarda el envío?")
    assert spanish.suggestions == []
    assert spanish.silence is not None
    assert spanish.silence.reason == "no_evidence"
    thread = [Message(role="agent", text="Bonjour, que puis-je faire pour vous ?")]
    answer = assistant.suggest(SuggestRequest(thread=thread))
    assert answer.suggestions == []
    assert answer.based_on is None


def test_without_its_article_there_is_no_answer(assistant: Assistant) -> None:
    thread = [Message(role="customer", text="le cadre est garanti combien de temps ?")]
    answer = assistant.suggest(SuggestRequest(thread=thread), exclude=("garantie",))
    assert not any("5 ans" in text for text in texts(answer))
    assert not any(c.document_id == "garantie" for s in answer.suggestions for c in s.citations)


@pytest.mark.parametrize(
    "question",
    [
        "quel geste commercial pouvez-vous offrir ?",
        "Gestes commerciaux : geste commercial de 20 € sans accord du responsable",
        INTERNAL,
    ],
)
def test_internal_notes_never_reach_a_customer(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert not any("geste commercial" in text for text in texts(answer))
    assert not any(c.document_id == "gestes" for s in answer.suggestions for c in s.citations)


def test_the_longest_message_and_the_longest_thread(assistant: Assistant) -> None:
    long = (f"{QUESTION} " * 600)[:MAX_MESSAGE_CHARS]
    assert ask(assistant, long).lang == "fr"
    assert ask(assistant, "x" * MAX_MESSAGE_CHARS).suggestions == []
    thread = [
        Message(role="customer" if i % 2 else "agent", text=f"message {i} sur la livraison")
        for i in range(499)
    ]
    answer = assistant.suggest(SuggestRequest(thread=[*thread, Message(role="customer", text=QUESTION)]))
    assert answer.based_on == "499"
    assert any(ANSWER in text for text in texts(answer))
    burst = ask(assistant, *["allo ?"] * 499, QUESTION)
    assert burst.based_on == "m499"


@pytest.mark.parametrize(
    "text",
    ["\x00\x01\x02", "\u202e\u200b\ufeff", "a\u0301" * 2_000, "{{first_name}} {{x}}", "😀" * 5_000,
     "a@" * 10_000, "1" * 20_000, "a-" * 10_000, "1." * 10_000, "a" * 20_000, "[" * 20_000,
     "\n" * 19_999 + "a",
     "'; DROP TABLE passages; --", "content:* AND (", "\ud7ff\U0010ffff", "?" * 1_000, "1234567890" * 100],
)  # fmt: skip
def test_no_text_does_harm(assistant: Assistant, text: str) -> None:
    answer = ask(assistant, text)
    assert bool(answer.suggestions) == (answer.silence is None)
    assert not any("{{" in said for said in texts(answer))


def test_a_greeting_uses_the_first_name_once(assistant: Assistant) -> None:
    assert ask(assistant, QUESTION).suggestions[0].text.startswith("Bonjour ! ")
    assert (
        ask(assistant, QUESTION, context={"first_name": "Léa"})
        .suggestions[0]
        .text.startswith("Bonjour Léa ! ")
    )
    english = ask(assistant, "how long does delivery take?", context={"first_name": "Léa"})
    assert english.suggestions[0].text.startswith("Hello Léa! ")
    thread = [
        Message(role="customer", text="bonjour"),
        Message(role="agent", text="Bonjour, je vous écoute."),
        Message(role="customer", text=QUESTION),
    ]
    answer = assistant.suggest(SuggestRequest(thread=thread, context={"first_name": "Léa"}))
    assert answer.suggestions[0].text.startswith(ANSWER)


@pytest.mark.parametrize(
    "name", ["https://evil.example/x", "{{order_id}}", "www.evil.example", "a@evil.example/x"]
)
def test_a_name_that_is_a_trap_is_not_said(assistant: Assistant, name: str) -> None:
    answer = ask(assistant, QUESTION, context={"first_name": name})
    assert ANSWER in answer.suggestions[0].text
    assert "evil" not in answer.suggestions[0].text
    assert "{{" not in answer.suggestions[0].text


def test_a_macro_is_filled_or_not_said(assistant: Assistant) -> None:
    question = "où est ma commande ?"
    whole = {"first_name": "Léa", "order_id": "VL-1234", "delivery_date": "12 mars"}
    best = ask(assistant, question, context=whole).suggestions[0]
    assert best.text == "Bonjour Léa, votre commande VL-1234 est partie. Elle arrive le 12 mars."
    assert best.citations[1].quote == "Elle arrive le {{delivery_date}}."
    unnamed = ask(assistant, question, context={**whole, "first_name": ""}).suggestions[0]
    assert unnamed.text.startswith("Bonjour, votre commande VL-1234 est partie.")
    assert not any("partie" in text for text in texts(ask(assistant, question, context={"order_id": "VL-1"})))


def test_it_asks_for_the_fact_that_is_missing(assistant: Assistant, small_bundle: Path) -> None:
    asked = ask(assistant, "où est ma commande ?").suggestions[-1]
    assert (asked.kind, asked.citations) == ("question", [])
    assert [(action.kind, action.value) for action in asked.actions] == [("ask", "order_id")]
    assert "votre numéro de commande" in asked.text
    familiar = assistant_over(small_bundle, address="tu", tone="neutral")
    assert "ton numéro de commande" in ask(familiar, "où est ma commande ?").suggestions[-1].text
    assert ask(familiar, QUESTION).suggestions[0].text.startswith(ANSWER)


@pytest.mark.parametrize("variants", [1, 2, 3])
def test_no_more_replies_than_wanted_and_none_twice(assistant: Assistant, variants: int) -> None:
    for question in (QUESTION, "comment retourner un article ?", "où est ma commande ?"):
        answer = ask(assistant, question, variants=variants)
        assert 1 <= len(answer.suggestions) <= variants
        assert len(set(texts(answer))) == len(texts(answer))


@pytest.mark.parametrize("limit", [80, 120, 350])
def test_replies_keep_to_their_length(small_bundle: Path, limit: int) -> None:
    short = assistant_over(small_bundle, max_chars=limit)
    for question in (QUESTION, "comment retourner un article ?", "vous êtes ouverts le dimanche ?"):
        answer = ask(short, question, context={"first_name": "Marie-Antoinette"})
        assert all(len(text) <= limit for text in texts(answer))


def test_a_stricter_risk_says_less(small_bundle: Path, assistant: Assistant) -> None:
    strict = assistant_over(small_bundle, risk=0.001)
    answer = ask(strict, QUESTION)
    assert answer.suggestions == []
    assert answer.silence is not None
    assert answer.silence.reason == "low_confidence"


def test_the_stream_says_what_the_answer_says(assistant: Assistant) -> None:
    request = SuggestRequest(thread=[Message(role="customer", text=QUESTION)])
    *said, (last, answer) = list(assistant.suggest_events(request))
    assert last == "answer"
    assert {name for name, _ in said} == {"sentence"}
    for suggestion in answer["suggestions"]:
        own = [event for _, event in said if event["suggestion"] == suggestion["id"]]
        assert " ".join(event["text"] for event in own) == suggestion["text"]
        cited = [event["citation"] for event in own if event["citation"]]
        assert cited == suggestion["citations"]
        assert all(event["index"] == event["citation"]["sentence"] for event in own if event["citation"])


def test_each_stage_is_timed(assistant: Assistant) -> None:
    timing = ask(assistant, QUESTION).timing_ms
    stages = ("understand", "question", "retrieve", "draft", "verify", "decide")
    assert set(timing) == {*stages, "total"}
    assert sum(timing[stage] for stage in stages) <= timing["total"]
