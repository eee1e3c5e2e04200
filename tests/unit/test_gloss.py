"""The rough English reading: the desk's table, the general lists beside it, and what stands as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.building import _code
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
        ("fr", "rendez-vous aujourd'hui", "appointment today"),
        ("fr", "il a l'air en panne", "it seems be broken down"),
        ("fr", "chuis dsl", "i am sorry"),
        ("fr", "vous ferez", "you do"),
        ("fr", "nous viendrons", "we come"),
        ("es", "los jueves", "the thursday"),
        ("es", "planta baja", "ground floor"),
    ],
)
def test_a_general_word_is_read(lang: str, text: str, english: str) -> None:
    assert gloss(text, lang) == english


@pytest.mark.parametrize("name", ["paris", "visa", "mons", "perez", "royer", "boucher"])
def test_a_name_that_looks_like_a_french_word_stands(name: str) -> None:
    assert gloss(name, "fr") == name


def test_accents_tell_words_apart_and_are_not_needed_elsewhere() -> None:
    assert gloss("où ou", "fr") == "where or"
    assert gloss("tuyaux réfrigérateurs", "fr") == gloss("tuyaux refrigerateurs", "fr") == "pipe fridge"
    assert gloss("cafetières", "fr") == gloss("cafetieres", "fr") == "coffee machine"


def test_the_desks_table_wins_and_an_unknown_word_stands() -> None:
    assert gloss("le colis", "fr") == "the parcel"
    assert gloss("xyzzor", "fr") == "xyzzor"


@pytest.mark.parametrize("lang", ["fr", "es"])
def test_no_general_word_is_only_a_name(lang: str) -> None:
    lines = (FOLDER / f"gloss_{lang}.txt").read_text(encoding="utf-8").splitlines()
    words = {fold(word) for line in lines if line[:1] not in ("", "#") for word in line.split(";")[1].split()}
    assert words & (listed("first_names") - listed("ambiguous_names")) <= FREQUENT


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("mándenmelo", "send me it"),
        ("avísenos", "notify us"),
        ("quitadme de la lista", "remove me of the list"),
        ("déjenlo en portería", "leave it in caretaker"),
        ("¿me podés decir dónde anda mi pedido?", "could you say where is my order ?"),
        ("x favor, xq no me llego", "please because it has not arrived"),
        ("tuve que devolverla", "have to return it"),
        ("no puedo entrar, se me pasó el plazo", "i cannot log in i missed the delay"),
        ("hace dos semanas", "ago two week"),
        ("dar de baja", "unsubscribe"),
        ("la tengo en la heladera", "i have it in the fridge"),
    ],
)
def test_everyday_spanish_is_read(spanish: str, english: str) -> None:
    assert gloss(spanish, "es") == english


@pytest.mark.parametrize(
    ("spanish", "english"),
    [("está", "is"), ("esta", "this"), ("sí", "yes"), ("si", "if"), ("él", "he"), ("el", "the")],
)
def test_accents_tell_words_apart(spanish: str, english: str) -> None:
    assert gloss(spanish, "es") == english


@pytest.mark.parametrize(
    "surname",
    [
        "llorente",
        "morales",
        "corrales",
        "robles",
        "marcelo",
        "vicente",
        "martin",
        "molina",
        "torres",
        "mora",
        "escobar",
    ],
)
def test_a_surname_that_looks_like_a_word_stands(surname: str) -> None:
    assert gloss(surname, "es") == surname


def test_the_spanish_list_says_nothing_twice() -> None:
    lines = (FOLDER / "gloss_es.txt").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if line[:1] not in ("", "#") for word in line.split(";")[1].split()]
    assert len(words) == len(set(words))
    assert max(map(len, lines)) <= 110


def test_what_is_learnt_is_learnt_again_when_a_table_changes() -> None:
    assert {"gloss.txt", "gloss_fr.txt", "gloss_es.txt"} <= {path.name for path in _code("understanding")}
