"""Is a reply right, how often, and how sure are we of that share?"""

from __future__ import annotations

import math
from typing import Any

import pytest

from evals.benches.answers import Outcome, measure, risk_coverage
from evals.scorers.grounded import asks_back, grade
from evals.statistics.wilson import share
from pipelines.contracts import Action, BundleRef, Citation, Silence, SuggestAnswer, Suggestion

QUOTE = "La livraison standard prend 3 jours ouvrés."
ROW: dict[str, Any] = {
    "id": "a", "lang": "fr", "answerable": True, "ask": None,
    "gold": ["livraison#delai"], "quotes": [QUOTE], "facts": [["3 jours", "trois jours"]],
}  # fmt: skip


def cited(quote: str = QUOTE, passage: str = "livraison#delai") -> Citation:
    return Citation(
        sentence=0, passage_id=passage, document_id=passage.split("#")[0], version="v", title="", url="",
        quote=quote, start=0, end=len(quote),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "citations", "changes", "expected"),
    [
        (QUOTE, [cited()], {}, "full"),
        ("Comptez TROIS JOURS.", [cited("Comptez trois jours ouvrés.")], {}, "full"),
        ("Comptez 3 jours.", [], {}, "wrong"),
        ("Comptez 3 jours.", [cited("Comptez 3 jours pour un retour.", "retours#")], {}, "wrong"),
        (QUOTE, [cited(passage="copie#")], {}, "full"),
        ("La livraison standard.", [cited("La livraison standard prend")], {}, "partial"),
        ("Cinq jours.", [cited("Autre phrase du même passage.")], {}, "wrong"),
        ("Oui.", [cited("Oui.")], {"quotes": ["Oui."], "facts": []}, "wrong"),
        (QUOTE, [cited()], {"facts": []}, "full"),
        (QUOTE, [cited()], {"facts": [["3 jours"], ["4,90"]]}, "partial"),
        ("", [], {}, "wrong"),
    ],
)
def test_grades(text: str, citations: list[Citation], changes: dict[str, Any], expected: str) -> None:
    assert grade(text, citations, ROW | changes) == expected


def test_asking_back_must_ask_for_the_right_fact() -> None:
    assert asks_back([("answer", ""), ("question", "order_id")], {"ask": "order_id"})
    assert not asks_back([("question", "product")], {"ask": "order_id"})
    assert not asks_back([("answer", "order_id")], {"ask": "order_id"})
    assert not asks_back([], {"ask": "order_id"})


def test_a_share_of_nothing_is_not_zero() -> None:
    assert share(0, 0) == {"value": None, "low": None, "high": None, "n": 0}


@pytest.mark.parametrize("total", [1, 7, 100, 10_000])
def test_shares_lie_in_their_interval(total: int) -> None:
    for count in {0, total // 3, total}:
        made = share(count, total)
        assert 0 <= made["low"] <= made["value"] <= made["high"] <= 1
    assert share(0, total)["high"] > 0
    assert share(total, total)["low"] < 1


def test_the_interval_is_wilsons() -> None:
    # Solved the other way round: the bounds are where |p - 0.3| is z standard errors of p.
    made = share(30, 100)
    for bound in (made["low"], made["high"]):
        assert abs(bound - 0.3) / math.sqrt(bound * (1 - bound) / 100) == pytest.approx(1.96, abs=0.01)


def reply(*suggestions: Suggestion, reason: Any = "low_confidence") -> SuggestAnswer:
    silence = None if suggestions else Silence(reason=reason, detail="")
    return SuggestAnswer(
        suggestions=list(suggestions), silence=silence, intent=None, lang="fr", based_on="0",
        bundle=BundleRef(id="b"), timing_ms={},
    )  # fmt: skip


def said(text: str, *citations: Citation, kind: Any = "answer", fact: str = "") -> Suggestion:
    actions = [Action(kind="ask", label=fact, value=fact)] if fact else []
    return Suggestion(
        id="s", text=text, lang="fr", kind=kind, citations=list(citations), confidence=0.9, actions=actions
    )


RIGHT, WRONG = said(QUOTE, cited()), said("Dix jours.", cited("Un retour prend dix jours.", "retours#"))
QUESTION = said("Quel numéro ?", kind="question", fact="order_id")
SILENT = ROW | {"answerable": False, "gold": [], "quotes": [], "facts": []}
ASKS = ROW | {"ask": "order_id"}


def test_the_figures_of_a_bench() -> None:
    figures = measure(
        [
            Outcome(ROW, reply(RIGHT, WRONG), reply(), 0.9, "full", (True, True)),
            Outcome(ROW, reply(WRONG), reply(WRONG), 0.8, "wrong", (False,)),
            Outcome(ROW, reply(), reply(QUESTION), 0.2, "full"),
            Outcome(ROW, reply(QUESTION), None, None, "wrong"),
            Outcome(SILENT, reply(reason="no_evidence"), None, 0.1, "wrong"),
            Outcome(SILENT, reply(WRONG), None, 0.7, "wrong", (True,)),
            Outcome(ASKS, reply(QUESTION), None, None, "wrong"),
            Outcome(ASKS, reply(RIGHT), None, None, "wrong"),
        ]
    )
    values = {name: (f["value"], f["n"]) for name, f in figures.items() if name != "silence_reasons"}
    assert values == {
        "coverage": (0.5, 4),
        "wrong": (0.5, 2),
        "wrong_any_suggestion": (0.6667, 3),
        "full": (0.5, 2),
        "wrong_with_unanswerable": (0.6667, 3),
        "silence_unanswerable": (0.5, 2),
        "silence_without_gold": (0.6667, 3),
        "silence_without_gold_strict": (0.3333, 3),
        "asked_back": (0.5, 2),
        "verbatim_citations": (0.75, 4),
    }
    assert figures["silence_reasons"] == {"low_confidence": 1, "no_evidence": 1}


def test_figures_of_nothing_are_none() -> None:
    assert measure([])["coverage"]["value"] is None
    assert risk_coverage([]) == []


def test_risk_rises_with_coverage_when_confidence_is_good() -> None:
    outcomes = [Outcome(ROW, reply(), None, 1 - i / 10, "wrong" if i >= 5 else "full") for i in range(10)]
    points = risk_coverage([*outcomes, Outcome(SILENT, reply(), None, 1.0, "wrong")])
    assert [point["coverage"] for point in points] == [i / 10 for i in range(1, 11)]
    assert points[4] == {"coverage": 0.5, "risk": 0.0, "confidence": 0.6}
    assert points[-1]["risk"] == 0.5
