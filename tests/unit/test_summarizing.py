"""Summaries: what counts as content, where sentences come from, and what odd threads do."""

from pathlib import Path

import numpy as np
import pytest
from haystack import Pipeline

from evals.benches.summaries import bench_summaries
from pipelines.contracts import BundleRef, Message, SummaryAnswer, SummaryRequest
from pipelines.errors import DataError
from pipelines.summarize import build_summarize, summarize
from pipelines.summarizing.candidates import candidates
from pipelines.summarizing.language import thread_language
from pipelines.summarizing.textrank import textrank


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    built = build_summarize()
    built.warm_up()
    return built


def note(pipeline: Pipeline, *turns: tuple[str, str], ids: bool = True) -> SummaryAnswer:
    thread = [
        Message(id=f"m{i}" if ids else None, role=role, text=text)  # type: ignore[arg-type]
        for i, (role, text) in enumerate(turns)
    ]
    return summarize(SummaryRequest(thread=thread), pipeline, BundleRef(id="test"))


def sentences(answer: SummaryAnswer) -> list[str]:
    parts = [answer.issue, answer.done, answer.resolution, answer.next_step]
    return [sentence.text for part in parts for sentence in part]


THREAD = (
    ("customer", "Bonjour, mon lave-linge Ruisseau 8 ne vidange plus depuis hier"),
    ("customer", "commande CF-24871093"),
    ("agent", "Bonjour Mme Grangier, je viens d'ouvrir le dossier REP-730266 et un technicien est réservé."),
    ("customer", "[photo]"),
    ("agent", "Vous recevrez un texto avec le créneau avant demain midi. Bonne journée !"),
    ("customer", "ok merci beaucoup"),
)


def test_sections_point_to_the_messages_that_hold_them(pipeline: Pipeline) -> None:
    answer = note(pipeline, *THREAD)
    assert answer.issue[0].text == "mon lave-linge Ruisseau 8 ne vidange plus depuis hier"
    assert answer.issue[0].messages == ["m0"]
    assert any("technicien" in sentence.text for sentence in answer.done)
    assert [sentence.messages for sentence in answer.next_step] == [["m4"]]
    assert answer.lang == "fr"


def test_every_sentence_is_verbatim_once_and_short_of_three_a_section(pipeline: Pipeline) -> None:
    answer = note(pipeline, *THREAD, *THREAD, ids=False)
    for part in (answer.issue, answer.done, answer.resolution, answer.next_step):
        assert len(part) <= 2
        for sentence in part:
            assert all(sentence.text in (THREAD + THREAD)[int(i)][1] for i in sentence.messages)
    assert len(set(sentences(answer))) == len(sentences(answer))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "🙂🙂",
        "[photo]",
        "<Media omitted>",
        "Bonjour",
        "ok merci beaucoup",
        "Solène from Cerfeuil.",
        "...?",
    ],
)
def test_nothing_is_made_of_nothing(pipeline: Pipeline, text: str) -> None:
    assert sentences(note(pipeline, ("customer", text))) == []


def test_one_message_is_its_own_issue(pipeline: Pipeline) -> None:
    assert sentences(note(pipeline, ("customer", "hello, my kettle leaks"))) == ["my kettle leaks"]


def test_agent_alone_gives_no_issue_from_the_customer(pipeline: Pipeline) -> None:
    answer = note(
        pipeline, ("agent", "Votre colis CF-24871093 est parti, vous le recevrez demain avant 18 h.")
    )
    assert all(sentence.messages == ["m0"] for part in (answer.issue, answer.next_step) for sentence in part)


def test_500_long_messages(pipeline: Pipeline) -> None:
    turns = [
        ("agent" if i % 3 else "customer", f"Le colis {i} n'est pas arrivé. Je regarde demain.")
        for i in range(500)
    ]
    assert sentences(note(pipeline, *turns))


def test_a_text_without_end_is_cut_at_a_word(pipeline: Pipeline) -> None:
    answer = note(pipeline, ("customer", "mon four ne chauffe plus du tout " * 500))
    assert len(answer.issue[0].text) <= 280
    assert answer.issue[0].text.split()[-1] in {"mon", "four", "ne", "chauffe", "plus", "du", "tout"}


def test_leading_greeting_and_name_are_left_out() -> None:
    thread = [Message(role="agent", text="Hola, Amparo, ya he abierto la incidencia con el transportista.")]
    assert candidates(thread, "es")[0].text == "ya he abierto la incidencia con el transportista."


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("ou est mon colis svp", "fr"),
        ("where is my parcel please", "en"),
        ("dónde está mi pedido por favor", "es"),
    ],
)
def test_language(text: str, lang: str) -> None:
    assert thread_language([Message(role="customer", text=text)]) == lang


def test_textrank_equals_its_dense_definition() -> None:
    found = [["a", "b"], ["b", "c"], ["c", "a", "d"], ["e"]]
    terms = sorted({term for sentence in found for term in sentence})
    counts = np.array([[sentence.count(term) for term in terms] for sentence in found], float)
    weights = counts * np.log1p(len(found) / (counts > 0).sum(axis=0))
    unit = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    similarity = unit @ unit.T - np.eye(4)
    move = np.where(similarity.sum(0) > 1e-9, similarity / np.maximum(similarity.sum(0), 1e-9), 1 / 4)
    rank = np.full(4, 1 / 4)
    for _ in range(200):
        rank = 0.15 / 4 + 0.85 * move @ rank
    assert np.allclose(textrank(found), rank / rank.sum(), atol=1e-5)


def test_bench_reads_every_shape_and_names_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"id": "1", "dialogue": "A: my oven broke\\nB: I will send a part", "summary": ["Oven broke."]}\n'
    )
    result = bench_summaries(path, "en")
    assert result["verbatim"] == 1.0
    assert result["sections"] is None
    assert set(result["baselines"]) == {"first_two_turns", "last_two_turns", "lead_3", "textrank_2"}
    path.write_text('{"id": "1", "turns": [], "summary": "x"}\n')
    with pytest.raises(DataError, match="row 1: the column 'turns'"):
        bench_summaries(path, "en")
