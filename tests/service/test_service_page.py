"""The page in a real browser, and the service as a real process."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tiny import make_bundle

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "artifacts" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ATTACK = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    env = {**os.environ, "PYTHONPATH": path, "SOUFFLEUR_API_KEYS": ""}
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("serve_tiny.py")), str(home), str(port)],
            env=env, stderr=stream, cwd=home,
        )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    home = tmp_path_factory.mktemp("served")
    make_bundle(home)
    port, log = free_port(), home / "log.txt"
    process = start(home, port, log)
    url = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.1)
    yield {"url": url, "home": home, "port": port, "log": log, "process": process}
    if process.poll() is None:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("Chromium is missing: sudo apt-get install -y chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, server: dict[str, Any]) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1360, "height": 860}, locale="fr-FR")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda message: troubles.append(message.text) if _is_trouble(message) else None)
    opened.on(
        "request",
        lambda request: None if request.url.startswith(server["url"]) else troubles.append(request.url),
    )
    opened.goto(server["url"])
    opened.wait_for_selector("#foot:has-text('Lot')")
    yield opened
    context.close()
    assert troubles == []


def _is_trouble(message: Any) -> bool:
    # that a request failed is for the page to tell; anything else in the console is a mistake of ours
    return bool(message.type == "error" and not message.text.startswith("Failed to load resource"))


def say(page: Any, text: str) -> None:
    page.fill("#customer", text)
    page.press("#customer", "Enter")


def shot(page: Any, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.browser
def test_from_a_message_to_a_sent_reply_by_keyboard_alone(page: Any) -> None:
    say(page, "Quand arrive mon colis ?")
    page.wait_for_selector(".card >> nth=2")
    assert page.locator(".card").count() == 3
    assert "3 suggestions" in page.inner_text("#status")
    page.keyboard.press("Alt+1")
    assert page.input_value("#reply") == "Bonjour, La livraison standard prend 3 jours ouvrés."
    assert page.evaluate("document.activeElement.id") == "reply"
    page.keyboard.press("Enter")
    assert page.locator(".bubble.agent").count() == 1
    assert page.input_value("#reply") == ""


@pytest.mark.browser
def test_a_citation_opens_its_source_beside_and_escape_closes_it(page: Any) -> None:
    say(page, "Quand arrive mon colis ?")
    page.click(".card >> nth=0 >> .cite")
    assert page.inner_text("#source mark") == "La livraison standard prend 3 jours ouvrés"
    link = page.locator("#source a")
    assert link.get_attribute("href") == "https://cerfeuil.example/aide"
    assert "noopener" in link.get_attribute("rel")
    shot(page, "console-source")
    page.keyboard.press("Escape")
    assert page.is_hidden("#source")
    assert page.evaluate("document.activeElement.className") == "cite"


@pytest.mark.browser
def test_silence_is_told_in_words_in_both_languages(page: Any) -> None:
    say(page, "merci")
    page.wait_for_selector(".silence")
    assert "ne demande rien" in page.inner_text(".silence")
    assert "not_a_request" in page.inner_text(".silence")
    page.click("[data-lang=en]")
    assert "asks for nothing" in page.inner_text(".silence")
    assert page.get_attribute("html", "lang") == "en"
    page.reload()
    assert page.inner_text("#clear") == "Clear"


@pytest.mark.browser
def test_a_closed_window_shows_templates_and_their_payload(page: Any) -> None:
    say(page, "Quand arrive mon colis ?")
    page.wait_for_selector(".card")
    page.focus("#window")
    page.keyboard.press("Space")
    page.wait_for_selector(".template")
    assert page.is_disabled("#reply")
    assert page.inner_text(".hole") == "[first_name]"
    page.fill(".missing input", "Zoé")
    page.press(".missing input", "Enter")
    page.wait_for_selector(".payload")
    assert "Bonjour Zoé" in page.inner_text(".template .text")
    page.click(".payload summary")
    assert '"order_update"' in page.inner_text(".payload pre")
    shot(page, "console-template")
    page.click(".template footer .main")
    assert page.locator(".bubble.template").count() == 1
    say(page, "Ah merci, et alors ?")
    assert page.is_enabled("#reply")


@pytest.mark.browser
def test_the_summary_points_to_its_messages(page: Any) -> None:
    page.select_option("#sample", index=2)
    page.wait_for_selector(".bubble >> nth=4")
    page.click("#summarize")
    page.click(".point")
    assert page.locator(".bubble.pointed").get_attribute("id") == "m1"


@pytest.mark.browser
def test_what_a_customer_writes_is_never_markup(page: Any) -> None:
    say(page, ATTACK + " ?")
    page.wait_for_selector(".card")
    page.click("#summarize")
    page.wait_for_selector(".summary section")
    page.click(".context summary")
    page.fill("#context .pair >> nth=0 >> input >> nth=1", ATTACK)
    page.press("#context .pair >> nth=0 >> input >> nth=1", "Tab")
    page.click("label.switch")
    page.wait_for_selector(".template")
    assert page.locator("main img, main script").count() == 0
    assert page.title() == "Souffleur"
    assert ATTACK in page.inner_text(".bubble")


@pytest.mark.browser
def test_a_problem_is_shown_with_its_mend(page: Any, server: dict[str, Any]) -> None:
    page.route("**/suggest", lambda route: route.abort())
    say(page, "Allo ?")
    page.wait_for_selector("#problem:visible")
    assert "ne répond pas" in page.inner_text("#problem")
    page.unroute("**/suggest")
    say(page, "Allo ?")
    page.wait_for_selector(".card")
    assert page.is_hidden("#problem")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1360, 860, "light"), (1360, 860, "dark"), (390, 844, "light")]
)
def test_it_fits_the_screen(
    browser: Any, server: dict[str, Any], width: int, height: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", color_scheme=scheme
    )
    opened = context.new_page()
    opened.goto(server["url"])
    opened.select_option("#sample", index=2)
    opened.wait_for_selector(".card")
    opened.click("#summarize")
    opened.wait_for_selector(".summary section")
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(opened, f"console-{width}-{scheme}")
    context.close()


@pytest.mark.browser
def test_every_control_has_a_name_and_text_has_contrast(page: Any) -> None:
    say(page, "Quand arrive mon colis ?")
    page.wait_for_selector(".card")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, textarea')].filter((n) =>
            n.offsetParent && !n.textContent.trim() && !n.getAttribute('aria-label')
            && !(n.labels && n.labels.length)).map((n) => n.outerHTML)"""
    )
    assert nameless == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        poor = page.evaluate(CONTRAST)
        assert poor == [], scheme


CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@pytest.mark.server
def test_a_real_server_answers_swaps_and_counts_without_a_failed_request(server: dict[str, Any]) -> None:
    body = {"thread": [{"role": "customer", "text": "Quand ?"}]}
    with httpx.Client(base_url=server["url"]) as http, ThreadPoolExecutor(4) as pool:
        first = http.get("/health").json()["bundle"]
        jobs = [pool.submit(http.post, "/suggest", json=body) for _ in range(100)]
        second = make_bundle(server["home"], "Version 2. Fin.").name
        end = time.monotonic() + 10
        while http.get("/health").json()["bundle"] == first:
            assert time.monotonic() < end
            jobs.append(pool.submit(http.post, "/suggest", json=body))
            time.sleep(0.02)
        assert {job.result().status_code for job in jobs} == {200}
        assert http.post("/suggest", json=body).json()["bundle"]["id"] == second
        metrics = http.get("/metrics").text
        assert f'souffleur_bundle_info{{id="{second}"}} 1.0' in metrics
        assert http.get("/livez").status_code == 200
        big = http.post("/suggest", content=b" " * 2_000_000, headers={"content-type": "application/json"})
        assert big.status_code == 413
        make_bundle(server["home"])


@pytest.mark.server
def test_a_taken_port_and_a_bad_bundle_are_told_in_one_line(server: dict[str, Any], tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    process = start(server["home"], server["port"], log)
    assert process.wait(60) == 1
    assert re.fullmatch(
        rf"PortError: Port {server['port']} is taken on 127\.0\.0\.1\. .*--port \d+\n", log.read_text()
    )
    process = start(tmp_path, free_port(), log)
    assert process.wait(60) == 1
    assert re.fullmatch(r"BundleError: There is no bundle at .*souffleur setup\n", log.read_text())


@pytest.mark.server
def test_sigterm_lets_a_request_in_flight_end(tmp_path: Path) -> None:
    make_bundle(tmp_path)
    port, log = free_port(), tmp_path / "log.txt"
    process = start(tmp_path, port, log)
    end = time.monotonic() + 60
    while "is ready" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(
            httpx.post,
            f"http://127.0.0.1:{port}/suggest",
            json={"thread": [{"role": "customer", "text": "slow ?"}]},
        )
        time.sleep(0.15)
        process.send_signal(signal.SIGTERM)
        assert slow.result().status_code == 200
    assert process.wait(20) == 0
    assert "Traceback" not in log.read_text()
