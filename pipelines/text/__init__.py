"""Words, sentences and clean text, language by language."""

from pipelines.text.colloquial import spell_out, synonyms
from pipelines.text.normal import clean, fold
from pipelines.text.sentences import sentence_spans, sentences
from pipelines.text.words import STOP_WORDS, grams, padded_words, terms, terms_and_padded, words

__all__ = [
    "STOP_WORDS",
    "clean",
    "fold",
    "grams",
    "padded_words",
    "sentence_spans",
    "sentences",
    "spell_out",
    "synonyms",
    "terms",
    "terms_and_padded",
    "words",
]
