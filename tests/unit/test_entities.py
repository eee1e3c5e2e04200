"""Entities: kinds, normal forms, exact and non-overlapping positions."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.understanding.entities import entities


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("CF-24871093", "fr", [("order", "CF-24871093")]),
        ("cf 24871093 svp", "fr", [("order", "CF-24871093")]),
        ("commande 24871093", "fr", [("order", "CF-24871093")]),
        ("pedido nº 24871093", "es", [("order", "CF-24871093")]),
        ("24871093", "en", [("order", "CF-24871093")]),
        ("mail A.B@Exemple.fr", "fr", [("email", "a.b@exemple.fr")]),
        ("06 12 34 56 78", "fr", [("phone", "+33612345678")]),
        ("020 7946 0958", "en", [("phone", "+442079460958")]),
        ("612 345 678", "es", [("phone", "+34612345678")]),
        ("+32 470 12 34 56", "fr", [("phone", "+32470123456")]),
        ("4,90 €", "fr", [("amount", "4.90 EUR")]),
        ("€4.90", "en", [("amount", "4.90 EUR")]),
        ("12 euros", "es", [("amount", "12 EUR")]),
        ("1 299,00 €", "fr", [("amount", "1299.00 EUR")]),
        ("le 3 mars 2026", "fr", [("date", "2026-03-03")]),
        ("March 3rd, 2026", "en", [("date", "2026-03-03")]),
        ("3 de marzo de 2026", "es", [("date", "2026-03-03")]),
        ("12/03/26", "fr", [("date", "2026-03-12")]),
        ("12/03", "fr", [("date", "")]),
        ("le 5, c'est bon", "fr", [("date", "")]),
        ("lundi prochain", "fr", [("date", "")]),
        ("tomorrow", "en", [("date", "")]),
        ("pasado mañana", "es", [("date", "")]),
        ("31/02/2026", "fr", [("date", "")]),
        (
            "6A12345678901 et TRZ400518223",
            "fr",
            [("tracking", "6A12345678901"), ("tracking", "TRZ400518223")],
        ),
        ("rma 504118, REP-730266", "en", [("return", "RMA-504118"), ("repair", "REP-730266")]),
        ("crf-ll80 ou Zéphyr 5", "fr", [("product", "CRF-LL80"), ("product", "CRF-FA50")]),
        ("voir https://x.example/a?b=1.", "fr", [("url", "https://x.example/a?b=1")]),
        ("SN1234567890", "fr", []),
        ("", "fr", []),
    ],
)
def test_finds(text: str, lang: str, expected: list[tuple[str, str]]) -> None:
    assert [(e.kind, e.value) for e in entities(text, lang)] == expected


def test_an_order_is_never_a_phone() -> None:
    kinds = {
        e.kind
        for lang in ("fr", "en", "es")
        for e in entities("ma commande CF-24871093, ou 24871094 ?", lang)
    }
    assert kinds == {"order"}


def test_own_catalogue() -> None:
    (entity,) = entities("mon TURBO 9 fuit", "fr", products={"turbo 9": "T9"})
    assert (entity.value, entity.text) == ("T9", "TURBO 9")


ALPHABET = "0123456789 CFcf-/.,€$:@+#aelmnorsu\nœßé🙂"


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=ALPHABET, max_size=60) | st.text(max_size=40), st.sampled_from(["fr", "en", "es", "xx"])
)
def test_positions_are_exact_and_apart(text: str, lang: str) -> None:
    found = entities(text, lang)
    assert all(text[e.start : e.end] == e.text for e in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_digits_of_any_script_are_sought_and_none_is_needed_for_the_rest() -> None:
    found = entities("demain pour la Brindille, a@b.example, https://c.example", "fr")
    assert [entity.kind for entity in found] == ["date", "product", "email", "url"]
    assert [entity.kind for entity in entities("livré le ٣ mars", "fr")] == ["date"]
    assert [entity.kind for entity in entities("commande CF-٢٤٨٧١٠٩٣", "fr")] == ["order"]
