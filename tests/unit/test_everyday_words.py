"""Everyday words reach the words of a page, and never take the place of what a desk means by them."""

from __future__ import annotations

from pipelines.text import synonyms
from pipelines.text.everyday import GROUPS, everyday


def test_every_group_has_two_words_and_each_word_once() -> None:
    for group in GROUPS["fr"].split("|"):
        members = group.split()
        assert len(members) >= 2, group
        assert len(set(members)) == len(members), group


def test_everyday_words_are_symmetric() -> None:
    known = everyday("fr")
    assert all(word in known[other] for word, others in known.items() for other in others)


def test_words_of_quebec_and_of_france_meet() -> None:
    assert "voiture" in synonyms("mon char", "fr")
    assert "voiture" in synonyms("ma bagnole", "fr")


def test_the_words_of_the_desk_come_before_everyday_ones() -> None:
    assert synonyms("mon ancien appareil", "fr") == ["reprise"]
    assert synonyms("my doctor", "en") == []
