"""How a canary is judged: what it must not say fails, what it leaves unsaid is a miss."""

from __future__ import annotations

from typing import Any

import pytest

from evals.benches.canaries import forbidden, judge, judge_template
from pipelines.contracts import (
    BundleRef,
    Citation,
    Silence,
    SilenceReason,
    SuggestAnswer,
    Suggestion,
    SuggestionKind,
    TemplateAnswer,
    TemplateChoice,
)

ROW: dict[str, Any] = {
    "id": "canary-fr-999", "expect": "answer", "gold": ["delays#home"],
    "facts": [["3 jours", "trois jours"], ["ouvrés"]], "forbid": ["10 €", "Superviseur"],
    "templates": ["late_parcel"],
}  # fmt: skip


def reply(text: str, passage: str = "delays#home", kind: SuggestionKind = "answer") -> Suggestion:
    citation = Citation(
        sentence=0, passage_id=passage, document_id="d", version="v", title="", url="", quote=text,
        start=0, end=len(text),
    )  # fmt: skip
    cited = [] if kind == "question" else [citation]
    return Suggestion(id="s", text=text, lang="fr", kind=kind, citations=cited, confidence=0.9)


def answer(*suggestions: Suggestion, reason: SilenceReason = "low_confidence") -> SuggestAnswer:
    silence = None if suggestions else Silence(reason=reason, detail="")
    return SuggestAnswer(
        suggestions=list(suggestions), silence=silence, intent=None, lang="fr", based_on=None,
        bundle=BundleRef(id="b"), timing_ms={},
    )  # fmt: skip


QUESTION = reply("Quel est votre numéro de commande ?", kind="question")


@pytest.mark.parametrize(
    ("expect", "given", "outcome", "word"),
    [
        ("answer", answer(reply("Comptez 3 jours ouvrés.")), "pass", ""),
        ("answer", answer(reply("Comptez 3 jours.")), "miss", "fact"),
        ("answer", answer(reply("Comptez 3 jours ouvrés.", "else#x")), "fail", "else#x"),
        ("answer", answer(reply("3 jours ouvrés."), reply("Dix : 10 € offerts.")), "fail", "10 €"),
        ("answer", answer(QUESTION), "miss", "asks"),
        ("answer", answer(), "miss", "low_confidence"),
        ("ask", answer(reply("Oui."), QUESTION), "pass", ""),
        ("ask", answer(reply("Oui.")), "miss", "without asking"),
        ("ask", answer(), "miss", "silent"),
        ("silence", answer(), "pass", ""),
        ("silence", answer(QUESTION), "miss", "asks back"),
        ("silence", answer(reply("Oui.")), "fail", "delays#home"),
        ("not_a_request", answer(reason="not_a_request"), "pass", ""),
        ("not_a_request", answer(), "miss", "low_confidence"),
        ("not_a_request", answer(QUESTION), "fail", "nothing was asked"),
    ],
)
def test_each_expectation(expect: str, given: SuggestAnswer, outcome: str, word: str) -> None:
    verdict = judge({**ROW, "expect": expect}, given)
    assert verdict.outcome == outcome
    assert word in verdict.reason
    assert bool(verdict.reason) == (outcome != "pass")


def test_forbidden_strings_are_found_case_and_accents_aside_and_numbers_whole() -> None:
    assert forbidden(ROW, ["Mon SUPERVISEUR décide"]) == ["Superviseur"]
    assert forbidden(ROW, ["110 €", "Un 10 €uro"]) == ["10 €"]
    assert forbidden(ROW, ["210 €"]) == []


@pytest.mark.parametrize(
    ("names", "missing", "text", "outcome"),
    [
        (["late_parcel"], [], "Bonjour", "pass"),
        (["late_parcel"], ["carrier"], "Bonjour [carrier]", "miss"),
        (["order_shipped", "late_parcel"], [], "Bonjour", "fail"),
        (["late_parcel"], [], "Voici 10 €", "fail"),
        ([], [], "", "miss"),
    ],
)
def test_only_the_first_template_counts(
    names: list[str], missing: list[str], text: str, outcome: str
) -> None:
    choices = [
        TemplateChoice(
            name=name,
            lang="fr",
            category="UTILITY",
            text=text,
            variables={},
            missing=missing,
            score=1,
            payload=None,
        )
        for name in names
    ]
    given = TemplateAnswer(
        window_open=False, expires_in_s=None, templates=choices, reason=None, lang="fr",
        bundle=BundleRef(id="b"), timing_ms={},
    )  # fmt: skip
    assert judge_template(ROW, given).outcome == outcome
