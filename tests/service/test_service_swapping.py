"""A new bundle takes over without a failed request; a bad one never does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny import Client, TinyAssistant, ask, make_bundle

from pipelines.errors import BundleError
from pipelines.settings import Settings
from service.bundle import Bundle
from service.freezing import point_current, rollback
from service.runtime import Runtime


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def test_requests_go_on_while_bundles_change(open_client: Client, home: Path) -> None:
    async def main() -> None:
        async with open_client() as http:
            seen: set[str] = set()
            stop = asyncio.Event()

            async def client() -> int:
                count = 0
                while not stop.is_set():
                    response = await http.post("/suggest", json=ask())
                    assert response.status_code == 200, response.text
                    body = response.json()
                    seen.add(body["bundle"]["id"])
                    # text and bundle id always come from the same bundle
                    assert ("Version" in body["suggestions"][0]["text"]) == (body["bundle"]["id"] != first)
                    count += 1
                return count

            first = http.runtime.keeper.serving.bundle.id
            clients = [asyncio.create_task(client()) for _ in range(4)]
            for number in range(4):
                id_ = (await asyncio.to_thread(make_bundle, home, f"Version {number}. Fin.")).name
                await asyncio.to_thread(
                    wait_for, lambda id_=id_: http.runtime.keeper.serving.bundle.id == id_
                )
                await asyncio.sleep(0.05)
            stop.set()
            assert sum(await asyncio.gather(*clients)) > 20
            assert len(seen) == 5

    asyncio.run(main())


def test_a_request_in_flight_ends_on_the_bundle_it_began_with(open_client: Client, home: Path) -> None:
    async def main() -> None:
        async with open_client() as http:
            first = http.runtime.keeper.serving.bundle.id
            slow = asyncio.create_task(http.post("/suggest", json=ask("slow ?")))
            await asyncio.sleep(0.05)
            second = (await asyncio.to_thread(make_bundle, home, "Version 2. Fin.")).name
            await asyncio.to_thread(http.runtime.keeper.check)
            assert http.runtime.keeper.serving.bundle.id == second
            assert (await slow).json()["bundle"]["id"] == first

    asyncio.run(main())


def test_a_bad_bundle_is_ignored_and_logged_once(
    settings: Settings, home: Path, runtime_of: Callable[..., Runtime], caplog: pytest.LogCaptureFixture
) -> None:
    runtime = runtime_of(settings, poll_s=1_000)
    first = runtime.keeper.serving.bundle.id
    second = make_bundle(home, "Version 2. Fin.")
    (second / "source.txt").write_text("tampered")
    from service.logs import LOGGER

    LOGGER.addHandler(caplog.handler)
    runtime.keeper.check()
    runtime.keeper.check()
    LOGGER.removeHandler(caplog.handler)
    lines = [line for line in caplog.messages if "bundle_refused" in line]
    assert len(lines) == 1
    assert second.name in lines[0]
    assert "source.txt" in lines[0]
    assert runtime.keeper.serving.bundle.id == first
    assert b'souffleur_bundle_swaps_total{outcome="refused"} 1.0' in runtime.metrics.render()
    # once it is mended, it serves
    make_bundle(home, "Version 2. Fin.")
    runtime.keeper.check()
    assert runtime.keeper.serving.bundle.id == second.name


def test_a_bundle_that_cannot_be_loaded_or_is_gone_leaves_the_old_one(
    settings: Settings, home: Path, runtime_of: Callable[..., Runtime]
) -> None:
    def loader(bundle: Bundle, settings: Settings) -> TinyAssistant:
        assistant = TinyAssistant(bundle, settings)
        if "bad model" in assistant.source:
            raise RuntimeError("no such model")
        return assistant

    runtime = runtime_of(settings, loader=loader, poll_s=1_000)
    first = runtime.keeper.serving.bundle.id
    make_bundle(home, "bad model")
    runtime.keeper.check()
    assert runtime.keeper.serving.bundle.id == first
    (home / "bundles" / "current").unlink()
    runtime.keeper.check()
    assert runtime.keeper.serving.bundle.id == first
    point_current(home, first)


def test_rollback_is_served_by_a_running_service(
    settings: Settings, home: Path, runtime_of: Callable[..., Runtime]
) -> None:
    first = (home / "bundles" / "current").resolve().name
    make_bundle(home, "Version 2. Fin.")
    runtime = runtime_of(settings)
    assert runtime.keeper.serving.bundle.id != first
    rollback(home)
    wait_for(lambda: runtime.keeper.serving.bundle.id == first)


def test_without_a_good_bundle_nothing_starts(settings: Settings, home: Path) -> None:
    ((home / "bundles" / "current").resolve() / "source.txt").write_text("tampered")
    with pytest.raises(BundleError, match=r"source\.txt"):
        Runtime(settings, loader=TinyAssistant).start()
    with pytest.raises(BundleError, match="no bundle"):
        Runtime(settings.model_copy(update={"home": home / "none"}), loader=TinyAssistant).start()
