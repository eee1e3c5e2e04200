"""Nothing passes that its source does not carry: each test forges one thing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipelines.contracts import Citation, Draft, DraftSentence, Hit, Message, Passage
from pipelines.drafting.verification import Verifier

TEXT = (
    "La livraison standard prend 3 jours ouvrés et coûte 4,90 €. Un retour est possible sous dix jours. "
    "Appelez le 01 23 45 67 89 ou écrivez à aide@velo.example avant le 12 mars. "
    "Bonjour {{first_name}}, la commande {{order_id}} est partie."
)
PASSAGE = Passage(
    "p#a", "p", "v1", "fr", "Livraison", "Combien de temps ?", TEXT, url="https://velo.example/p"
)
HITS = [Hit(PASSAGE, 5.0, 3.0, 0.7)]
LEAD = "La livraison standard prend 3 jours ouvrés et coûte 4,90 €."


def cite(span: str, /, **changes: object) -> Citation:
    start = TEXT.find(span)
    value = {
        "sentence": 0, "passage_id": "p#a", "document_id": "p", "version": "v1", "title": "Livraison",
        "url": PASSAGE.url, "quote": span, "start": start, "end": start + len(span),
    }  # fmt: skip
    return Citation.model_validate(value | changes)


def draft(*sentences: DraftSentence) -> Draft:
    return Draft("answer", sentences, "fr")


def verdict(
    text: str,
    citation: Citation | None,
    said: str = "",
    context: dict[str, str] | None = None,
    factual: bool = True,
) -> list[str]:
    """Reasons for which one sentence is dropped; empty when it is kept."""
    messages = [Message(role="customer", text=said)]
    sound = DraftSentence(LEAD, cite(LEAD))
    result = Verifier(["velo.example"]).run(
        [draft(sound, DraftSentence(text, citation, factual))], HITS, messages, context or {}
    )
    (kept,) = result["drafts"]
    assert (text in [s.text for s in kept.sentences[1:]]) == (not result["dropped"])
    return list(result["dropped"])


def test_a_verbatim_sentence_is_kept() -> None:
    assert verdict(LEAD, cite(LEAD)) == []


@pytest.mark.parametrize(
    "forged",
    [
        cite(LEAD, quote="La livraison standard prend 2 jours ouvrés et coûte 4,90 €."),
        cite(LEAD, start=1),
        cite(LEAD, end=len(LEAD) + 1),
        cite(LEAD, start=-len(LEAD), end=0),
        cite("", start=0, end=0),
        cite(LEAD, start=10_000, end=10_059),
    ],
)
def test_a_forged_quote(forged: Citation) -> None:
    assert verdict(LEAD, forged) == ["quote_not_verbatim"]


@pytest.mark.parametrize("changes", [{"passage_id": "q#a"}, {"version": "v0"}, {"passage_id": ""}])
def test_a_passage_that_was_not_retrieved_or_is_of_another_version(changes: dict[str, str]) -> None:
    assert verdict(LEAD, cite(LEAD, **changes)) == ["unknown_passage"]


def test_a_fact_without_a_source() -> None:
    assert verdict("La livraison prend du temps.", None) == ["no_citation"]


@pytest.mark.parametrize(
    "altered",
    [
        LEAD.replace("3", "2"),
        LEAD.replace("3", "1"),  # "un retour" is no number
        LEAD.replace("3", "33"),
        LEAD.replace("3", "45"),  # a part of the phone number
        LEAD.replace("3", "12"),  # the day of a date
        LEAD.replace("3 jours", "3 heures"),
        LEAD.replace("4,90 €", "4,90 %"),
        LEAD.replace("3", "4,90").replace("4,90 €", "3 €"),
        LEAD.replace("4,90", "4,09"),
        LEAD.replace("4,90", "490"),
        LEAD.replace("4,90 €", "4,90 € dont 20 % de taxe"),
        LEAD.replace("3 jours", "3 jours (E5)"),
        LEAD.replace("coûte", "avant le 13 mars coûte"),
        LEAD.replace("coûte", "avant le 12 avril coûte"),
        LEAD.replace("coûte", "avant avril 12 coûte"),
        LEAD.replace("coûte", "appelez le 01 23 45 67 90 coûte"),
        LEAD.replace("coûte", "appelez le 01 89 45 67 23 coûte"),
        LEAD.replace("coûte", "écrivez à aide@velo.example.net coûte"),
        LEAD.replace("coûte", "écrivez à paie@velo.example coûte"),
    ],
)
def test_an_altered_fact(altered: str) -> None:
    assert verdict(altered, cite(LEAD)) == ["unknown_fact"]


def test_numbers_may_change_their_dress() -> None:
    quote = "Un retour est possible sous dix jours."
    assert verdict("Un retour est possible sous 10 jours.", cite(quote)) == []
    assert verdict(LEAD.replace("4,90 €", "4.9 euros"), cite(LEAD)) == []
    assert verdict(LEAD.replace("4,90 €", "€ 4.90"), cite(LEAD)) == []


@pytest.mark.parametrize(
    ("said", "context"),
    [
        ("ma commande VL-77 du 2 mai à 12 h 30", {}),
        ("", {"order_id": "VL-77", "date": "2 mai", "at": "12 h 30"}),
    ],
)
def test_a_fact_of_the_thread_or_the_context_may_be_said(said: str, context: dict[str, str]) -> None:
    text = "La commande VL-77 du 2 mai à 12 h 30 est partie, la livraison standard prend 3 jours ouvrés."
    quote = "La livraison standard prend 3 jours ouvrés"
    assert verdict(text, cite(quote), said, context) == []
    assert verdict(text, cite(quote)) == ["unknown_fact"]


def test_words_of_its_own_need_support() -> None:
    own = "Nos techniciens réparent votre batterie gratuitement chez vous."
    assert verdict(own, cite(LEAD)) == ["unsupported"]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/velo.example",
        "https://velo.example.evil.example/",
        "https://notvelo.example/",
        "https://velo.example@evil.example/",
        "https://evil.example\\.velo.example/",
        "https://evil.example#.velo.example",
        "https://evil.example?.velo.example",
        "https://velo.example:80@evil.example/",
        "https://evil.example%2f.velo.example/",
        "https://evil.example／.velo.example/",
        "https://[::1/",
        "ftp://velo.example/x",
        "javascript://velo.example/x",
        "HTTPS://EVIL.EXAMPLE/",
        "www.evil.example",
        "evil.example/x",
        "evil.example",
        "bit.ly",
    ],
)
def test_a_link_that_is_not_on_the_list(link: str) -> None:
    assert not Verifier(["velo.example"]).allowed(link)
    if "javascript" not in link and "ftp" not in link:
        assert verdict(f"{LEAD} Voir {link}", cite(LEAD)) == ["link"]
    # That a customer wrote it, or that it came with the context, makes it no better.
    assert verdict(f"Bonjour {link} !", None, said=link, factual=False) in (["link"], ["unknown_fact"], [])


@pytest.mark.parametrize(
    "link",
    [
        "https://velo.example/x?y=1#z",
        "http://aide.velo.example",
        "velo.example/x",
        "https://VELO.example:443/",
    ],
)
def test_a_link_of_the_brand(link: str) -> None:
    assert Verifier(["velo.example"]).allowed(link)


def test_a_variable_never_passes() -> None:
    quote = "Bonjour {{first_name}}, la commande {{order_id}} est partie."
    context = {"first_name": "Léa", "order_id": "VL-77"}
    assert verdict(quote, cite(quote), context=context) == ["variable"]
    assert verdict("Bonjour Léa, la commande VL-77 est partie.", cite(quote), context=context) == []
    assert verdict("Bonjour Léa, la commande VL-78 est partie.", cite(quote), context=context) == [
        "unknown_fact"
    ]
    assert verdict("Bonjour {{ x }} !", None, factual=False) == ["variable"]


def test_courtesy_states_no_fact() -> None:
    assert verdict("Bonjour Léa !", None, factual=False) == []
    assert verdict("Bonjour, il vous reste 12 jours !", None, factual=False) == ["unknown_fact"]


def test_a_draft_without_an_answer_is_dropped() -> None:
    greeting = DraftSentence("Bonjour !", None, factual=False)
    false = DraftSentence(LEAD, cite(LEAD, version="v0"))
    result = Verifier([]).run([draft(greeting, false), draft(), draft(greeting)], HITS, [], {})
    assert result == {"drafts": [], "dropped": ["unknown_passage"]}
    question = replace(draft(DraftSentence("Quel vélo ?", None, factual=False)), kind="question")
    assert Verifier([]).run([question], HITS, [], {})["drafts"] == [question]


def test_citations_point_to_the_sentences_that_are_left() -> None:
    greeting = DraftSentence("Bonjour evil.example !", None, factual=False)
    sound = DraftSentence(LEAD, cite(LEAD, sentence=1))
    (kept,) = Verifier([]).run([draft(greeting, sound)], HITS, [], {})["drafts"]
    assert [(s.text, s.citation and s.citation.sentence) for s in kept.sentences] == [(LEAD, 0)]


def test_too_long_is_dropped_whole() -> None:
    result = Verifier([], max_chars=len(LEAD) - 1).run([draft(DraftSentence(LEAD, cite(LEAD)))], HITS, [], {})
    assert result == {"drafts": [], "dropped": ["length"]}
