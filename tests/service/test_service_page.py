"""The page in a real browser, against the real service."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real import environment, free_port, serve_command, wait_ready

from pipelines.settings import Settings

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "artifacts" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ATTACK = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def server(real: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the real service over the small real bundle."""
    folder, port = tmp_path_factory.mktemp("served"), free_port()
    with (folder / "log.txt").open("wb") as stream:
        process = subprocess.Popen(serve_command(port), env=environment(real), stderr=stream, cwd=folder)
    try:
        wait_ready(process, f"http://127.0.0.1:{port}", folder / "log.txt")
        yield f"http://127.0.0.1:{port}"
    finally:
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
def page(browser: Any, server: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1360, "height": 860}, locale="fr-FR")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda message: troubles.append(message.text) if _is_trouble(message) else None)
    opened.on(
        "request",
        lambda request: None if request.url.startswith(server) else troubles.append(request.url),
    )
    opened.goto(server)
    opened.wait_for_selector("#foot:has-text('Lot')")
    yield opened
    context.close()
    assert troubles == []


def _is_trouble(message: Any) -> bool:
    # that a request failed is for the page to tell; anything else in the console is a mistake of ours
    return bool(message.type == "error" and not message.text.startswith("Failed to load resource"))


REFUND = "Dans quel délai serai-je remboursé après mon retour ?"


def say(page: Any, text: str) -> None:
    page.fill("#customer", text)
    page.press("#customer", "Enter")


def shot(page: Any, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


@pytest.mark.browser
def test_from_a_message_to_a_sent_reply_by_keyboard_alone(page: Any) -> None:
    say(page, REFUND)
    page.wait_for_selector(".card .cite")
    count = page.locator(".card").count()
    assert 1 <= count <= 3
    assert f"{count} suggestion" in page.inner_text("#status")
    first = page.inner_text(".card >> nth=0 >> .text")
    assert first.startswith("Bonjour")
    assert "7 jours ouvrés" in first
    page.keyboard.press("Alt+1")
    assert page.input_value("#reply") == first
    assert page.evaluate("document.activeElement.id") == "reply"
    page.keyboard.press("Enter")
    assert page.locator(".bubble.agent").count() == 1
    assert page.input_value("#reply") == ""


@pytest.mark.browser
def test_a_citation_opens_its_source_beside_and_escape_closes_it(page: Any) -> None:
    say(page, REFUND)
    page.click(".card >> nth=0 >> .cite >> nth=0")
    assert page.inner_text("#source mark") in page.inner_text(".card >> nth=0 >> .text")
    link = page.locator("#source a")
    assert link.get_attribute("href").startswith("https://aide.cerfeuil.example/fr/")
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
def test_a_language_that_is_not_served_is_named(page: Any) -> None:
    say(page, "Guten Tag, wo ist mein Paket? Ich warte schon zwei Wochen.")
    page.wait_for_selector(".silence")
    assert "allemand" in page.inner_text(".silence")
    page.click("[data-lang=en]")
    assert "German" in page.inner_text(".silence")


@pytest.mark.browser
def test_a_closed_window_shows_templates_and_their_payload(page: Any) -> None:
    say(page, REFUND)
    page.wait_for_selector(".card")
    page.focus("#window")
    page.keyboard.press("Space")
    page.wait_for_selector(".template")
    assert page.is_disabled("#reply")
    choice = page.locator(f".template:has(h3:text-is('{page.inner_text('.template >> nth=0 >> h3')}'))")
    assert "[first_name]" in choice.locator(".hole").all_inner_texts()
    values = {"first_name": "Zoé", "amount": "49 €", "order_id": "CF-24871093"}
    for field in choice.locator(".missing input").all():
        field.fill(values.get(field.get_attribute("name"), "demain"))
    choice.locator(".missing input").first.press("Enter")
    choice.locator(".payload").wait_for()
    assert "Bonjour Zoé" in choice.locator(".text").inner_text()
    choice.locator(".payload summary").click()
    assert '"messaging_product": "whatsapp"' in choice.locator(".payload pre").inner_text()
    shot(page, "console-template")
    choice.locator("footer .main").click()
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
def test_a_problem_is_shown_with_its_mend(page: Any) -> None:
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
def test_it_fits_the_screen(browser: Any, server: str, width: int, height: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", color_scheme=scheme
    )
    opened = context.new_page()
    opened.goto(server)
    opened.select_option("#sample", index=2)
    opened.wait_for_selector(".card")
    opened.click("#summarize")
    opened.wait_for_selector(".summary section")
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    shot(opened, f"console-{width}-{scheme}")
    context.close()


@pytest.mark.browser
def test_every_control_has_a_name_and_text_has_contrast(page: Any) -> None:
    say(page, REFUND)
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
