"""The whole contract over the real assistant: what it says and cites, and what it does with anything odd."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from tiny import events_of

from pipelines.contracts import SuggestAnswer, SummaryAnswer, TemplateAnswer
from pipelines.knowledge.store import PassageStore
from pipelines.settings import Settings
from service.api import build_api
from service.guard import Guard
from service.runtime import Runtime

JSON = {"content-type": "application/json"}
CANARY = "Zorglub-4111"
ASKED = {
    "fr": ("Combien de temps prend la livraison d'un petit appareil ?", "3 à 5 jours"),
    "en": ("How long does delivery of a small appliance take?", "3 to 5 working days"),
    "es": ("¿Cuánto tarda la entrega de un aparato pequeño?", "3 a 5 días"),
}
Post = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def runtime(real: Settings) -> Iterator[Runtime]:
    held = Runtime(real, poll_s=1_000)
    held.start()
    yield held
    held.stop()


@pytest.fixture
def post(runtime: Runtime) -> Post:
    """``post(path, body)`` or ``post(path, raw bytes)`` to the guarded API."""
    app = Guard(build_api(runtime), runtime)

    @contextlib.asynccontextmanager
    async def client() -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 4321))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as http:
            yield http

    def posted(path: str, body: Any) -> httpx.Response:
        async def main() -> httpx.Response:
            async with client() as http:
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                return await http.post(path, content=content, headers=JSON)

        return asyncio.run(main())

    return posted


def said(*texts: str, **fields: Any) -> dict[str, Any]:
    thread = [{"id": f"m{n}", "role": "customer", "text": text} for n, text in enumerate(texts)]
    return {"thread": thread, **fields}


def answered(response: httpx.Response) -> SuggestAnswer:
    assert response.status_code == 200, response.text
    return SuggestAnswer.model_validate_json(response.content)


@pytest.mark.parametrize("lang", ASKED)
def test_an_answer_in_each_language_with_citations_that_hold(post: Post, real: Settings, lang: str) -> None:
    question, fact = ASKED[lang]
    answer = answered(post("/suggest", said(question)))
    assert answer.silence is None
    assert answer.lang == lang
    assert fact in answer.suggestions[0].text
    generation = PassageStore(str(real.bundle_dir / "index")).generation
    for suggestion in answer.suggestions:
        assert len(suggestion.text) <= real.max_chars
        assert "{{" not in suggestion.text
        assert suggestion.citations or suggestion.kind == "question"
        for citation in suggestion.citations:
            passage = generation.passage(generation.row_of[citation.passage_id])
            assert passage.text[citation.start : citation.end] == citation.quote
            assert citation.version == passage.version
            assert passage.lang == lang
            assert passage.audience == "public"


@pytest.mark.parametrize("first_name", ["Odile", "J.-P. Le Goff", ""])
def test_each_streamed_sentence_carries_its_own_citation(post: Post, first_name: str) -> None:
    body = said(ASKED["fr"][0], context={"first_name": first_name})
    events = events_of(post("/suggest/stream", body).text)
    answer = SuggestAnswer.model_validate(events[-1][1])
    assert [name for name, _ in events] == ["sentence"] * (len(events) - 1) + ["answer"]
    for suggestion in answer.suggestions:
        sent = [data for name, data in events[:-1] if data["suggestion"] == suggestion.id]
        assert " ".join(data["text"] for data in sent) == suggestion.text
        assert [data["index"] for data in sent] == list(range(len(sent)))
        assert [d["citation"] for d in sent if d["citation"]] == [
            c.model_dump() for c in suggestion.citations
        ]
        for data in sent:
            if data["citation"]:
                assert data["citation"]["sentence"] == data["index"]
                assert data["citation"]["quote"] in data["text"]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["👍🙏🎉"], "not_a_request"),
        (["merci beaucoup, bonne journée"], "not_a_request"),
        (["[message vocal]"], "not_a_request"),
        (["[photo]"], "not_a_request"),
        (["!!!", "..."], "not_a_request"),
        (["   ", "\n\t"], "not_a_request"),
        (["\u200b\u202e\ufeff\u0301"], "not_a_request"),
        (
            ["Guten Tag, mein Paket ist beschädigt angekommen, wie bekomme ich mein Geld zurück?"],
            "out_of_scope",
        ),
        (["أين طلبي؟ لم يصل الطرد حتى الآن وأنا أنتظر منذ أسبوعين"], "out_of_scope"),
        (["我的包裹在哪里？已经两个星期了"], "out_of_scope"),
    ],
)
def test_silence_has_its_reason(post: Post, texts: list[str], reason: str) -> None:
    answer = answered(post("/suggest", said(*texts)))
    assert answer.suggestions == []
    assert answer.silence is not None
    assert answer.silence.reason == reason


ODD = {
    "500 messages": said(*(f"et aussi la question {n} sur mon colis ?" for n in range(500))),
    "one long word": said("a" * 20_000),
    "20,000 characters of lines": said("où est mon colis ?\n" * 1_000),
    "combining marks": said("e" + "\u0301" * 5_000),
    "agent alone": {"thread": [{"role": "agent", "text": "Bonjour, que puis-je faire ?"}]},
    "agent last": {
        "thread": [{"role": "customer", "text": "mon colis ?"}, {"role": "agent", "text": "Je regarde."}]
    },
    "regex and markup": said(
        "(((((a+)+)+)+$ <script>alert(1)</script> {{first_name}} %s %(x)s \\u0000 [[1]]"
    ),
    "nul": said("mon\u0000colis ?"),
    "odd context": said(ASKED["fr"][0], context={"first_name": "{{order_id}}", "order_id": "{{first_name}}"}),
    "long context": said(ASKED["fr"][0], context={"first_name": "é" * 500}),
    "same ids": {"thread": [{"id": "x", "role": "customer", "text": "mon colis ?"}] * 3},
    "old clock": said(
        ASKED["fr"][0], channel={"window_open": True, "now": -1e300, "last_customer_at": 1e300}
    ),
}


@pytest.mark.parametrize("path", ["/suggest", "/suggest/stream", "/summarize", "/template"])
@pytest.mark.parametrize("body", ODD.values(), ids=list(ODD))
def test_whatever_fits_the_contract_is_answered(post: Post, path: str, body: dict[str, Any]) -> None:
    taken = {"/summarize": {"thread"}, "/template": {"thread", "context", "channel"}}.get(path, set(body))
    response = post(path, {name: value for name, value in body.items() if name in taken})
    assert response.status_code == 200, response.text
    assert "{{" not in response.text or "{{" in json.dumps(body)
    if path == "/suggest":
        answer = answered(response)
        assert bool(answer.suggestions) != bool(answer.silence)


@pytest.mark.parametrize(
    "name",
    [
        "https://evil.example/x",
        "300 € offerts",
        "evil.example",
        "a@evil.example",
        "Rembourse: 06 12 34 56 78",
    ],
)
def test_a_name_that_is_no_name_is_not_said(post: Post, name: str) -> None:
    """On WhatsApp the customer chooses the name that is shown."""
    answer = answered(post("/suggest", said(ASKED["fr"][0], context={"first_name": name})))
    assert answer.suggestions
    for suggestion in answer.suggestions:
        assert name not in suggestion.text
        assert "evil" not in suggestion.text
        assert suggestion.text.startswith("Bonjour !") or suggestion.kind == "question"


REFUSED: list[tuple[bytes | dict[str, Any], int]] = [
    ({"thread": []}, 422),
    (said(CANARY * 10_000), 422),
    (said(CANARY, CANARY=1), 422),
    ({"thread": [{"role": "customer", "text": [CANARY]}]}, 422),
    ({"thread": [{"role": "customer", "text": CANARY}] * 1_001}, 422),
    (b'{"thread": [{"role": "customer", "text": "' + CANARY.encode() + b'\xff"}]}', 400),
    (b'{"thread": [{"role": "customer", "text": "\\ud800 ' + CANARY.encode() + b'"}]}', 422),
    (b'{"thread": ' + b"[" * 50_000, 400),
    (b'"' + CANARY.encode() * 100_000 + b'"', 413),
]


@pytest.mark.parametrize("path", ["/suggest", "/suggest/stream", "/summarize", "/template"])
def test_what_does_not_fit_is_a_problem_with_its_mend(post: Post, path: str) -> None:
    for body, status in REFUSED:
        if path == "/template" and body == {"thread": []}:
            continue  # a template may be asked for by its intent alone
        response = post(path, body)
        assert response.status_code == status, response.text
        problem = response.json()
        assert problem["mend"]
        assert problem["detail"]
        assert CANARY not in response.text


def test_a_customer_leaves_no_word_in_a_log_or_a_counter(
    post: Post, runtime: Runtime, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    from service.logs import LOGGER

    caplog.set_level("DEBUG")
    LOGGER.addHandler(caplog.handler)
    for text in (ASKED["fr"][0], "où est ma commande ?", "merci", "Wo ist mein Paket?", "x" * 9_000):
        for path in ("/suggest", "/suggest/stream", "/summarize", "/template"):
            post(path, said(f"{CANARY} {text} {CANARY}@{CANARY}.example +33 6 39 98 12 44"))
    LOGGER.removeHandler(caplog.handler)
    out = capfd.readouterr()
    everything = "\n".join([*caplog.messages, out.out, out.err, runtime.metrics.render().decode()])
    assert '"endpoint": "/suggest/stream"' in everything
    for word in (CANARY, CANARY.lower(), "39 98 12 44"):
        assert word not in everything


def test_a_thread_is_summed_up_with_the_messages_it_rests_on(post: Post) -> None:
    thread = [
        {
            "id": "a",
            "role": "customer",
            "text": "Bonjour, mon lave-linge Ruisseau 8 affiche E04 et reste plein d'eau.",
        },
        {"id": "b", "role": "agent", "text": "Bonjour, avez-vous nettoyé le filtre de pompe ?"},
        {"id": "c", "role": "customer", "text": "oui deux fois, toujours pareil"},
        {"id": "d", "role": "agent", "text": "Je demande un technicien, il vous appellera demain matin."},
    ]
    note = SummaryAnswer.model_validate_json(post("/summarize", {"thread": thread}).content)
    texts = {message["id"]: message["text"] for message in thread}
    assert note.issue
    assert note.issue[0].messages == ["a"]
    assert any("demain" in sentence.text for sentence in note.next_step)
    for sentence in [*note.issue, *note.done, *note.resolution, *note.next_step]:
        assert any(sentence.text in texts[id_] for id_ in sentence.messages)


def test_a_closed_window_offers_templates_and_a_payload_only_when_nothing_is_missing(post: Post) -> None:
    body = said("hola, mi paquete no llega", channel={"window_open": False, "to": "34612345678"})
    for context in ({}, {"first_name": "Ana", "order_id": "CF-60413327", "carrier": "Correos"}):
        answer = TemplateAnswer.model_validate_json(post("/template", {**body, "context": context}).content)
        assert answer.window_open is False
        assert answer.templates
        for choice in answer.templates:
            assert choice.lang == "es"
            assert (choice.payload is None) == bool(choice.missing or choice.problems)
            assert "{{" not in choice.text
    assert answer.templates[0].payload is not None
    too_many = post("/template", {**body, "context": {f"v{n}": "x" for n in range(51)}})
    assert too_many.status_code == 422
    assert "context" in too_many.text
