"""A planted word of a customer is looked for in every error that is sent and in every line that is logged."""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tiny import Client, TinyAssistant, ask

from pipelines.settings import Settings
from service.app import define
from service.logs import LOGGER
from service.runtime import Runtime

CANARY = "Zorglub-4111"
BODIES: list[bytes] = [
    json.dumps(body).encode()
    for body in (
        ask(CANARY, variants=CANARY),
        {**ask(), CANARY: CANARY},
        {"thread": [{"role": CANARY, "text": "a"}]},
        {"thread": [{"role": "customer", "text": {CANARY: CANARY}}]},
        {"thread": [{"role": "customer", "text": "a", CANARY: 1}]},
        ask(context={CANARY: [CANARY]}),
        ask(context={CANARY * 100: "a"}),
        ask(lang=CANARY),
        ask(f"{CANARY} boom ?"),
        ask(CANARY * 5_000),
        CANARY,
    )
] + [b'{"thread": "' + CANARY.encode(), b'{"thread": "' + CANARY.encode() + b'\xff"}', CANARY.encode()]


@pytest.fixture
def logged() -> Any:
    """Every line that any logger writes, our own included."""
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    handler = Collect()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the client of this test logs the paths it asks for
    loggers = [logging.getLogger(), LOGGER, logging.getLogger("bentoml")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield lines
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


async def _send_all(http: httpx.AsyncClient) -> None:
    for path in ("/suggest", "/suggest/stream", "/summarize", "/template"):
        for body in BODIES:
            response = await http.post(path, content=body, headers={"content-type": "application/json"})
            if response.status_code >= 400:
                assert CANARY not in response.text, response.text
    for refused in (
        await http.get(f"/{CANARY}?q={CANARY}"),
        await http.post("/suggest", content=b"x", headers={"content-type": CANARY}),
    ):
        assert CANARY not in refused.text


def test_nothing_of_the_customer_is_in_an_error_or_a_log(
    open_client: Client, logged: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    async def main() -> None:
        async with open_client() as http:
            await _send_all(http)

    asyncio.run(main())
    assert any('"status": 500' in line for line in logged)
    assert any('"status": 422' in line for line in logged)
    out = capfd.readouterr()
    assert CANARY not in "\n".join(logged) + out.out + out.err


def test_nor_when_bentoml_stands_around_it(
    settings: Settings,
    runtime_of: Callable[..., Runtime],
    logged: list[str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of BentoML's own, when it makes its application
        app = define(settings, Runtime(settings, loader=TinyAssistant)).to_asgi()

        async def main() -> None:
            transport = httpx.ASGITransport(app=app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http,
            ):
                assert (await http.get("/readyz")).status_code == 200
                assert (await http.get("/livez")).status_code == 200
                assert (await http.get("/docs.json")).status_code == 404
                assert (await http.get("/metrics")).text.startswith("# HELP souffleur")
                assert (await http.post("/suggest", json=ask())).status_code == 200
                await _send_all(http)

        asyncio.run(main())
    out = capfd.readouterr()
    assert CANARY not in "\n".join(logged) + out.out + out.err
    assert "Traceback" not in out.err


def test_a_log_line_has_what_an_operator_needs(open_client: Client, logged: list[str]) -> None:
    async def main() -> None:
        async with open_client() as http:
            await http.post("/suggest", json=ask("merci"))

    asyncio.run(main())
    line = json.loads(next(line for line in logged if '"/suggest"' in line))
    assert {"at", "event", "id", "endpoint", "status", "ms", "bundle", "silence"} == set(line)
    assert line["silence"] == "not_a_request"
