"""A sentence about the neighbour of what was asked is not said: another code, lot, place or product."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.contracts import Hit, Passage
from pipelines.drafting import naming
from pipelines.drafting.composing import Composer, Style
from pipelines.drafting.evidence import FEATURES, Candidate
from pipelines.drafting.inquiry import Question
from pipelines.drafting.misfits import Asked, Misfits
from pipelines.drafting.naming import SentenceNames, codes, refers
from pipelines.drafting.page_words import PageWords
from pipelines.drafting.places import places, speaks_of_abroad
from pipelines.knowledge.catalogue import Catalogue, Product
from pipelines.knowledge.passage_words import passage_words
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.text import fold, sentence_spans
from pipelines.text.runs import long_numbers, ranges

CATALOGUE = Catalogue(
    [
        Product("V-1", "Lueur X2", {"fr": ("lampe",), "en": ("lamp",), "es": ("lámpara",)}),
        Product("V-2", "Houle 8", {"fr": ("pompe",), "en": ("pump",), "es": ("bomba",)}),
    ]
)


def passage(text: str, lang: str = "fr", heading: str = "", kind: str = "article") -> Passage:
    return Passage(
        f"doc#{heading}", "doc", "v", lang, "Notice", heading, text, sentences=tuple(sentence_spans(text)),
        kind=kind,
    )  # fmt: skip


def asked(text: str, lang: str = "fr") -> Asked:
    return Asked(
        codes(text, CATALOGUE.parts), places(text), CATALOGUE.mentions(text, lang), long_numbers(text)
    )


def misfits(question: str, *pages: Passage) -> list[list[bool]]:
    found = Misfits(asked(question, pages[0].lang), [Hit(page, 1.0, 1.0, 1.0) for page in pages])
    return [found.of_passage(page, PageWords.of(page, passage_words(page), CATALOGUE)) for page in pages]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("la machine affiche E04", {"e4"}),
        ("code i10, puis F-11 !", {"i10", "f11"}),
        ("erreur n° 8", {"#8"}),
        ("Error 5 again", {"#5"}),
        ("codigo E 12", {"e12"}),
        ("ma Lueur X2 à 40 m2 de 8 h 30, prise le 3 mars", set()),
        ("commande CF-20417733, 12,5 kg", set()),
    ],
)
def test_codes_of_a_display(text: str, expected: set[str]) -> None:
    assert codes(text, CATALOGUE.parts) == expected


def test_long_numbers_ranges_and_pointers() -> None:
    assert long_numbers("lot 24190, payé 1200 € le 12/03/2026, SN7710023468") == {24190}
    assert ranges("lotes 2419 a 2426, de 9 a 18 h") == {(2419, 2426)}
    assert ranges("from 2426 to 2419") == frozenset()
    assert refers("The rest is explained in the article “Fees”.")
    assert refers("Este caso se explica en «Gastos».")
    assert not refers("Renvoyez l'article dans sa boîte.")


def test_places_and_what_is_said_of_abroad() -> None:
    assert places("vivo en Zaragoza, cerca de Francia") == {"spain"}
    assert places("¿hacéis envíos a Valencia?") == {"spain"}
    assert places("hora de París") == places("9 am Paris time") == frozenset()
    assert places("My nan is in Belfast") == {"ulster", "uk"}
    assert speaks_of_abroad("We deliver to no other country.") is True
    assert speaks_of_abroad("La livraison coûte 5 €.") is False


CODES = "Le code E04 concerne la vidange. Le code E12 concerne l'arrivée d'eau. Débranchez avant d'ouvrir."


def test_another_code_is_no_answer() -> None:
    assert misfits("ma pompe affiche e4", passage(CODES)) == [[False, True, False]]
    assert misfits("ma pompe affiche E99", passage(CODES)) == [[True, True, False]]
    assert misfits("comment vider la pompe ?", passage(CODES)) == [[False, False, False]]


def test_a_section_under_another_codes_heading_is_none_either() -> None:
    page = passage("Ouvrez le robinet en grand.", heading="E12 : pas d'eau")
    assert misfits("E04 sur la pompe", page) == [[True]]
    assert misfits("E12 sur la pompe", page) == [[False]]


def test_the_same_code_of_another_product_is_none() -> None:
    page = passage("The pump shows F2 when its tank is full.", "en")
    assert misfits("F2 on my lamp", page) == [[True]]
    assert misfits("F2 on my pump", page) == [[False]]


def test_another_place_is_no_answer_but_a_rule_for_abroad_is() -> None:
    page = passage("Envoi en Belgique : 9 €. Pas d'express vers la Corse ni l'étranger. Livré en 3 jours.")
    assert misfits("combien pour Dublin ?", page) == [[True, False, False]]
    assert misfits("combien pour Bruxelles ?", page) == [[False, False, False]]
    assert misfits("combien pour Tours ?", page) == [[False, False, False]]


RECALLS = {
    "fr": (
        "Le rappel vise les lots 2419 à 2426 inclus.",
        "Débranchez-la et ne l'utilisez plus.",
        "Une lampe dont le lot n'est pas compris dans le rappel peut continuer à être utilisée.",
    ),
    "en": (
        "The recall covers lots 2419 to 2426 inclusive.",
        "Unplug it and stop using it.",
        "A lamp from any other lot can go on being used as normal.",
    ),
    "es": (
        "La retirada afecta a los lotes 2419 a 2426.",
        "Desenchúfela y no la use más.",
        "Una lámpara de otro lote se puede seguir usando con normalidad.",
    ),
}


@pytest.mark.parametrize("lang", sorted(RECALLS))
def test_that_a_recalled_thing_may_be_used_is_told_to_nobody_who_may_hold_one(lang: str) -> None:
    page = passage(" ".join(RECALLS[lang]), lang)
    assert misfits("lot 2422", page) == [[False, False, True]], "it is of a recalled lot"
    assert misfits("2431 ?", page) == [[False, True, False]], "it is of another lot"
    assert misfits("ok ?", page) == [[False, False, True]], "nobody knows of which lot"
    only = passage(RECALLS[lang][2], lang)
    assert misfits("2431 ?", only) == [[True]], "the list of lots was not found: nothing to compare with"


def test_a_macro_falls_as_a_whole() -> None:
    assert misfits("ma pompe affiche e4", passage(CODES, kind="macro")) == [[True, True, True]]


QUESTION = Question("q", "q", "fr", np.zeros(384, np.float32), np.zeros(384, np.float32), {})


def candidates(**signs: tuple[float, ...]) -> list[Candidate]:
    page = passage("Elle se nettoie à sec. Débranchez-la et ne l'utilisez plus. Autre chose encore.")
    rows = np.zeros((len(page.sentences), len(FEATURES)))
    for name, values in signs.items():
        rows[:, FEATURES.index(name)] = values
    return [
        Candidate(Hit(page, 1.0, 1.0, 1.0), 0, i, start, end, rows[i])
        for i, (start, end) in enumerate(page.sentences)
    ]


def test_the_composer_leaves_misfits_out() -> None:
    composer, scores = Composer(Style()), np.array([3.0, 1.0, 0.0])
    (draft,) = composer.drafts(QUESTION, candidates(misfit=(1, 0, 0)), scores, {})[:1]
    assert "nettoie" not in draft.text
    assert composer.drafts(QUESTION, candidates(misfit=(1, 1, 1)), scores, {}) == []


def test_what_stands_beside_the_lead_is_said_before_what_is_as_good_elsewhere() -> None:
    here = candidates()
    there = passage("Un avis venu de loin.", heading="loin")
    there = replace(there, id="other#loin", document_id="other")
    signs = np.zeros(len(FEATURES))
    far = [Candidate(Hit(there, 1.0, 1.0, 1.0), 1, 0, start, end, signs) for start, end in there.sentences]
    scores = np.array([3.0, 1.0, 0.9, 1.1])
    draft = Composer(Style()).drafts(QUESTION, [*here, *far], scores, {})[0]
    assert draft.text == here[0].passage.text, "all of the passage, and nothing from afar"


def test_a_warning_comes_first() -> None:
    (draft,) = Composer(Style()).drafts(
        QUESTION, candidates(warned=(0, 1, 0)), np.array([3.0, 1.0, 0.0]), {}
    )[:1]
    assert draft.text.startswith("Débranchez-la et ne l'utilisez plus.")


def test_who_is_warned() -> None:
    page = passage(" ".join(RECALLS["fr"]))
    for number, expected in (("2422", True), ("2431", False), ("", False)):
        found = Misfits(asked(f"lot {number}"), [Hit(page, 1.0, 1.0, 1.0)])
        other = replace(page, heading="Un autre lot")
        assert found.warns(page, PageWords.of(page, passage_words(page), CATALOGUE).sentences[1]) is expected
        assert found.settles(page) is bool(number)
        assert not found.warns(other, PageWords.of(other, passage_words(other), CATALOGUE).sentences[1])


def test_who_is_told_that_it_may_be_used() -> None:
    page = replace(
        passage("Un article d'un autre lot peut continuer à être utilisé."), heading="Un autre lot"
    )
    lots = passage(" ".join(RECALLS["fr"]))
    for number, expected in (("2422", False), ("2431", True), ("", False)):
        hits = [Hit(lots, 1.0, 1.0, 1.0), Hit(page, 1.0, 1.0, 1.0)]
        [sentence] = PageWords.of(page, passage_words(page), CATALOGUE).sentences
        assert Misfits(asked(f"lot {number}"), hits).warns(page, sentence) is expected


def test_northern_ireland_is_not_ireland() -> None:
    assert places("en Irlande du Nord ?") == places("Northern Ireland") == {"ulster", "uk"}
    assert not places("do you ship to Ireland?") & places("Northern Ireland is part of the United Kingdom")


@pytest.mark.parametrize(
    "text",
    [
        "Our delivery article says more.",
        "Un article séparé : voir l'article « Frais ».",
        "Voir en « Retours ».",
        "Está en nuestro artículo sobre pagos.",
        "See the separate article.",
        "Rien de tel.",
        "",
        "Il peut être utilisé.",
        "Continuez !",
        "It may still be used.",
        "Keep on using it.",
        "Go on being used.",
        "Se puede seguir usando.",
        "Puede seguir así.",
        "Elle continue à être utilisée.",
        "Nous ne savons pas.",
    ],
)
def test_what_is_looked_for_first_hides_no_form(text: str) -> None:
    found, folded = SentenceNames(text, ""), fold(text)
    assert found.refers == refers(text) == bool(naming._REFERS.search(folded))
    assert found.permits == bool(naming._GO_ON.search(folded))


def test_every_sentence_of_the_help_centre_is_read_as_the_whole_forms_read_it() -> None:
    for document in read_folder(Path("datasets/knowledge")).documents:
        for page in split(document):
            for start, end in page.sentences:
                text = page.text[start:end]
                found, folded = SentenceNames(text, page.heading), fold(text)
                assert found.refers == bool(naming._REFERS.search(folded))
                assert found.permits == bool(naming._GO_ON.search(folded))
