"""The help centre: whole in three languages, readable without a problem, true to the facts of the brand."""

import re
from collections import Counter
from pathlib import Path

import pytest

from pipelines.contracts import Document
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split

ROOT = Path(__file__).parents[2] / "datasets"
READING = read_folder(ROOT / "knowledge")
DOCUMENTS = READING.documents
PUBLIC = [d for d in DOCUMENTS if d.audience == "public"]
INTERNAL = [d for d in DOCUMENTS if d.audience != "public"]

DERIVED = {
    183.0,  # a third of the 549 euros of the Ruisseau 8: the example of PayFlex in three instalments
}
"""Amounts that follow from the facts of the brand without being among them."""

_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+(?:[.,]\d+)*"
_AMOUNT = re.compile(rf"€\s?({_NUMBER})|({_NUMBER})[ \u00a0\u202f]?(?:€|euros?\b|EUR\b)")
_PERCENTAGE = re.compile(r"(\d+(?:[.,]\d+)?)[ \u00a0\u202f]?%")


def amounts(text: str) -> set[float]:
    """Amounts in euros, however the three languages write them."""
    return {number(match[1] or match[2]) for match in _AMOUNT.finditer(text)}


def number(written: str) -> float:
    plain = re.sub(r"[ \u00a0\u202f]", "", written)
    return float(re.sub(r"[.,](?=\d{3}$)", "", plain).replace(",", "."))


@pytest.fixture(scope="module")
def brand() -> str:
    return (ROOT / "cards" / "brand.md").read_text(encoding="utf-8")


def test_everything_is_readable() -> None:
    assert READING.problems == []
    assert len({d.id for d in DOCUMENTS}) == len(DOCUMENTS)


def test_enough_in_each_language() -> None:
    counts = Counter((d.lang, d.kind) for d in PUBLIC)
    for lang in ("fr", "en", "es"):
        assert counts[lang, "article"] >= 60
        assert counts[lang, "macro"] >= 25
    slugs = {lang: {d.id.removesuffix(f".{lang}") for d in PUBLIC if d.lang == lang} for lang in ("en", "es")}
    assert slugs["en"] == slugs["es"]


def test_front_matter_is_complete() -> None:
    labels = set(
        re.findall(r"^\| (\w+) \|", (ROOT / "cards" / "intents.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for d in DOCUMENTS:
        assert d.id.endswith(f".{d.lang}"), d.id
        assert d.title != d.id, d.id
        assert d.url.startswith("https://aide.cerfeuil.example/"), d.id
        assert f"/{d.lang}/" in d.url, d.id
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", d.updated), d.id
        assert d.intents, d.id
        assert set(d.intents) <= labels, d.id
        assert d.category, d.id


def test_only_internal_articles_are_for_agents() -> None:
    assert {d.audience for d in DOCUMENTS} == {"public", "agent"}
    assert all(d.id.startswith("agent-") for d in INTERNAL)
    assert not [d.id for d in PUBLIC if d.id.startswith("agent-")]


def test_macros_declare_their_variables() -> None:
    for path in sorted((ROOT / "knowledge" / "macros").rglob("*.md")):
        front, body = path.read_text(encoding="utf-8").split("---\n", 2)[1:]
        declared = re.search(r"^variables: \[(.*)\]$", front, re.MULTILINE)
        assert declared, path.name
        names = {name.strip() for name in declared[1].split(",") if name.strip()}
        assert names == set(re.findall(r"\{\{(\w+)\}\}", body)), path.name
    assert not [d.id for d in DOCUMENTS if d.kind == "article" and "{{" in d.text]


def test_every_passage_can_be_cited() -> None:
    for document in DOCUMENTS:
        passages = split(document)
        assert passages, document.id
        assert len({p.id for p in passages}) == len(passages), document.id
        for passage in passages:
            assert passage.sentences, passage.id
            assert all(passage.text[start:end].strip() for start, end in passage.sentences), passage.id


def stray(
    documents: list[Document], found: dict[str, set[float]], known: set[float]
) -> dict[str, set[float]]:
    return {d.id: found[d.id] - known for d in documents if found[d.id] - known}


def test_public_amounts_are_those_of_the_brand(brand: str) -> None:
    found = {d.id: amounts(d.title + "\n" + d.text) for d in PUBLIC}
    assert sum(len(values) for values in found.values()) > 150, "the amounts are recognised"
    assert stray(PUBLIC, found, amounts(brand) | gift_card_bounds(brand) | DERIVED) == {}


def gift_card_bounds(brand: str) -> set[float]:
    """Both ends of "20 to 300 €"."""
    return {float(low) for low in re.findall(r"(\d+) to \d+ €", brand)}


def test_public_percentages_are_those_of_the_brand(brand: str) -> None:
    known = {number(m) for m in _PERCENTAGE.findall(brand)}
    known |= {float(low) for low in re.findall(r"(\d+) to \d+ %", brand)}
    found = {d.id: {number(m) for m in _PERCENTAGE.findall(d.text)} for d in PUBLIC}
    assert stray(PUBLIC, found, known) == {}


def test_contact_facts_are_those_of_the_brand(brand: str) -> None:
    patterns = (r"[\w.]+@[\w.]+\w", r"\b0\d(?: \d\d){4}\b", r"https?://[\w./-]*\w", r"\bCRF-[A-Z]{2}\d+\b")
    for document in PUBLIC:
        for pattern in patterns:
            unknown = {v for v in re.findall(pattern, document.text) if v not in brand}
            assert not unknown, document.id


def test_the_caps_of_goodwill_are_told_once() -> None:
    """The repair procedure points to the one on goodwill instead of telling other levels."""
    by_id = {d.id: d.text for d in INTERNAL}
    assert "jusqu'à 60 €" in by_id["agent-goodwill.fr"]
    assert "superviseur jusqu'à 60 €" in by_id["agent-repair-triage.fr"]
    assert "40 €" not in by_id["agent-repair-triage.fr"]
