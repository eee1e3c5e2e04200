"""A customer's words as a weighted query, and what coverage makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.knowledge.lexical import LexicalIndex, Scope, build_lexical
from pipelines.knowledge.query import MAX_WORDS, prefix_tokens, query_words, stem_tokens


@pytest.mark.parametrize(
    ("text", "lang", "kept"),
    [
        ("est-ce que je peux annuler ?", "fr", {"annuler"}),
        ("can I cancel my order?", "en", {"cancel", "order"}),
        ("¿puedo devolver el pedido?", "es", {"devolver", "pedido"}),
    ],
)
def test_auxiliaries_are_left_out(text: str, lang: str, kept: set[str]) -> None:
    assert set(query_words(text, lang, 0)) == kept


def test_a_question_of_auxiliaries_alone_keeps_them() -> None:
    assert set(query_words("je peux ?", "fr", 0)) == {"peux"}


def test_shorthand_and_synonyms_come_with_expansion_only() -> None:
    typed = query_words("jai pa recu mon frigo", "fr", 0)
    expanded = query_words("jai pa recu mon frigo", "fr", 0.3)
    assert "réfrigérateur" not in typed
    assert expanded["réfrigérateur"] == 0.3
    assert expanded["frigo"] == 1.0


def test_a_word_that_is_said_is_no_synonym() -> None:
    assert query_words("frigo réfrigérateur", "fr", 0.3)["réfrigérateur"] == 1.0


def test_a_token_takes_the_highest_weight_of_its_words() -> None:
    assert stem_tokens({"livraison": 0.3, "livraisons": 1.0}, "fr") == {"livraison": 1.0}
    assert prefix_tokens({"travail": 1.0, "travailler": 0.3}) == {"trava": 1.0}


def test_a_long_query_keeps_its_rarest_words() -> None:
    words = [f"mot{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(100)]
    counts = {word[:5]: 100 - number for number, word in enumerate(words)}
    kept = query_words(" ".join(words), "fr", 0, lambda prefix: counts[prefix])
    assert list(kept) == words[::-1][:MAX_WORDS]


def test_coverage_is_the_share_of_the_information(tmp_path: Path) -> None:
    raw = {"lang": "fr"}
    build_lexical(tmp_path, [("", "colis perdu", raw), ("", "colis colis colis", raw), ("", "facture", raw)])
    asked = {"colis": 1.0, "perdu": 1.0, "rembo": 0.3}
    found = LexicalIndex(tmp_path).coverage("prefixes", asked, Scope(), 5)
    scores = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
    assert set(scores) == {0, 1}
    assert scores[0] == pytest.approx(1.0)
    assert 0 < scores[1] < 0.5  # the commoner of the two words, however often it is repeated
