"""The sentences that might answer, each with the signs that it does.

Every sign is generic: it speaks of words, vectors, types and intents, never of one brand's documents, so that
weights learned on one help centre hold on another.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Hit, Passage
from pipelines.drafting.answer_types import asked
from pipelines.drafting.page_words import PageWords, SentenceWords, numbers, page_words
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.query import GRAM_SIZES
from pipelines.sharing import Shared
from pipelines.text import grams, synonyms, terms
from pipelines.understanding.gloss import read_terms

FEATURES = (
    "learned", "learned_gap", "learned_sentence", "learned_request", "learned_best",
    "fused", "fused_gap", "rank", "passage_cosine", "sentence_cosine", "sentence_best", "request_cosine",
    "covered_by_passage", "covered_by_sentence", "covered_with_synonyms", "request_covered",
    "grams_by_passage", "grams_by_sentence", "heading_covered", "sentence_covered",
    "intent", "intent_best", "type_given", "type_missing", "same_product", "other_product",
    "intro", "macro", "first", "length", "number_shared",
    "read_by_passage", "read_by_sentence", "request_missing", "code_missing", "identified",
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence of one retrieved passage; ``signs`` in the order of :data:`FEATURES`."""

    hit: Hit
    rank: int
    index: int
    start: int
    end: int
    signs: NDArray[np.float64]

    @property
    def passage(self) -> Passage:
        """Where the sentence stands."""
        return self.hit.passage

    @property
    def text(self) -> str:
        """The sentence, verbatim."""
        return self.hit.passage.text[self.start : self.end]

    def sign(self, name: str) -> float:
        """One sign by name."""
        return float(self.signs[FEATURES.index(name)])


