"""The sentences that might answer, each with the signs that it does.

Every sign is generic: it speaks of words, vectors, types and intents, never of one brand's documents, so that
weights learned on one help centre hold on another.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.contracts import Hit, Passage
from pipelines.drafting.familiar import Familiar
from pipelines.drafting.inquiry import Inquiry, Question
from pipelines.drafting.misfits import Misfits
from pipelines.drafting.page_words import PageWords, SentenceWords, page_numbers
from pipelines.knowledge.catalogue import Catalogue
from pipelines.knowledge.generation import Generation
from pipelines.knowledge.halves import widened

FEATURES = (
    "learned", "learned_gap", "learned_sentence", "learned_request", "learned_best",
    "fused", "fused_gap", "rank", "passage_cosine", "sentence_cosine", "sentence_best", "request_cosine",
    "covered_by_passage", "covered_by_sentence", "covered_with_synonyms", "request_covered",
    "grams_by_passage", "grams_by_sentence", "heading_covered", "sentence_covered",
    "intent", "intent_best", "type_given", "type_missing", "same_product", "other_product",
    "intro", "macro", "first", "length", "number_shared",
    "read_by_passage", "read_by_sentence", "request_missing", "code_missing", "identified",
    "misfit", "refers", "code_shared", "place_shared", "place_missing", "missing_beside",
    "code_asked", "settled", "warned", "repeated", "told", "told_gap",
)  # fmt: skip
SIGN_AT = {name: column for column, name in enumerate(FEATURES)}
"""Where each sign stands."""


VECTOR_SIGNS = ("sentence_cosine", "request_cosine", "learned_sentence", "learned_request")
"""Similarities of each sentence."""

WORD_SIGNS = (
    "covered_by_sentence", "covered_with_synonyms", "request_covered", "grams_by_sentence",
    "sentence_covered", "type_given", "type_missing", "same_product", "other_product", "number_shared",
    "read_by_sentence", "missing_beside", "refers", "code_shared", "place_shared", "place_missing", "misfit",
    "repeated", "warned", "first", "length",
)  # fmt: skip
"""What each sentence says by itself; all other signs are those of its passage."""

PAGE_SIGNS = tuple(name for name in FEATURES if name not in {*VECTOR_SIGNS, *WORD_SIGNS})
_VECTOR_AT, _WORD_AT, _PAGE_AT = (
    np.array([FEATURES.index(name) for name in names]) for names in (VECTOR_SIGNS, WORD_SIGNS, PAGE_SIGNS)
)


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
        return float(self.signs[SIGN_AT[name]])


REMEMBERED = 1_024
"""Passages whose words are kept, at about 15 kB each."""


class Evidence:
    """Computes the candidates of a question, over one generation of a store.

    Example:
        >>> len(FEATURES) == len(set(FEATURES))
        True
    """

    def __init__(self, generation: Generation, catalogue: Catalogue) -> None:
        self.generation = generation
        self.catalogue = catalogue
        self._page_words = lru_cache(maxsize=REMEMBERED)(self._read_words)

    def _read_words(self, row: int) -> PageWords:
        generation = self.generation
        return PageWords.of(generation.passage(row), generation.words(row), self.catalogue)

    def candidates(self, question: Question, hits: Sequence[Hit]) -> list[Candidate]:
        """All sentences of ``hits``, passages in rank order."""
        asking = Inquiry(question, self.generation, self.catalogue)
        best = _Best(
            max((hit.score for hit in hits), default=0.0), max((hit.learned for hit in hits), default=0.0)
        )
        misfits = Misfits(asking.named, hits)
        familiar = Familiar(question.told, hits)
        similar = _similarities(asking, self.generation, [hit.passage for hit in hits])
        return [
            candidate
            for rank, hit in enumerate(hits)
            for candidate in self._of_passage(asking, hit, rank, best, misfits, familiar, similar[rank])
        ]  # fmt: skip

    def _of_passage(
        self,
        asking: Inquiry,
        hit: Hit,
        rank: int,
        best: _Best,
        misfits: Misfits,
        familiar: Familiar,
        similar: NDArray[np.float32],
    ) -> list[Candidate]:
        words = self._page_words(self.generation.row_of[hit.passage.id])
        page = _Page(asking, hit.passage, similar, words)
        spans = hit.passage.sentences
        signs = np.empty((len(spans), len(FEATURES)))
        shared = _shared_signs(asking, page, hit, rank, best)
        shared["settled"] = float(misfits.settles(hit.passage))
        shared |= familiar.signs(hit.passage)
        misfit = misfits.of_passage(hit.passage, page.words)
        signs[:, _PAGE_AT] = [shared[name] for name in PAGE_SIGNS]
        signs[:, _VECTOR_AT] = page.vector_signs()
        signs[:, _WORD_AT] = [
            (
                *_word_signs(asking, page, sentence),
                float(misfit[index]),
                _share(sentence.terms, asking.said),
                float(misfits.warns(hit.passage, sentence)),
                float(index == 0),
                min((end - start) / 200, 2.0),
            )
            for index, ((start, end), sentence) in enumerate(zip(spans, page.words.sentences, strict=True))
        ]
        return [
            Candidate(hit, rank, index, start, end, signs[index]) for index, (start, end) in enumerate(spans)
        ]


def _word_signs(asking: Inquiry, page: _Page, sentence: SentenceWords) -> tuple[float, ...]:
    """What the words of one sentence say, in the order of :data:`WORD_SIGNS` up to ``misfit``."""
    named, names = asking.named, sentence.names
    near = sentence.terms | page.words.head_terms
    # What a sentence gives, names and counts is worked out only for a question that asks for it.
    same = bool(asking.products and asking.products & sentence.products)
    return (
        asking.words.covered(sentence.terms),
        asking.wide.covered(near),
        asking.own.covered(near),
        asking.covered_grams(page.head_grams | _held(page.grams, sentence.letters)),
        _share(sentence.terms, asking.words_wide),
        float(bool(asking.types and sentence.gives(asking.types))),
        float(bool(asking.hard_types and asking.hard_types - sentence.gives(asking.hard_types))),
        float(same),
        float(bool(asking.products and sentence.products) and not same),
        float(bool(asking.numbers and asking.numbers & sentence.numbers)),
        _share(asking.read, sentence.read | page.words.read_head),
        asking.own.heaviest_missing(near),
        float(names.refers),
        float(bool(named.codes and named.codes & names.codes)),
        float(bool(named.places and named.places & names.places)),
        float(bool(asking.abroad and asking.abroad - names.places)),
    )


class _Page:
    """A passage before one question: its words, and the similarities of its sentences.

    Attributes:
        grams, head_grams: n-grams of the question that its body, or its head, holds.
    """

    def __init__(
        self, asking: Inquiry, passage: Passage, similar: NDArray[np.float32], words: PageWords
    ) -> None:
        self.passage, self.similar, self.words = passage, similar, words
        self.grams = _held(asking.grams, self.words.body)
        self.head_grams = _held(self.grams, self.words.head)

    def vector_signs(self) -> NDArray[np.float64]:
        """Similarities of each sentence in the order of :data:`VECTOR_SIGNS`; 0 where it has no vector."""
        made = np.zeros((len(self.passage.sentences), len(VECTOR_SIGNS)))
        known = self.similar[: len(made)]
        made[: len(known)] = known
        return made

    def highest(self, name: str) -> float:
        """The best similarity of any of its sentences."""
        return float(self.similar[:, VECTOR_SIGNS.index(name)].max()) if len(self.similar) else 0.0


def _similarities(
    asking: Inquiry, generation: Generation, passages: Sequence[Passage]
) -> list[NDArray[np.float32]]:
    """Of each passage's sentences those with the question, shape ``(s, 4)``, in the order of VECTOR_SIGNS.

    All in one product: for a dozen passages one by one, the calls cost more than the numbers.
    """
    if not passages:
        return []
    rows = np.array([generation.row_of[passage.id] for passage in passages])
    bounds = zip(generation.spans[rows], generation.spans[rows + 1], strict=True)
    spans = [np.arange(first, last) for first, last in bounds]
    members = np.concatenate(spans)
    found = np.zeros((len(members), len(VECTOR_SIGNS)), np.float32)
    found[:, :2] = widened(generation.sentence_vectors[members]) @ asking.vectors
    if asking.learned is not None and generation.learned_sentences is not None:
        found[:, 2:] = widened(generation.learned_sentences[members]) @ asking.learned
    return np.split(found, np.cumsum([len(span) for span in spans])[:-1])


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
        "code_missing": float(bool(asking.codes and asking.codes - page_numbers(passage))),
        "identified": asking.identified,
        "code_asked": float(bool(asking.named.codes)),
    }


class _Best(NamedTuple):
    fused: float
    learned: float


def _held(grams: Set[str], letters: str) -> set[str]:
    """The n-grams that occur in padded words."""
    return {gram for gram in grams if gram in letters}


def _share(part: Set[str], of: Set[str]) -> float:
    return len(part & of) / len(part) if part else 0.0
