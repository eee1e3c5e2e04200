"""One assistant for all requests: shared between threads, clear about a part that it cannot use."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from small import ask, assistant_over

from pipelines.assistant import Assistant
from pipelines.contracts import Channel, Message, SummaryRequest, TemplateRequest
from pipelines.errors import SouffleurError

QUESTIONS = (
    "combien de temps prend la livraison ?",
    "combien coûte la livraison ?",
    "quand serai-je remboursé ?",
    "où est ma commande ?",
    "how long does delivery take?",
    "merci !",
)


def test_threads_do_not_disturb_each_other(assistant: Assistant) -> None:
    alone = {question: ask(assistant, question) for question in QUESTIONS}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda question: (question, ask(assistant, question)), QUESTIONS * 8))
    for question, answer in together:
        assert answer.suggestions == alone[question].suggestions
        assert answer.silence == alone[question].silence
        assert set(answer.timing_ms) == set(alone[question].timing_ms)


def test_a_thread_is_summed_up(assistant: Assistant) -> None:
    thread = [
        Message(id="a", role="customer", text="Bonjour, ma batterie ne charge plus depuis hier."),
        Message(
            id="b", role="agent", text="J'ai créé un dossier de réparation, vous recevrez un bon demain."
        ),
    ]
    summary = assistant.summarize(SummaryRequest(thread=thread))
    assert summary.bundle.id == "small"
    assert [sentence.messages for sentence in summary.issue] == [["a"]]
    assert "batterie" in summary.issue[0].text
    said = [sentence for part in (summary.done, summary.next_step) for sentence in part]
    assert all(sentence.messages == ["b"] for sentence in said)


def test_a_template_follows_the_thread_or_the_given_intent(assistant: Assistant) -> None:
    closed = Channel(window_open=False, to="33612345678")
    thread = [Message(role="customer", text="où est ma commande ?")]
    read = assistant.template(TemplateRequest(thread=thread, lang="fr", channel=closed))
    given = assistant.template(TemplateRequest(intent="track_order", lang="fr", channel=closed))
    assert read.templates[0].name == given.templates[0].name
    assert {choice.lang for choice in read.templates} == {"fr"}
    nothing = assistant.template(TemplateRequest(channel=closed))
    assert nothing.templates or nothing.reason


def remove(part: str) -> Callable[[Path], None]:
    return lambda root: shutil.rmtree(root / part) if (root / part).is_dir() else (root / part).unlink()


def spoil(part: str) -> Callable[[Path], None]:
    return lambda root: (root / part).write_text("{ not what it was", encoding="utf-8") and None


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (remove("pipelines/suggest.yaml"), r"suggest\.yaml"),
        (spoil("pipelines/template.yaml"), r"template\.yaml"),
        (remove("index"), "index"),
        (spoil("index/CURRENT"), "index"),
        (remove("models/intents"), "intents"),
        (spoil("models/answering.json"), r"answering\.json"),
        (spoil("catalogue.json"), r"catalogue\.json"),
        (remove("templates/templates.jsonl"), r"templates\.jsonl"),
    ],
)
def test_a_part_that_cannot_be_used_is_named(
    small_bundle: Path, tmp_path: Path, damage: Callable[[Path], None], named: str
) -> None:
    root = shutil.copytree(small_bundle, tmp_path / "bundle")
    damage(root)
    with pytest.raises(SouffleurError, match=named):
        assistant_over(root)


@pytest.mark.parametrize("part", ["catalogue.json", "models/answering.json"])
def test_it_does_without_what_may_be_absent(small_bundle: Path, tmp_path: Path, part: str) -> None:
    root = shutil.copytree(small_bundle, tmp_path / "bundle")
    (root / part).unlink()
    answer = ask(assistant_over(root), QUESTIONS[0])
    assert answer.lang == "fr"
