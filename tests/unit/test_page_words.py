"""The words of a page are those of its text, gathered from its sentences or from the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.contracts import Passage
from pipelines.drafting.page_words import page_words
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.text import padded_words, terms

NONE = Catalogue([])


def check(passage: Passage) -> None:
    words, head = page_words(passage, NONE), f"{passage.title} {passage.heading}"
    assert words.body_terms == set(terms(f"{head} {passage.text}", passage.lang))
    assert words.body == padded_words(f"{head} {passage.text}", passage.lang)


@pytest.mark.parametrize("lang", ["fr", "en", "es"])
def test_every_page_of_the_help_centre(lang: str) -> None:
    documents = read_folder(Path("datasets/knowledge")).documents
    passages = [passage for document in documents if document.lang == lang for passage in split(document)]
    assert len(passages) > 20
    for passage in passages:
        check(passage)


@pytest.mark.parametrize(
    "sentences",
    [(), ((0, 6),), ((0, 13), (13, 25)), ((0, 14), (15, 25)), ((7, 13), (14, 25))],
)
def test_sentences_that_leave_words_out_or_cut_one(sentences: tuple[tuple[int, int], ...]) -> None:
    text = "Trois jours ouvrés. Gratuit"
    check(Passage("a#", "a", "v", "fr", "Délais", "", text, sentences=sentences))
