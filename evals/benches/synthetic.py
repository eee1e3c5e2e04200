"""A store of many synthetic passages, for measuring speed and memory. It says nothing about quality.

Texts are sentences of the help centre in ``datasets/knowledge`` with a third of their words drawn anew from
its vocabulary, as often as they occur there. Vectors are those of 1,500 real sentences plus small noise, made
unit again: spread like real ones, without the hours that embedding 100,000 texts would take. Where a matcher
is given, its learned vectors are made by the same means: those of the same real sentences plus noise. Several
languages take turns, passage by passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipelines.embedding import Encoder
from pipelines.errors import DataError
from pipelines.knowledge.generation import Row
from pipelines.knowledge.matcher import Matcher, matcher_id
from pipelines.knowledge.reading import read_folder
from pipelines.knowledge.splitting import split
from pipelines.knowledge.store import PassageStore
from pipelines.text import sentence_spans, sentences
from pipelines.understanding.gloss import gloss

LANG = "fr"
REAL_VECTORS = 1_500
"""Texts that are really embedded; more would only take longer."""

NOISE = 0.02
"""Standard deviation a coordinate: the cosine with the real vector stays near .93."""

SENTENCES = 3
REDRAWN = 1 / 3


def build_synthetic_store(
    path: Path, passages: int, encoder: Encoder | None = None, knowledge: Path | None = None,
    matcher: Path | None = None, langs: Sequence[str] = (LANG,),
) -> PassageStore:  # fmt: skip
    """A store of ``passages`` synthetic passages in ``path``, one document each.

    Args:
        encoder: embeds the real texts; one with the model in the default cache when absent.
        knowledge: the help centre whose words are used; ``datasets/knowledge`` when absent.
        matcher: folder of a trained matcher, whose channel the store then has; none when absent.

    Raises:
        DataError: the help centre holds no article in one of the languages.
    """
    encoder = encoder or _encoder()
    generator = np.random.default_rng(7)
    known = matcher_id(matcher)
    learner = Matcher.load(matcher) if matcher and known else None
    folder = knowledge or Path("datasets/knowledge")
    real = [_real(folder, lang, encoder, learner, generator, REAL_VECTORS // len(langs)) for lang in langs]
    store = PassageStore(str(path), variant=encoder.variant)
    rows = [_row(number, real[number % len(real)], generator) for number in range(passages)]
    with store.writing():
        store.replace(rows, matcher=known)
    return store


def synthetic_queries(store: PassageStore, count: int) -> list[str]:
    """Questions of six consecutive words of random passages, shuffled.

    Example:
        >>> synthetic_queries.__name__
        'synthetic_queries'
    """
    generator = np.random.default_rng(11)
    generation = store.generation
    queries = []
    for row in generator.integers(0, generation.count, count):
        words = generation.passage(int(row)).text.split()
        start = int(generator.integers(0, max(len(words) - 6, 1)))
        queries.append(" ".join(generator.permutation(words[start : start + 6]).tolist()))
    return queries


def _encoder() -> Encoder:
    from pipelines.settings import load_settings

    return Encoder(load_settings().cache, threads=2)


class _Real(NamedTuple):
    """Real sentences of a language; vectors of some, ``(n, 384)``, and the matcher's, ``(n, 128)``."""

    lang: str
    lines: list[str]
    vocabulary: NDArray[np.str_]
    vectors: NDArray[np.float32]
    learned: NDArray[np.float32] | None


def _real(
    knowledge: Path, lang: str, encoder: Encoder, matcher: Matcher | None, generator: np.random.Generator,
    count: int,
) -> _Real:  # fmt: skip
    lines = _lines(knowledge, lang)
    texts = [lines[i] for i in generator.permutation(len(lines))[:count]]
    vectors = encoder.encode([gloss(text, lang) for text in texts])
    vocabulary = np.array([word for line in lines for word in line.split()])
    return _Real(lang, lines, vocabulary, vectors, matcher.encode(texts, vectors) if matcher else None)


def _lines(knowledge: Path, lang: str) -> list[str]:
    documents = [d for d in read_folder(knowledge).documents if d.lang == lang and d.kind == "article"]
    texts = [passage.text for document in documents for passage in split(document)]
    lines = [line for text in texts for line in sentences(text) if len(line.split()) >= 6]
    if not lines:
        raise DataError(f"{knowledge} has no article in {lang!r}.", mend="Give the folder of a help centre.")
    return list(dict.fromkeys(lines))


def _row(number: int, real: _Real, generator: np.random.Generator) -> Row:
    chosen = generator.integers(0, len(real.lines), SENTENCES)
    text = " ".join(_vary(real.lines[i], real.vocabulary, generator) for i in chosen)
    spans = sentence_spans(text)
    like = generator.integers(0, len(real.vectors), 1 + len(spans))
    vectors = _near(real.vectors[like], generator)
    known = None if real.learned is None else _near(real.learned[like], generator).astype(np.float16)
    record = _record(number, real.lang, text, spans)
    return Row(record, vectors[0], vectors[1:].astype(np.float16), known)


def _vary(line: str, vocabulary: NDArray[np.str_], generator: np.random.Generator) -> str:
    words = line.split()
    for place in np.flatnonzero(generator.random(len(words)) < REDRAWN):
        words[place] = str(vocabulary[generator.integers(len(vocabulary))])
    return " ".join(words)


def _near(real: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
    vectors = real + generator.normal(0, NOISE, real.shape)
    made: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return made


def _record(number: int, lang: str, text: str, spans: list[tuple[int, int]]) -> dict[str, object]:
    title, name = " ".join(text.split()[:6]), f"synthetic-{number:06d}"
    return {
        "id": f"{name}#", "content": text, "document_id": name, "version": "synthetic", "lang": lang,
        "title": title, "heading": title, "audience": "public", "kind": "article",
        "url": f"https://aide.cerfeuil.example/{lang}/{name}", "sentences": [list(span) for span in spans],
    }  # fmt: skip
