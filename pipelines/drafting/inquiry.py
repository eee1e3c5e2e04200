"""A question as sentences are held against it: its words weighed, its vectors, and what it names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipelines.drafting.answer_types import asked
from pipelines.drafting.misfits import Asked
from pipelines.drafting.naming import codes
from pipelines.drafting.page_words import numbers
from pipelines.drafting.places import HOME, places
from pipelines.drafting.vocabulary import Vocabulary
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.query import GRAM_SIZES
from pipelines.sharing import Shared
from pipelines.text import grams, synonyms, terms
from pipelines.text.runs import long_numbers
from pipelines.understanding.gloss import read_terms

CODE_CHARS = 4
"""A number or code this short is what a customer reads on an appliance: "E18", "5"."""

_IDENTIFIER = re.compile(r"\b(?:CF|RMA|REP|SN)[- ]?\d{5,}|\b(?:TRZ|6A)\d{6,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question(Shared):
    """A query as the evidence sees it.

    Attributes:
        text: the whole query (burst and, when elliptical, thread).  request: the burst alone.
        vector, request_vector: their unit vectors, shape ``(384,)``.
        learned, request_learned: their vectors in the matcher's space, ``(128,)``; None without a matcher.
        intents: probability by label.  out_of_scope: probability that the desk does not handle it.
        told: by document, whatever its language, how sure a model is that it answers.
        said: what the agent wrote lately.  unwritten: over 0 where no help centre answers such a question.
        wide: all embeddings of the request as it was written, shape ``(1280,)``.
    """

    text: str
    request: str
    lang: str
    vector: NDArray[np.float32]
    request_vector: NDArray[np.float32]
    intents: Mapping[str, float]
    learned: NDArray[np.float32] | None = None
    request_learned: NDArray[np.float32] | None = None
    out_of_scope: float = 0.0
    told: Mapping[str, float] = field(default_factory=dict)
    said: str = ""
    unwritten: float = 0.0
    wide: NDArray[np.float32] | None = None


class Inquiry:
    """What is computed once a question."""

    def __init__(self, question: Question, generation: Generation, catalogue: Catalogue) -> None:
        self.question = question
        self.vectors = np.stack([question.vector, question.request_vector], axis=1)
        self.learned = None
        if question.learned is not None and question.request_learned is not None:
            self.learned = np.stack([question.learned, question.request_learned], axis=1)
        lang = question.lang
        tokens = terms(question.text, lang)
        self.words = Vocabulary.of(tokens, generation)
        wide = [t for word in synonyms(question.text, lang) for t in terms(word, lang)]
        self.words_wide = {*tokens, *wide}
        self.wide = Vocabulary.of([*tokens, *wide], generation)
        self.own = Vocabulary.of(terms(question.request, lang), generation)
        self.grams = frozenset(grams(question.text, lang, GRAM_SIZES))
        self.types = asked(question.request)
        self.hard_types = self.types & {"amount", "duration", "hours", "contact"}
        self.products = catalogue.mentions(question.text, lang)
        self.numbers = numbers(question.request)
        self.codes = {number for number in self.numbers if len(number) <= CODE_CHARS}
        self.identified = float(bool(_IDENTIFIER.search(question.request)))
        self.read = read_terms(question.request, lang)
        self.said = frozenset(terms(question.said, lang))
        self.named = self._named(catalogue)
        self.abroad = self.named.places - HOME
        self.intent = max(question.intents, key=lambda k: question.intents[k], default="")

    def _named(self, catalogue: Catalogue) -> Asked:
        """What the burst names, else what the thread does."""
        request, text = self.question.request, self.question.text
        return Asked(
            codes=codes(request, catalogue.parts) or codes(text, catalogue.parts),
            places=places(request) or places(text),
            products=self.products,
            numbers=long_numbers(request) or long_numbers(text),
        )

    def covered_grams(self, found: Set[str]) -> float:
        """Share of the question's n-grams that ``found``, a part of them, holds."""
        return len(found) / len(self.grams) if self.grams else 0.0
