"""The words of a page are those of its text, gathered from its sentences or from the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.contracts import Passage
from pipelines.drafting.page_words import PageWords
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.passage_words import packed, passage_words, unpacked
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.text import padded_words, terms
from pipelines.understanding import gloss
from pipelines.understanding.gloss import read_terms, read_terms_of_parts

NONE = Catalogue([])


def check(passage: Passage) -> None:
    found, head = passage_words(passage), f"{passage.title} {passage.heading}"
    assert unpacked(packed(found)) == found
    words = PageWords.of(passage, found, NONE)
    assert words.body_terms == set(terms(f"{head} {passage.text}", passage.lang))
    assert words.body == padded_words(f"{head} {passage.text}", passage.lang)
    assert words.read_body == read_terms(head, passage.lang) | read_terms(passage.text, passage.lang)
    for (start, end), sentence in zip(passage.sentences, words.sentences, strict=True):
        assert sentence.read == read_terms(passage.text[start:end], passage.lang)


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


def test_a_phrase_that_goes_on_in_the_next_sentence_is_read_as_one() -> None:
    parts = ["Est-ce", "que mon colis", "", "n'est pas", "arrivé ?"]
    read, whole = read_terms_of_parts(parts, "fr")
    assert read == [read_terms(part, "fr") for part in parts]
    assert whole == read_terms(" ".join(parts), "fr")


def test_every_phrase_of_the_table_cut_in_two_is_read_as_one() -> None:
    for lang in ("fr", "es"):
        for phrase in gloss._dictionary(lang).phrases:
            words = phrase.split("_")
            for cut in range(1, len(words)):
                parts = [" ".join(words[:cut]), " ".join(words[cut:])]
                assert read_terms_of_parts(parts, lang)[1] == read_terms(" ".join(parts), lang)
