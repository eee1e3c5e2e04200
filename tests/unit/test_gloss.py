"""The rough English reading: the desk's table, the general lists beside it, and what stands as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.privacy.names import listed
from pipelines.text import fold
from pipelines.understanding.gloss import gloss

FOLDER = Path(__file__).parents[2] / "pipelines" / "understanding"
FREQUENT = {"julio"}
"""First names of the list that are everyday words too."""


@pytest.mark.parametrize(
    ("lang", "text", "english"),
    [
        ("fr", "jeudi", "thursday"),
        ("fr", "Deux couteaux", "two knife"),
        ("fr", "au rez-de-chaussée", "to ground floor"),
        ("es", "los jueves", "the thursday"),
        ("es", "planta baja", "ground floor"),
    ],
)
def test_a_general_word_is_read(lang: str, text: str, english: str) -> None:
    assert gloss(text, lang) == english


def test_the_desks_table_wins_and_an_unknown_word_stands() -> None:
    assert gloss("le colis", "fr") == "the parcel"
    assert gloss("xyzzor", "fr") == "xyzzor"


@pytest.mark.parametrize("lang", ["fr", "es"])
def test_no_general_word_is_only_a_name(lang: str) -> None:
    lines = (FOLDER / f"gloss_{lang}.txt").read_text(encoding="utf-8").splitlines()
    words = {fold(word) for line in lines if line[:1] not in ("", "#") for word in line.split(";")[1].split()}
    assert words & (listed("first_names") - listed("ambiguous_names")) <= FREQUENT
