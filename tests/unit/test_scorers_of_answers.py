"""What is said against its references, sources, language and channel; each figure worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.analyses.blame import blame_splits
from evals.rows import DatasetRef, Example, Prediction, Run
from evals.running.store import Recorded
from evals.scorers.blame import STAGES, BlameScorer, blame
from evals.scorers.chrf import ChrfScorer
from evals.scorers.citing import CitationScorer
from evals.scorers.fidelity import FidelityScorer
from evals.scorers.measuring import RowScorer
from evals.scorers.overlap import OverlapScorer, token_f1
from evals.scorers.privacy import PrivacyScorer, covered
from evals.scorers.semantic import SemanticScorer
from evals.scorers.shape import ShapeScorer, sendable
from evals.scorers.summaries import SummaryScorer
from evals.scorers.unsupported import UnsupportedScorer
from pipelines.contracts import Passage
from pipelines.embedding import Encoder

QUOTE = "La livraison standard prend 3 jours ouvrés."
PASSAGE = Passage(
    id="livraison#delai", document_id="livraison", version="v1", lang="fr", title="Livraison", heading="",
    text=f"{QUOTE} Elle coûte 4,90 €. Un retour est possible sous dix jours.",
)  # fmt: skip
GOLD: dict[str, Any] = {"answerable": True, "gold": [PASSAGE.id], "quotes": [QUOTE], "facts": [["3 jours"]]}


def find(passage_id: str) -> Passage | None:
    return PASSAGE if passage_id == PASSAGE.id else None


def cite(quote: str = QUOTE, start: int = 0, **more: Any) -> dict[str, Any]:
    place = {
        "passage_id": PASSAGE.id,
        "version": "v1",
        "quote": quote,
        "start": start,
        "end": start + len(quote),
    }
    return place | more


def shown(text: str, *cited: dict[str, Any], **fields: Any) -> Prediction:
    reply = {"text": text, "kind": "answer", "citations": list(cited)}
    return Prediction(example_id="q", output={"suggestions": [reply], "silence": None}, **fields)


QUIET = Prediction(example_id="q", output={"suggestions": [], "silence": {"reason": "no_evidence"}})


def asked(query: str = "délai ?", context: dict[str, str] | None = None, **expected: Any) -> Example:
    return Example(id="q", inputs={"query": query, "context": context or {}}, expected=expected)


def values(scorer: RowScorer, example: Example, prediction: Prediction) -> list[float | None]:
    return [score.value for score in scorer.score(example, prediction)]


def why(scorer: RowScorer, example: Example, prediction: Prediction) -> str:
    return scorer.score(example, prediction)[0].reason


@pytest.mark.parametrize(
    ("text", "reference", "f1"),
    [
        ("trois jours", "Trois jours.", 1),
        ("délai", "delai", 0),
        ("oui oui oui", "oui", 0.5),
        ("شكرا لكم", "شكرا", 2 / 3),
        ("", "", 1),
        ("...", "oui", 0),
    ],
)
def test_token_f1(text: str, reference: str, f1: float) -> None:
    assert token_f1(text, reference) == pytest.approx(f1)


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=50, deadline=None)
def test_token_f1_is_symmetric_and_one_for_the_same(one: str, other: str) -> None:
    assert token_f1(one, other) == token_f1(other, one)
    assert token_f1(one, one) == 1


@pytest.mark.parametrize("scorer", [OverlapScorer(), ChrfScorer()])
def test_the_best_reference_counts_and_silence_does_not(scorer: RowScorer) -> None:
    example = asked(reference=["Rien à voir.", QUOTE])
    assert values(scorer, example, shown(QUOTE)) == [1.0]
    assert (why(scorer, example, QUIET), why(scorer, asked(), shown(QUOTE))) == ("silence", "no reference")


def test_semantic_similarity_ranks_by_meaning(encoder: Encoder) -> None:
    scorer, example = SemanticScorer(encoder), asked(reference="Le colis arrive en trois jours.", lang="fr")
    (near,), (far,) = (
        values(scorer, example, shown(text)) for text in ("Votre paquet vient sous 3 jours.", "Il pleut.")
    )
    assert near is not None
    assert far is not None
    assert -1 <= far < near <= 1
    assert (why(scorer, example, QUIET), why(scorer, asked(), shown(QUOTE))) == ("silence", "no reference")


@pytest.mark.parametrize(
    ("prediction", "expected"),
    [
        (shown("x", cite(), documents=(PASSAGE.id,)), [1, 1, 1, 1]),
        (
            shown("x", cite(), cite(passage_id="b#", quote="Autre."), documents=(PASSAGE.id,)),
            [0.5, 1, 0.5, 0.5],
        ),
        (
            shown("x", cite(passage_id="copy#"), documents=("copy#",)),
            [1, 0, 1, 0],
        ),  # the gold quote elsewhere
        (shown("x", cite(version="v0"), documents=("b#",)), [1, 1, 0, 0]),
        (shown("x", cite(start=1)), [1, 1, None, 0]),
        (shown("x", cite(quote="")), [1, 1, None, 0]),
        (shown("x"), [None, 0, None, None]),
        (QUIET, [None, None, None, None]),
    ],
)
def test_citations(prediction: Prediction, expected: list[float | None]) -> None:
    assert values(CitationScorer(find), asked(**GOLD), prediction) == expected
    assert values(CitationScorer(), asked(**GOLD), prediction)[3] is None


def test_citations_of_an_answer_to_the_unanswerable_are_still_checked_for_truth() -> None:
    assert values(CitationScorer(find), asked(answerable=False), shown("x", cite())) == [None, None, None, 1]


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        (QUOTE, {}, [0, 0]),
        ("Comptez 5 jours.", {}, [1, 1]),
        ("Comptez 3 jours et 6,50 €.", {}, [0.5, 1]),
        ("Elle coûte 4,90 €, retour sous 10 jours.", {}, [0, 0]),
        ("Votre commande CF-24871093 arrive.", {"order_id": "CF-24871093"}, [0, 0]),
        ("Votre commande CF-24871093 arrive.", {}, [1, 1]),
        ("Bonjour, avec plaisir.", {}, [None, 0]),
    ],
)
def test_unsupported_facts(text: str, known: dict[str, str], expected: list[float | None]) -> None:
    made = values(UnsupportedScorer(find), asked(context=known, **GOLD), shown(text, cite()))
    assert made == [pytest.approx(one) if one is not None else None for one in expected]


def test_without_passages_only_the_quotes_carry_a_fact() -> None:
    text = "Comptez 3 jours et 4,90 €."
    assert values(UnsupportedScorer(find), asked(), shown(text, cite()))[1] == 0
    assert values(UnsupportedScorer(), asked(), shown(text, cite()))[1] == 1
    assert values(UnsupportedScorer(find), asked(), shown(text))[1] == 1
    assert why(UnsupportedScorer(), asked(), QUIET) == "silence"


def test_a_summary_may_only_state_what_the_thread_says() -> None:
    thread = Example(id="q", inputs={"turns": [{"role": "customer", "text": "J'attends depuis 12 jours."}]})
    note = {"issue": [{"text": "Client en attente depuis 12 jours, 30 € offerts.", "messages": ["0"]}]}
    rate, any_ = values(UnsupportedScorer(), thread, Prediction(example_id="q", output=note))
    assert (rate, any_) == (0.5, 1)


@pytest.mark.parametrize(
    ("text", "lang", "value", "reason"),
    [
        ("Votre colis arrive demain matin.", "fr", 1, ""),
        ("Your parcel arrives tomorrow morning.", "fr", 0, ""),
        ("OK", "fr", None, "too short to tell"),
        ("Votre colis arrive demain matin.", None, None, "no language given"),
    ],
)
def test_language(text: str, lang: str | None, value: float | None, reason: str) -> None:
    (score,) = FidelityScorer().score(asked(**({"lang": lang} if lang else {})), shown(text))
    assert (score.value, score.reason) == (value, reason)
    assert why(FidelityScorer(), asked(lang="fr"), QUIET) == "silence"


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("Bonjour, *merci*.\nÀ bientôt !", True), ("Bonjour {{first_name}}", False), ("<p>Oui</p>", False),
        ("[ici](https://a.example)", False), ("**gras**", False), ("# Titre", False), (" Oui", False),
        ("", False), ("a\u0000b", False), ("3 < 5 et 6 > 2", True),
    ],
)  # fmt: skip
def test_what_can_be_sent(text: str, ok: bool) -> None:
    assert sendable(text) is ok


def test_shape_judges_all_that_is_shown() -> None:
    short, long = {"text": "Oui."}, {"text": "a" * 351}
    four = Prediction(example_id="q", output={"suggestions": [short] * 4})
    assert values(ShapeScorer(), asked(), four) == [1, 0, 4]
    two = Prediction(example_id="q", output={"suggestions": [short, long]})
    assert values(ShapeScorer(), asked(), two) == [0, 1, 4]
    assert values(ShapeScorer(400), asked(), two) == [1, 1, 4]
    assert why(ShapeScorer(), asked(), QUIET) == "silence"


TURNS = [{"role": "customer", "text": "Four mort."}, {"id": "b", "role": "agent", "text": "Envoyé hier."}]
THREAD = Example(
    id="t",
    inputs={"turns": TURNS},
    expected={
        "summary": {"issue": "Four mort.", "done": "Envoyé.", "resolution": "", "next_step": "Attendre."},
        "evidence": {"issue": [0], "done": [1], "resolution": [], "next_step": [1]},
    },
)


def test_summaries_by_pointers_sections_and_words() -> None:
    note = {
        "issue": [{"text": "Four mort.", "messages": ["0", "b"]}],
        "done": [{"text": "Envoyé ce matin.", "messages": ["b", "7"]}],
        "resolution": [], "next_step": [],
    }  # fmt: skip
    made = values(SummaryScorer(), THREAD, Prediction(example_id="t", output=note))
    assert made == [2 / 4, 2 / 3, 3 / 4, 1 / 2, 3 / 4]
    bare = Example(id="t", inputs={"turns": TURNS}, expected={"summary": "Four mort."})
    assert values(SummaryScorer(), bare, Prediction(example_id="t", output=note))[:2] == [None, None]
    empty = Prediction(example_id="t", output={"issue": []})
    assert values(SummaryScorer(), THREAD, empty) == [None, 0, None, None, 1 / 4]


TEXT = "Marie, 06 11 22, a@b.fr"
SPANS = [{"start": 0, "end": 5, "type": "NAME"}, {"start": 7, "end": 15, "type": "PHONE"}]


def seen(*places: tuple[int, int], text: str | None = None) -> Prediction:
    spans = [{"start": start, "end": end, "type": "name"} for start, end in places]
    return Prediction(example_id="q", output={"spans": spans} | ({"text": text} if text is not None else {}))


@pytest.mark.parametrize(
    ("prediction", "expected"),
    [
        (seen((0, 5), (7, 15)), [1, 1, 0, 1, 1]),
        (seen((7, 9), (10, 12), (13, 15)), [0.5, 1, 1, 0, 1]),  # the spaces inside a number hide nothing
        (seen((0, 5), (7, 12), (17, 20)), [0.5, 2 / 3, 1, 1, 0]),
        (seen(), [0, None, 1, 0, 0]),
        (seen((0, 15), text="[NAME], a@b.fr"), [1, 1, 0, 1, 1]),
        (seen((0, 15), text="[NAME] Marie"), [1, 1, 1, 1, 1]),
        (seen((0, 15), text="Mariette"), [1, 1, 0, 1, 1]),
    ],
)
def test_personal_spans(prediction: Prediction, expected: list[float | None]) -> None:
    example = Example(id="q", inputs={"text": TEXT}, expected={"spans": SPANS})
    assert values(PrivacyScorer(("NAME", "PHONE")), example, prediction) == expected


def test_a_row_without_anything_personal_leaks_nothing() -> None:
    clean = Example(id="q", inputs={"text": "Bonjour"}, expected={"spans": []})
    assert values(PrivacyScorer(("NAME",)), clean, seen((0, 7))) == [None, 0, 0, None]
    (score, *_) = PrivacyScorer().score(clean, Prediction(example_id="q", output={}))
    assert (score.status, score.reason) == ("error", "KeyError")


@given(st.text(max_size=20), st.data())
@settings(max_examples=50, deadline=None)
def test_a_span_covers_itself_and_all_inside_it(text: str, data: Any) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert covered(text, [{"start": start, "end": end}], [(start, end)]) == [True]
    assert covered(text, [{"start": start, "end": end}], [(0, len(text))]) == [True]


RIGHT = {"text": QUOTE, "citations": [cite()]}
WRONG = {"text": "Cinq jours.", "citations": [cite("Autre.", passage_id="b#")]}


@pytest.mark.parametrize(
    ("suggestions", "drafts", "documents", "stage"),
    [
        ([RIGHT], [RIGHT], (PASSAGE.id,), "none"),
        ([], [WRONG], ("b#",), "retrieval"),
        ([WRONG], [WRONG], ("b#",), "retrieval"),
        ([], [WRONG], ("b#", PASSAGE.id), "drafting"),
        ([WRONG], [WRONG], (PASSAGE.id,), "drafting"),
        ([], [WRONG, RIGHT], (PASSAGE.id,), "withheld"),
        ([], [RIGHT], (), "withheld"),
        ([WRONG], [WRONG, RIGHT], (PASSAGE.id,), "misjudged"),
        ([WRONG, RIGHT], None, (PASSAGE.id,), "misjudged"),
        ([], None, ("b#",), "retrieval"),
        ([], None, (PASSAGE.id,), None),
    ],
)
def test_blame(suggestions: Any, drafts: Any, documents: tuple[str, ...], stage: str | None) -> None:
    output = {"suggestions": suggestions} | ({} if drafts is None else {"drafts": drafts})
    prediction = Prediction(example_id="q", output=output, documents=documents)
    assert blame(asked(**GOLD), prediction) == stage
    made = values(BlameScorer(), asked(**GOLD), prediction)
    assert made == [None if stage is None else float(one == stage) for one in STAGES]


def test_nobody_is_to_blame_for_what_cannot_be_answered() -> None:
    for expected in ({"answerable": False}, GOLD | {"ask": "order_id"}):
        assert why(BlameScorer(), asked(**expected), QUIET) == "another task"
    assert (
        why(BlameScorer(), asked(**GOLD), Prediction(example_id="q", error="Timeout")) == "prediction failed"
    )


def test_the_blame_of_a_run_by_slice() -> None:
    def example(number: int, lang: str, **changes: Any) -> Example:
        return Example(id=f"r{number}", inputs={"query": "?"}, slices={"lang": lang}, expected=GOLD | changes)

    def answered(number: int, suggestions: Any, drafts: Any, *documents: str, **more: Any) -> Prediction:
        output = {"suggestions": suggestions, "drafts": drafts}
        return Prediction(example_id=f"r{number}", output=output, documents=documents, **more)

    examples = (
        example(0, "fr"), example(1, "fr"), example(2, "en"), example(3, "en"),
        example(4, "es", answerable=False), example(5, "fr"),
    )  # fmt: skip
    predictions = (
        answered(0, [RIGHT], [RIGHT], PASSAGE.id),
        answered(1, [], [RIGHT], PASSAGE.id),
        answered(2, [], [], "b#"),
        Prediction(example_id="r3", error="Timeout"),
        answered(4, [], []),
        answered(1, [RIGHT], [RIGHT], PASSAGE.id, epoch=1),
    )
    run = Run(
        id="r", name="suggest", question="", created="", system={},
        dataset=DatasetRef(name="toy", split="dev", sha256="a" * 64, rows=6),
    )  # fmt: skip
    splits = {split.slice: split for split in blame_splits(Recorded(run, examples, predictions, ()))}
    assert set(splits) == {"all", "lang=fr", "lang=en"}  # nothing of es can be answered
    whole = splits["all"]
    assert (whole.n, whole.unknown) == (3, ("r3",))
    assert whole.as_dict()["lost"] == {
        "retrieval": ["r2"],
        "drafting": [],
        "withheld": ["r1"],
        "misjudged": [],
    }
    assert sum(one["value"] for one in whole.shares().values()) == pytest.approx(1, abs=1e-3)
    assert splits["lang=fr"].shares()["withheld"]["value"] == 0.5
