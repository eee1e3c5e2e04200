"""The sentences that might answer, each with the signs that it does.

Every sign is generic: it speaks of words, vectors, types and intents, never of one brand's documents, so that
weights learned on one help centre hold on another.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Hit, Passage
from pipelines.drafting.inquiry import Inquiry, Question
from pipelines.drafting.misfits import Misfits
from pipelines.drafting.page_words import PageWords, SentenceWords, page_words
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.generation import Generation

FEATURES = (
    "learned", "learned_gap", "learned_sentence", "learned_request", "learned_best",
    "fused", "fused_gap", "rank", "passage_cosine", "sentence_cosine", "sentence_best", "request_cosine",
    "covered_by_passage", "covered_by_sentence", "covered_with_synonyms", "request_covered",
    "grams_by_passage", "grams_by_sentence", "heading_covered", "sentence_covered",
    "intent", "intent_best", "type_given", "type_missing", "same_product", "other_product",
    "intro", "macro", "first", "length", "number_shared",
    "read_by_passage", "read_by_sentence", "request_missing", "code_missing", "identified",
    "misfit", "refers", "code_shared", "place_shared", "place_missing", "missing_beside",
    "code_asked", "settled", "warned",
)  # fmt: skip


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
        asking = Inquiry(question, self.generation, self.catalogue)
        best = _Best(
            max((hit.score for hit in hits), default=0.0), max((hit.learned for hit in hits), default=0.0)
        )
        misfits = Misfits(asking.named, hits)
        return [
            candidate
            for rank, hit in enumerate(hits)
            for candidate in self._of_passage(asking, hit, rank, best, misfits)
        ]  # fmt: skip

    def _of_passage(
        self, asking: Inquiry, hit: Hit, rank: int, best: _Best, misfits: Misfits
    ) -> list[Candidate]:
        page = _Page(asking, hit.passage, self.generation, self.catalogue)
        shared = _shared_signs(asking, page, hit, rank, best)
        misfit = misfits.of_passage(hit.passage, page.words)
        shared["settled"] = float(misfits.settles(hit.passage))
        found = []
        for index, (start, end) in enumerate(hit.passage.sentences):
            sentence = page.words.sentences[index]
            signs = shared | page.vector_signs(index) | _word_signs(asking, page, sentence)
            signs |= _naming_signs(asking, sentence)
            signs["misfit"] = float(misfit[index])
            signs["warned"] = float(misfits.warns(hit.passage, hit.passage.text[start:end]))
            signs["first"] = float(index == 0)
            signs["length"] = min((end - start) / 200, 2.0)
            ordered = np.array([signs[name] for name in FEATURES])
            found.append(Candidate(hit, rank, index, start, end, ordered))
        return found


def _word_signs(asking: Inquiry, page: _Page, sentence: SentenceWords) -> dict[str, float]:
    """What the words of one sentence say."""
    near = sentence.terms | page.words.head_terms
    same = bool(asking.products & sentence.products)
    return {
        "covered_by_sentence": asking.words.covered(sentence.terms),
        "covered_with_synonyms": asking.wide.covered(near),
        "request_covered": asking.own.covered(near),
        "grams_by_sentence": asking.covered_grams(page.head_grams | _held(page.grams, sentence.letters)),
        "sentence_covered": _share(sentence.terms, asking.words_wide),
        "missing_beside": asking.own.heaviest_missing(near),
        "type_given": float(bool(asking.types & sentence.gives)),
        "type_missing": float(bool(asking.hard_types - sentence.gives)),
        "same_product": float(same),
        "other_product": float(bool(asking.products and sentence.products) and not same),
        "number_shared": float(bool(asking.numbers & sentence.numbers)),
        "read_by_sentence": _share(asking.read, sentence.read | page.words.read_head),
    }


def _naming_signs(asking: Inquiry, sentence: SentenceWords) -> dict[str, float]:
    """What a sentence names of the codes and places asked about, and whether it sends elsewhere."""
    named = asking.named
    return {
        "refers": float(sentence.refers),
        "code_shared": float(bool(named.codes & sentence.codes)),
        "place_shared": float(bool(named.places & sentence.places)),
        "place_missing": float(bool(asking.abroad - sentence.places)),
        "code_asked": float(bool(named.codes)),
    }


class _Page:
    """A passage before one question: its words, and the similarities of its sentences.

    Attributes:
        grams, head_grams: n-grams of the question that its body, or its head, holds.
    """

    def __init__(
        self, asking: Inquiry, passage: Passage, generation: Generation, catalogue: Catalogue
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


def _shared_signs(asking: Inquiry, page: _Page, hit: Hit, rank: int, best: _Best) -> dict[str, float]:
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
