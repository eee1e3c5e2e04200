"""The inverted index of a store: stems, character n-grams and word prefixes of heads and bodies, in tantivy.

Analysis is ours (:mod:`pipelines.text`), one analyser a language; tantivy receives ready tokens. So the words
that find a passage are the very words with which verification later compares sentences.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import tantivy
from numpy.typing import NDArray

from pipelines.knowledge.query import GRAM_SIZES, prefixes
from pipelines.text import grams, terms

HEAD_BOOST = 0.5
RAW_FIELDS = ("lang", "audience", "kind", "document_id")
TEXT_FIELDS = ("head_terms", "body_terms", "head_grams", "body_grams")
WRITER_HEAP = 100_000_000


class Ranked(NamedTuple):
    """Rows of the store and their scores, best first; shapes ``(n,)``."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


NOTHING = Ranked(np.empty(0, np.int64), np.empty(0))


class Scope(NamedTuple):
    """Which rows may be found: allowed values by raw field, and documents left out."""

    where: Mapping[str, Sequence[str]] = {}
    exclude: Collection[str] = ()


EVERYTHING = Scope()


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=False, indexed=True, fast=True)
    for name in RAW_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("prefixes", tokenizer_name="whitespace", index_option="basic")
    return builder.build()


class LexicalIndex:
    """BM25 over stems and over character n-grams, and coverage of the query's words.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> build_lexical(folder, [("Colis", "Votre colis arrive en 3 jours", {"lang": "fr"})])
        >>> LexicalIndex(folder).search_terms("colis arrivé", "fr", {}, 5).rows.tolist()
        [0]
    """

    def __init__(self, folder: Path) -> None:
        self._schema = _schema()
        self._index = tantivy.Index.open(str(folder))
        self._searcher = self._index.searcher()
        self.count = int(self._searcher.num_docs)
        # A question asks for the same few words several times, and questions share most of theirs.
        self._frequency = lru_cache(maxsize=20_000)(self._document_frequency)

    def search_terms(self, text: str, lang: str, where: Mapping[str, Sequence[str]], top_k: int) -> Ranked:
        """The best passages by stems of a text as it stands."""
        return self.bm25("terms", dict.fromkeys(terms(text, lang), 1.0), Scope(where), top_k)

    def search_grams(self, text: str, lang: str, where: Mapping[str, Sequence[str]], top_k: int) -> Ranked:
        """The best passages by character n-grams: finds misspelt, unaccented and inflected words."""
        return self.bm25("grams", dict.fromkeys(grams(text, lang, GRAM_SIZES), 1.0), Scope(where), top_k)

    def bm25(
        self, kind: Literal["terms", "grams"], tokens: Mapping[str, float], scope: Scope, top_k: int,
        head: float = HEAD_BOOST,
    ) -> Ranked:  # fmt: skip
        """The best passages by weighted tokens; ``head`` is what a match in the head adds."""
        should = []
        for token, weight in tokens.items():
            for name, boost in ((f"body_{kind}", weight), (f"head_{kind}", weight * head)):
                if boost:
                    query = tantivy.Query.term_query(self._schema, name, token, index_option="freq")
                    should.append(query if boost == 1.0 else tantivy.Query.boost_query(query, boost))
        return self._search(should, scope, top_k)

    def coverage(self, field: str, tokens: Mapping[str, float], scope: Scope, top_k: int) -> Ranked:
        """The share of the query's information that a passage holds, in [0, 1], as sums of idf.

        Unlike BM25 it does not let one rare word, often repeated, outweigh all the others.
        """
        should, total = [], 0.0
        for token, weight in tokens.items():
            frequency = self._frequency(field, token)
            information = weight * math.log(1 + (self.count - frequency + 0.5) / (frequency + 0.5))
            # A synonym is an alternative: that it is missing is no loss.
            total += information if weight == 1.0 else 0.0
            if frequency:
                query = tantivy.Query.term_query(self._schema, field, token, index_option="basic")
                should.append(tantivy.Query.const_score_query(query, information))
        ranked = self._search(should, scope, top_k)
        return Ranked(ranked.rows, np.minimum(ranked.scores / max(total, 1e-9), 1.0))

    def document_frequency(self, term: str) -> int:
        """In how many passages a stem occurs, in head or body."""
        return self._frequency("body_terms", term)

    def prefix_frequency(self, prefix: str) -> int:
        """In how many passages a word prefix occurs, in head or body."""
        return self._frequency("prefixes", prefix)

    def _document_frequency(self, field: str, token: str) -> int:
        return int(self._searcher.doc_freq(field, token))

    def _search(self, should: list[Any], scope: Scope, top_k: int) -> Ranked:
        if not should or top_k < 1:
            return NOTHING
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in should])
        clauses = [(tantivy.Occur.Must, query)]
        for field, values in scope.where.items():
            if sum(self._frequency(field, value) for value in set(values)) == self.count:
                continue  # every passage passes: looking each of them up would change nothing
            # A filter must not change the score.
            allowed = self._one_of(field, values)
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(allowed, 0.0)))
        if scope.exclude:
            left_out = tantivy.Query.term_set_query(self._schema, "document_id", list(scope.exclude))
            clauses.append((tantivy.Occur.MustNot, left_out))
        if len(clauses) > 1:
            query = tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(query, top_k, count=False).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return Ranked(np.array(rows, np.int64), np.array([score for score, _ in hits], float))

    def _one_of(self, field: str, values: Sequence[str]) -> Any:
        # Terms are looked up; a set of them becomes an automaton, which costs more than the rest of a search.
        wanted = [tantivy.Query.term_query(self._schema, field, v, index_option="basic") for v in values]
        if len(wanted) == 1:
            return wanted[0]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in wanted])


def build_lexical(folder: Path, rows: Iterable[tuple[str, str, Mapping[str, str]]]) -> None:
    """Write the index of ``(head, body, {lang, audience, kind, document_id})`` rows into an empty folder."""
    schema = _schema()
    folder.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(schema, str(folder))
    writer = index.writer(heap_size=WRITER_HEAP, num_threads=1)
    for row, (head, body, raw) in enumerate(rows):
        lang, whole = raw.get("lang", ""), f"{head}\n{body}"
        values: dict[str, object] = {name: raw.get(name, "") for name in RAW_FIELDS}
        values["row"] = row
        values["head_terms"] = " ".join(terms(head, lang))
        values["body_terms"] = " ".join(terms(whole, lang))
        values["head_grams"] = " ".join(grams(head, lang, GRAM_SIZES))
        values["body_grams"] = " ".join(grams(whole, lang, GRAM_SIZES))
        values["prefixes"] = " ".join(prefixes(whole, lang))
        writer.add_document(tantivy.Document.from_dict(values, schema))
    writer.commit()
    writer.wait_merging_threads()
