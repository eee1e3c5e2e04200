"""What a client sees: answers, streams, the one error shape, limits, access, counters."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import Any

import httpx
import pytest
from tiny import Client, ask, events_of

from pipelines.contracts import SuggestAnswer, SummaryAnswer, TemplateAnswer

JSON = {"content-type": "application/json"}
KEY = "clé-du-bureau"
HASHES = {"api_keys": sha256(b"other").hexdigest() + "," + sha256(KEY.encode()).hexdigest()}


def run(coroutine: Any) -> None:
    asyncio.run(coroutine)


def problem_of(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"].startswith("urn:souffleur:problem:")
    assert body["title"]
    assert body["detail"]
    assert body["mend"]
    assert body["instance"].endswith(response.headers["x-request-id"])
    return body


def test_the_three_answers_keep_their_contract(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            answer = SuggestAnswer.model_validate_json(
                (await http.post("/suggest", json=ask(variants=2))).content
            )
            assert len(answer.suggestions) == 2
            assert answer.silence is None
            assert answer.bundle.id == http.runtime.keeper.serving.bundle.id
            silent = SuggestAnswer.model_validate_json(
                (await http.post("/suggest", json=ask("merci"))).content
            )
            assert silent.silence is not None
            assert silent.suggestions == []
            SummaryAnswer.model_validate_json((await http.post("/summarize", json=ask())).content)
            choice = TemplateAnswer.model_validate_json((await http.post("/template", json={})).content)
            assert choice.templates[0].missing == ["first_name"]

    run(main())


def test_the_stream_sends_sentences_then_the_same_answer(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            response = await http.post("/suggest/stream", json=ask())
            assert response.headers["content-type"].startswith("text/event-stream")
            events = events_of(response.text)
            assert [name for name, _ in events] == ["sentence"] * 3 + ["answer"]
            whole = (await http.post("/suggest", json=ask())).json()
            assert events[-1][1]["suggestions"] == whole["suggestions"]

    run(main())


def test_a_stream_that_fails_says_so_with_a_status_or_with_a_last_event(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            problem_of(await http.post("/suggest/stream", json=ask("boom ?")), 500)
            events = events_of((await http.post("/suggest/stream", json=ask("trip ?"))).text)
            assert [name for name, _ in events] == ["sentence", "error"]
            assert events[-1][1]["status"] == 500

    run(main())


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 422, "body"),
        (b"{", 400, None),
        (b'{"thread": "\xff"}', 400, None),
        (b"[" * 100_000, 400, None),
        (b'{"variants":' + b"9" * 5_000 + b"}", 400, None),
        (b"[]", 422, "body"),
        (b"null", 422, "body"),
        (b'{"thread":[]}', 422, "thread"),
        (b'{"thread":{"role":"customer"}}', 422, "thread"),
        (b'{"thread":[{"role":"boss","text":"a"}]}', 422, "thread[0].role"),
        (b'{"thread":[{"role":"customer","text":5}]}', 422, "thread[0].text"),
        (b'{"thread":[{"role":"customer","text":"\\ud800"}]}', 422, "thread[0].text"),
        (b'{"thread":[{"role":"customer","text":"a","txt":"b"}]}', 422, "thread[0]"),
        (b'{"thread":[{"role":"customer","text":"a"}],"variants":9}', 422, "variants"),
        (b'{"thread":[{"role":"customer","text":"a"}],"lang":"xx"}', 422, "lang"),
        (b'{"thread":[{"role":"customer","text":"a"}],"context":{"k":[1]}}', 422, "context"),
        (b'{"thread":[{"role":"customer","text":"' + b"a" * 100_000 + b'"}]}', 422, "thread[0].text"),
    ],
)
def test_bad_bodies_get_a_problem_that_names_the_field(
    open_client: Client, body: bytes, status: int, field: str | None
) -> None:
    async def main() -> None:
        async with open_client() as http:
            problem = problem_of(await http.post("/suggest", content=body, headers=JSON), status)
            assert [error["field"] for error in problem["errors"]] == ([field] if field else [])

    run(main())


def test_unknown_paths_methods_and_media_types(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            problem_of(await http.get("/nothing"), 404)
            problem_of(await http.get("/console/../api.py"), 404)
            problem_of(await http.get("/console/%2e%2e/api.py"), 404)
            wrong = await http.get("/suggest")
            problem_of(wrong, 405)
            assert wrong.headers["allow"] == "POST"
            problem_of(
                await http.post("/suggest", content=b"{}", headers={"content-type": "text/plain"}), 415
            )
            problem_of(await http.post("/suggest", content=b"{}"), 415)

    run(main())


def test_large_bodies_are_refused_announced_or_chunked(open_client: Client) -> None:
    async def chunks() -> Any:
        for _ in range(30):
            yield b" " * 100

    async def main() -> None:
        async with open_client(max_body_bytes=2_000) as http:
            problem_of(await http.post("/suggest", content=b" " * 3_000, headers=JSON), 413)
            problem_of(await http.post("/suggest", content=chunks(), headers=JSON), 413)
            assert (await http.post("/suggest", json=ask())).status_code == 200

    run(main())


def test_slow_work_and_a_full_queue_are_answered(open_client: Client) -> None:
    async def main() -> None:
        async with open_client(timeout_s=0.1, threads=1) as http:
            problem_of(await http.post("/suggest", json=ask("slow ?")), 504)
            await asyncio.sleep(0.4)
            answers = await asyncio.gather(*(http.post("/suggest", json=ask("slow ?")) for _ in range(40)))
            busy = [answer for answer in answers if answer.status_code == 503]
            assert busy
            problem_of(busy[0], 503)
            assert busy[0].headers["retry-after"] == "1"
            await asyncio.sleep(0.4)
            assert (await http.post("/suggest", json=ask())).status_code == 200

    run(main())


@pytest.mark.parametrize(
    ("client", "host", "headers", "allowed"),
    [
        ("127.0.0.1", "http://127.0.0.1:3000", {}, True),
        ("127.8.9.1", "http://localhost", {}, True),
        ("::1", "http://[::1]:3000", {}, True),
        ("::ffff:127.0.0.1", "http://localhost:3000", {}, True),
        ("192.168.1.4", "http://127.0.0.1:3000", {}, False),
        ("127.0.0.1", "http://evil.example", {}, False),
        ("127.0.0.1", "http://127.0.0.1.evil.example", {}, False),
        ("127.0.0.1", "http://localhost", {"x-forwarded-for": "127.0.0.1"}, False),
    ],
)
def test_without_keys_only_this_machine_is_answered(
    open_client: Client, client: str, host: str, headers: dict[str, str], allowed: bool
) -> None:
    async def main() -> None:
        async with open_client(client=(client, 1), host=host) as http:
            for response in (
                await http.post("/suggest", json=ask(), headers=headers),
                await http.get("/", headers=headers),
                await http.get("/metrics", headers=headers),
            ):
                if allowed:
                    assert response.status_code == 200
                else:
                    problem_of(response, 403)

    run(main())


def test_with_keys_a_key_is_needed_everywhere_but_for_the_page(open_client: Client) -> None:
    async def main() -> None:
        async with open_client(client=("10.0.0.9", 1), host="http://desk.example", **HASHES) as http:
            assert (await http.get("/")).status_code == 200
            assert (await http.get("/console/index.html")).status_code == 200
            for path in ("/health", "/metrics", "/openapi.json", "/nothing"):
                refused = await http.get(path)
                problem_of(refused, 401)
                assert refused.headers["www-authenticate"] == "Bearer"
            for value in ("", "Bearer", "Bearer wrong", "Basic other", "Bearer " + "k" * 5_000):
                problem_of(await http.post("/suggest", json=ask(), headers={"authorization": value}), 401)
            held = {"authorization": f"Bearer {KEY}".encode()}
            assert (await http.post("/suggest", json=ask(), headers=held)).status_code == 200
            assert (await http.get("/health", headers=held)).json()["access"] == "key"
            twice = [("authorization", "Bearer other"), ("authorization", "Bearer other")]
            problem_of(await http.post("/suggest", json=ask(), headers=twice), 401)

    run(main())


def test_health_tells_the_bundle_and_who_may_ask(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            health = (await http.get("/health")).json()
            assert health["access"] == "loopback"
            assert health["bundle"] == http.runtime.keeper.serving.bundle.id

    run(main())


def test_every_answer_is_closed_to_other_sites(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            for response in (
                await http.get("/"),
                await http.post("/suggest", json=ask()),
                await http.get("/nothing"),
            ):
                assert "default-src 'self'" in response.headers["content-security-policy"]
                assert response.headers["x-content-type-options"] == "nosniff"
                assert response.headers["referrer-policy"] == "no-referrer"
            preflight = {"origin": "https://evil.example", "access-control-request-method": "POST"}
            refused = await http.options("/suggest", headers=preflight)
            assert refused.status_code == 405
            assert not [name for name in refused.headers if name.startswith("access-control")]

    run(main())


def test_counters_have_no_label_that_a_client_chose(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            await http.post("/suggest", json=ask("merci"))
            await http.get("/canary-path")
            text = (await http.get("/metrics")).text
            assert 'souffleur_silence_total{reason="not_a_request"} 1.0' in text
            assert 'souffleur_requests_total{endpoint="/suggest",status="200"} 1.0' in text
            assert 'souffleur_requests_total{endpoint="other",status="404"} 1.0' in text
            assert 'souffleur_stage_seconds_count{stage="understand"} 1.0' in text
            assert "canary" not in text

    run(main())


def test_the_schema_lists_the_contract(open_client: Client) -> None:
    async def main() -> None:
        async with open_client() as http:
            schema = (await http.get("/openapi.json")).json()
            assert {"/suggest", "/suggest/stream", "/summarize", "/template", "/health"} <= set(
                schema["paths"]
            )
            assert {"SuggestRequest", "SuggestAnswer", "Problem"} <= set(schema["components"]["schemas"])

    run(main())
