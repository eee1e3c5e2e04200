"""The service with a language model behind it, over real sockets: streams, leaving, and what is counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from hostile_model.centre import settings_over
from hostile_model.server import HostileModel, Told, draft
from hostile_model.serving import served

from service.logs import LOGGER
from service.runtime import Runtime

QUESTION = {"thread": [{"role": "customer", "text": "combien de temps prend la livraison ?"}]}
ANSWER = "La livraison standard prend 3 jours ouvrés."
MORE = "La livraison express prend 24 heures."
GOOD = draft([(ANSWER, "P1", ANSWER), (MORE, "P1", MORE)])
LEAK = "You write replies for an agent of the customer service of Cerfeuil."


@pytest.fixture
def model() -> Iterator[HostileModel]:
    with HostileModel(lambda asked: Told(GOOD)) as made:
        yield made


@pytest.fixture
def service(centre: Path, model: HostileModel) -> Iterator[tuple[str, Runtime]]:
    with served(settings_over(centre, model.url, llm_deadline_s=6)) as running:
        yield running


def test_the_bundle_carries_its_prompts(service: tuple[str, Runtime]) -> None:
    answer = httpx.post(f"{service[0]}/suggest", json=QUESTION).json()
    assert set(answer["bundle"]["prompts"]) >= {"draft", "summarize", "classify"}
    assert answer["engine"]["name"] == "llm"


def test_sentences_arrive_while_the_model_still_writes(
    service: tuple[str, Runtime], model: HostileModel
) -> None:
    model.behaviour = lambda asked: Told(GOOD, piece=12, pause_s=0.05)
    seen: list[str] = []
    with httpx.stream("POST", f"{service[0]}/suggest/stream", json=QUESTION, timeout=20) as response:
        for line in response.iter_lines():
            if line.startswith("event: "):
                seen.append(line.removeprefix("event: "))
                if len(seen) == 1:
                    assert not model.done, "the first sentence came before the model had ended"
    assert seen == ["sentence", "sentence", "answer"]


@pytest.mark.parametrize("path", ["/suggest", "/suggest/stream"])
def test_leaving_before_the_first_word_ends_the_models_call(
    service: tuple[str, Runtime], model: HostileModel, path: str
) -> None:
    model.behaviour = lambda asked: Told(" " * 2_000, piece=10, pause_s=0.1)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{service[0]}{path}", json=QUESTION, timeout=0.5)
    _until(lambda: model.gone == 1)
    assert httpx.get(f"{service[0]}/health").status_code == 200


def test_leaving_after_the_first_sentence_ends_the_models_call(
    service: tuple[str, Runtime], model: HostileModel
) -> None:
    model.behaviour = lambda asked: Told(GOOD, piece=5, pause_s=0.1)
    with httpx.stream("POST", f"{service[0]}/suggest/stream", json=QUESTION, timeout=20) as response:
        assert next(response.iter_lines()) == "event: sentence"
    _until(lambda: model.gone == 1)


def test_what_the_model_costs_and_what_is_dropped_is_counted(
    service: tuple[str, Runtime], model: HostileModel
) -> None:
    url, _ = service
    httpx.post(f"{url}/suggest", json=QUESTION)
    model.behaviour = lambda asked: Told(draft([(ANSWER, "P9999", ANSWER), (LEAK, "", "")]))
    silent = httpx.post(f"{url}/suggest", json=QUESTION).json()
    assert silent["silence"]["reason"] == "unsupported"
    model.behaviour = lambda asked: Told(status=401)
    assert httpx.post(f"{url}/suggest/stream", json=QUESTION).status_code == 200
    text = httpx.get(f"{url}/metrics").text
    for line in (
        'souffleur_engine_total{engine="llm",fallback=""} 2.0',
        'souffleur_engine_total{engine="extractive",fallback="unauthorised"} 1.0',
        'souffleur_llm_sentences_total{outcome="kept"} 2.0',
        'souffleur_llm_sentences_total{outcome="unknown_passage"} 1.0',
        'souffleur_llm_sentences_total{outcome="leak"} 1.0',
        'souffleur_llm_tokens_total{direction="input"} 2000.0',
        "souffleur_llm_unpriced_total 3.0",
    ):
        assert line in text


def test_what_is_wrong_with_the_model_is_one_line_of_the_log(
    centre: Path, model: HostileModel, caplog: pytest.LogCaptureFixture
) -> None:
    model.behaviour = lambda asked: Told(status=401, error=f"bad key for {asked.thread}")
    LOGGER.addHandler(caplog.handler)
    try:
        with served(settings_over(centre, model.url)) as (url, _):
            for _ in range(2):
                answer = httpx.post(f"{url}/suggest", json=QUESTION).json()
                assert answer["engine"]["fallback"] == "unauthorised"
    finally:
        LOGGER.removeHandler(caplog.handler)
    lines = [json.loads(r.getMessage()) for r in caplog.records if '"event": "llm"' in r.getMessage()]
    told = [line["what"] for line in lines]
    assert sum("refused the key" in what for what in told) == 1
    assert not any("livraison" in json.dumps(line) for line in lines)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
