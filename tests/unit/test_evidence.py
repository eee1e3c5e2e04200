"""From hits to drafts: the signs of sentences, their ranking, and what is composed of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small import MACRO

from pipelines.assistant import Assistant
from pipelines.contracts import Draft, Message, SuggestRequest
from pipelines.deciding.features import CONFIDENCE_FEATURES, FAR, confidence_features
from pipelines.drafting.composing import Composer, Style
from pipelines.drafting.evidence import FEATURES, Candidate, Evidence
from pipelines.drafting.inquiry import Question
from pipelines.drafting.question import CONTEXT_CHARS, CONTEXT_MESSAGES, QuestionBuilder, context_of
from pipelines.drafting.ranker import HAND_MADE, Ranker
from pipelines.drafting.vocabulary import Vocabulary
from pipelines.errors import ModelError
from pipelines.suggest import inputs

Found = tuple[Question, list[Candidate]]
WHOLE = {"first_name": "Léa", "order_id": "VL-1", "delivery_date": "12 mars"}


def find(assistant: Assistant, text: str) -> Found:
    """The question and its candidates, through the real understanding and retrieval."""
    pipeline = assistant.pipeline("suggest")
    request = SuggestRequest(thread=[Message(role="customer", text=text)])
    result = pipeline.run(inputs(request), include_outputs_from={"question", "retrieve"})
    drafter: Any = pipeline.get_component("draft")
    question = result["question"]["question"]
    hits = result["retrieve"]["hits"]
    return question, Evidence(drafter.store.generation, drafter.catalogue).candidates(question, hits)


@pytest.fixture(scope="module")
def cost(assistant: Assistant) -> Found:
    return find(assistant, "combien coûte la livraison standard ?")


def one(candidates: list[Candidate], start: str) -> Candidate:
    (found,) = [candidate for candidate in candidates if candidate.text.startswith(start)]
    return found


def test_every_sentence_of_every_hit_is_a_candidate(cost: Found) -> None:
    _, candidates = cost
    for candidate in candidates:
        assert candidate.text == candidate.passage.text[candidate.start : candidate.end]
        assert candidate.signs.shape == (len(FEATURES),)
        assert np.isfinite(candidate.signs).all()
    passages = {candidate.passage.id: candidate.passage for candidate in candidates}
    assert len(candidates) == sum(len(passage.sentences) for passage in passages.values())
    assert [c.rank for c in candidates] == sorted(c.rank for c in candidates)


def test_signs_say_what_they_are_named_for(cost: Found) -> None:
    _, candidates = cost
    right = one(candidates, "La livraison standard coûte")
    other = one(candidates, "Un vélo qui a roulé")
    intro = one(candidates, "Votre vélo arrive réglé")
    for name in ("sentence_cosine", "request_covered", "covered_by_sentence", "grams_by_sentence", "intent"):
        assert right.sign(name) > other.sign(name), name
    assert right.sign("type_given") == 1
    assert other.sign("type_missing") == 1
    assert right.sign("fused_gap") >= 0
    assert (intro.sign("intro"), right.sign("intro")) == (1, 0)
    assert right.sign("learned") == right.sign("learned_sentence") == 0, "there is no matcher here"
    for name in ("covered_by_passage", "request_covered", "grams_by_passage", "sentence_covered"):
        assert 0 <= right.sign(name) <= 1


def test_products_and_numbers(assistant: Assistant) -> None:
    _, candidates = find(assistant, "la batterie a 4 heures de charge ?")
    charge = one(candidates, "Une charge complète")
    assert charge.sign("same_product") == 1
    assert charge.sign("number_shared") == 1
    assert charge.sign("other_product") == 0


def test_a_vocabulary_of_nothing_covers_nothing() -> None:
    assert Vocabulary({}).covered({"a"}) == 0
    assert Vocabulary({"a": 1.0}).covered({"a"}) == 1


def test_no_hits_no_candidates(assistant: Assistant, cost: Found) -> None:
    drafter: Any = assistant.pipeline("suggest").get_component("draft")
    assert Evidence(drafter.store.generation, drafter.catalogue).candidates(cost[0], []) == []
    assert Ranker.hand_made().score([]).shape == (0,)


def test_the_ranker_prefers_the_answer_and_survives_its_file(cost: Found) -> None:
    _, candidates = cost
    ranker = Ranker.hand_made()
    scores = ranker.score(candidates)
    assert candidates[int(scores.argmax())].text.startswith("La livraison standard coûte")
    assert set(HAND_MADE) <= set(FEATURES)
    value = ranker.to_json()
    turned = dict(reversed(value.items()))
    assert np.allclose(Ranker.from_json(turned).score(candidates), scores, atol=1e-4)
    with pytest.raises(ModelError, match=r"setup|signs"):
        Ranker.from_json({**value, "astrology": [1.0, 0.0, 1.0]})


def compose(found: Found, style: Style | None = None, context: dict[str, str] | None = None) -> list[Draft]:
    question, candidates = found
    scores = Ranker.hand_made().score(candidates)
    return Composer(style or Style()).drafts(question, candidates, scores, context or {})


def test_a_draft_cites_each_sentence_at_its_place(cost: Found) -> None:
    for draft in compose(cost, Style(greet=True, first_name="Léa")):
        assert draft.lang == "fr"
        assert set(draft.features) == set(CONFIDENCE_FEATURES)
        for number, sentence in enumerate(draft.sentences):
            if sentence.citation is None:
                assert not sentence.factual
                continue
            assert sentence.citation.sentence == number
            assert sentence.citation.quote == sentence.text


@pytest.mark.parametrize("limit", [80, 100, 150, 350])
def test_a_draft_leaves_room(cost: Found, limit: int) -> None:
    lead = compose(cost, Style(max_chars=limit, greet=True, first_name="Jean-Baptiste"))[0]
    assert len(lead.text) <= limit
    assert len({sentence.text for sentence in lead.sentences}) == len(lead.sentences)


def test_drafts_differ(cost: Found) -> None:
    texts = [draft.text for draft in compose(cost)]
    assert len(set(texts)) == len(texts) <= 2


def test_a_macro_is_whole_or_absent(assistant: Assistant) -> None:
    found = find(assistant, "où est ma commande ?")
    assert not any("partie" in draft.text for draft in compose(found))
    assert not any("partie" in draft.text for draft in compose(found, context={"order_id": "VL-1"}))
    filled = [draft for draft in compose(found, context=WHOLE) if "partie" in draft.text]
    assert [draft.text for draft in filled] == [
        MACRO.replace("{{first_name}}", "Léa")
        .replace("{{order_id}}", "VL-1")
        .replace("{{delivery_date}}", "12 mars")
    ]
    assert not any("{{" in draft.text for draft in compose(found, context=WHOLE))


@pytest.mark.parametrize("lead", [1.0, -1.0])
def test_a_macro_and_sentences_stand_side_by_side(assistant: Assistant, lead: float) -> None:
    question, candidates = find(assistant, "où est ma commande ?")
    scores = np.array([lead if candidate.passage.kind == "macro" else 0.0 for candidate in candidates])
    drafts = Composer(Style()).drafts(question, candidates, scores, WHOLE)
    assert [draft.kind for draft in drafts] == ["answer", "answer_next_step"]
    macro, other = drafts if lead > 0 else drafts[::-1]
    assert macro.text.startswith("Bonjour Léa, votre commande VL-1 est partie.")
    assert {sentence.citation.document_id for sentence in macro.sentences if sentence.citation} == {
        "macro-parti"
    }
    assert "macro-parti" not in {
        sentence.citation.document_id for sentence in other.sentences if sentence.citation
    }


def test_a_macro_that_asks_is_no_answer(assistant: Assistant) -> None:
    question, candidates = find(assistant, "où est ma commande ?")
    asking = [
        replace(c, hit=replace(c.hit, passage=replace(c.passage, ask=c.passage.kind == "macro")))
        for c in candidates
    ]
    assert not any("partie" in draft.text for draft in compose((question, asking), context=WHOLE))


def test_features_of_a_draft(cost: Found) -> None:
    question, candidates = cost
    scores = Ranker.hand_made().score(candidates)
    lead = int(scores.argmax())
    features = confidence_features(question, candidates, scores, [lead])
    assert set(features) == set(CONFIDENCE_FEATURES)
    assert features["share"] == pytest.approx(features["share_chosen"])
    assert features["gap_next"] >= 0
    alone = confidence_features(question, [candidates[lead]], scores[[lead]], [0])
    assert (alone["share"], alone["gap_document"], alone["gap_next"]) == (1.0, FAR, FAR)


def thread(*turns: tuple[str, str]) -> list[Message]:
    return [Message(id=f"m{i}", role=role, text=text) for i, (role, text) in enumerate(turns)]  # type: ignore[arg-type]


def test_the_context_is_what_came_before_the_burst() -> None:
    turns = thread(
        ("customer", "ma batterie"), ("agent", "oui ?"), ("customer", "elle fuit"), ("customer", "allo")
    )
    assert context_of(turns, "m3") == "ma batterie\noui ?"
    assert context_of(turns, None) == ""
    assert context_of([], None) == ""
    assert context_of(turns[:1], "m0") == ""
    long = thread(*[("agent", f"{i} {'mot ' * 200}") for i in range(9)], ("customer", "et ?"))
    context = context_of(long, "m9")
    assert len(context) == CONTEXT_CHARS
    many = thread(*[("agent", f"n{i}") for i in range(9)], ("customer", "et ?"))
    assert context_of(many, "m9").split("\n") == [f"n{i}" for i in range(9 - CONTEXT_MESSAGES, 9)]


def test_the_question_spells_out_and_names_products(assistant: Assistant) -> None:
    builder: Any = assistant.pipeline("suggest").get_component("question")
    question, _ = find(assistant, "cb de tps pr charger la batterie")
    assert "combien" in question.request
    assert "Lueur 400" in question.request
    assert question.vector.shape == question.request_vector.shape == (384,)
    assert question.learned is None
    again = QuestionBuilder.from_dict(builder.to_dict())
    assert (again.cache, again.matcher_path, again.catalogue_path) == (
        builder.cache, builder.matcher_path, builder.catalogue_path,
    )  # fmt: skip