class Vocabulary:
    """Weights of a query's terms: rare in the collection, heavy.

    Example:
        >>> round(Vocabulary({"a": 3.0, "b": 1.0}).covered({"a"}), 2)
        0.75
    """

    def __init__(self, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self.total = sum(weights.values())

    @classmethod
    def of(cls, tokens: Sequence[str], generation: Generation) -> Vocabulary:
        """Inverse document frequencies of the distinct ``tokens``."""
        count = generation.count
        frequency = generation.lexical.document_frequency
        return cls({t: math.log(1 + (count + 1) / (frequency(t) + 0.5)) for t in dict.fromkeys(tokens)})

    def covered(self, found: set[str] | frozenset[str]) -> float:
        """Share of the weight that ``found`` holds, in [0, 1]; 0 for a query of stop words."""
        return sum(w for t, w in self.weights.items() if t in found) / self.total if self.total else 0.0

    def heaviest_missing(self, found: set[str] | frozenset[str]) -> float:
        """Weight of the rarest term that ``found`` lacks, over that of the rarest of all, in [0, 1]."""
        heaviest = max(self.weights.values(), default=0.0)
        missing = max((w for t, w in self.weights.items() if t not in found), default=0.0)
        return missing / heaviest if heaviest else 0.0


class Evidence:
    """Computes the candidates of a question.

    Example:
        >>> len(FEATURES) == len(set(FEATURES))
        True
    """

    def __init__(self, generation: Generation, catalogue: Catalogue) -> None:
        self.generation = generation
        self.catalogue = catalogue

    def candidates(self, question: Question, hits: Sequence[Hit]) -> list[Candidate]:
        """All sentences of ``hits``, passages in rank order."""
        asking = _Asking(question, self.generation, self.catalogue)
        best = _Best(
            max((hit.score for hit in hits), default=0.0), max((hit.learned for hit in hits), default=0.0)
        )
        return [
            candidate
            for rank, hit in enumerate(hits)
            for candidate in self._of_passage(asking, hit, rank, best)
        ]  # fmt: skip

    def _of_passage(self, asking: _Asking, hit: Hit, rank: int, best: _Best) -> list[Candidate]:
        page = _Page(asking, hit.passage, self.generation, self.catalogue)
        shared = _shared_signs(asking, page, hit, rank, best)
        found = []
        for index, (start, end) in enumerate(hit.passage.sentences):
            signs = shared | page.vector_signs(index) | _word_signs(asking, page, page.words.sentences[index])
            signs["first"] = float(index == 0)
            signs["length"] = min((end - start) / 200, 2.0)
            ordered = np.array([signs[name] for name in FEATURES])
            found.append(Candidate(hit, rank, index, start, end, ordered))
        return found


def _word_signs(asking: _Asking, page: _Page, sentence: SentenceWords) -> dict[str, float]:
    """What the words of one sentence say."""
    near = sentence.terms | page.words.head_terms
    same = bool(asking.products and asking.products & sentence.products)
    return {
        "covered_by_sentence": asking.words.covered(sentence.terms),
        "covered_with_synonyms": asking.wide.covered(near),
        "request_covered": asking.own.covered(near),
        "grams_by_sentence": asking.covered_grams(page.head_grams | _held(page.grams, sentence.letters)),
        "sentence_covered": _share(sentence.terms, asking.words_wide),
        # What a sentence gives, names and counts is worked out only for a question that asks for it.
        "type_given": float(bool(asking.types and asking.types & sentence.gives)),
        "type_missing": float(bool(asking.hard_types and asking.hard_types - sentence.gives)),
        "same_product": float(same),
        "other_product": float(bool(asking.products and sentence.products) and not same),
        "number_shared": float(bool(asking.numbers and asking.numbers & sentence.numbers)),
        "read_by_sentence": _share(asking.read, sentence.read | page.words.read_head),
    }


class _Page:
    """A passage before one question: its words, and the similarities of its sentences.

    Attributes:
        grams, head_grams: n-grams of the question that its body, or its head, holds.
    """

    def __init__(
        self, asking: _Asking, passage: Passage, generation: Generation, catalogue: Catalogue
    ) -> None:
        self.passage = passage
        self.words: PageWords = page_words(passage, catalogue)
        self.grams = _held(asking.grams, self.words.body)
        self.head_grams = _held(self.grams, self.words.head)
        question = asking.question
        row = generation.row_of[passage.id]
        vectors = generation.sentences_of(row).astype(np.float32)
        known = generation.learned_of(row).astype(np.float32)
        self.cosines = {
            "sentence_cosine": vectors @ question.vector,
            "request_cosine": vectors @ question.request_vector,
            "learned_sentence": _cosines(known, question.learned),
            "learned_request": _cosines(known, question.request_learned),
        }

    def vector_signs(self, index: int) -> dict[str, float]:
        """Similarities of one sentence; 0 where it has no vector."""
        return {
            name: float(values[index]) if index < len(values) else 0.0
            for name, values in self.cosines.items()
        }

    def highest(self, name: str) -> float:
        """The best similarity of any of its sentences."""
        values = self.cosines[name]
        return float(values.max()) if len(values) else 0.0


def _shared_signs(asking: _Asking, page: _Page, hit: Hit, rank: int, best: _Best) -> dict[str, float]:
    """What all sentences of a passage share."""
    passage, words = page.passage, page.words
    return {
        "learned": hit.learned,
        "learned_gap": best.learned - hit.learned,
        "learned_best": page.highest("learned_sentence"),
        "fused": hit.score / 10,
        "fused_gap": (best.fused - hit.score) / 10,
        "rank": 1 / (1 + rank),
        "passage_cosine": hit.dense,
        "sentence_best": page.highest("sentence_cosine"),
        "covered_by_passage": asking.words.covered(words.body_terms),
        "grams_by_passage": asking.covered_grams(page.grams),
        "heading_covered": _share(words.heading_terms, asking.words_wide),
        "intent": sum(asking.question.intents.get(label, 0.0) for label in passage.intents),
        "intent_best": float(asking.intent in passage.intents),
        "intro": float(passage.id.endswith("#") and passage.kind == "article"),
        "macro": float(passage.kind == "macro"),
        "read_by_passage": _share(asking.read, words.read_body),
        "request_missing": asking.own.heaviest_missing(words.body_terms),
        "code_missing": float(bool(asking.codes - words.numbers)),
        "identified": asking.identified,
    }


class _Asking:
    """What is computed once a question."""

    def __init__(self, question: Question, generation: Generation, catalogue: Catalogue) -> None:
        self.question = question
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
        self.intent = max(question.intents, key=lambda k: question.intents[k], default="")

    def covered_grams(self, found: Set[str]) -> float:
        """Share of the question's n-grams that ``found``, a part of them, holds."""
        return len(found) / len(self.grams) if self.grams else 0.0


class _Best(NamedTuple):
    fused: float
    learned: float


def _cosines(vectors: NDArray[np.float32], query: NDArray[np.float32] | None) -> NDArray[np.float32]:
    return np.empty(0, np.float32) if query is None or not len(vectors) else vectors @ query


def _held(grams: Set[str], letters: str) -> set[str]:
    """The n-grams that occur in padded words."""
    return {gram for gram in grams if gram in letters}


def _share(part: Set[str], of: Set[str]) -> float:
    return len(part & of) / len(part) if part else 0.0
