"""The inverted index of a store: stems and character n-grams of heads and bodies, in tantivy.

Analysis is ours (:mod:`pipelines.text`), one analyser a language; tantivy receives ready tokens. So the words that
find a passage are the very words with which verification later compares sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tantivy
from numpy.typing import NDArray

from pipelines.text import grams, terms

GRAM_SIZES = (4,)
HEAD_BOOST = 0.5
RAW_FIELDS = ("lang", "audience", "kind", "document_id")
TEXT_FIELDS = ("head_terms", "body_terms", "head_grams", "body_grams")
WRITER_HEAP = 100_000_000


class Ranked(NamedTuple):
    """Rows of the store and their BM25 scores, best first; shapes ``(n,)``."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("row", stored=False, indexed=True, fast=True)
    for name in RAW_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class LexicalIndex:
    """BM25 over stems and over character n-grams.

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

    def search_terms(self, text: str, lang: str, where: Mapping[str, Sequence[str]], top_k: int) -> Ranked:
        """The best passages by stems."""
        return self._search(("body_terms", "head_terms"), terms(text, lang), where, top_k)

    def search_grams(self, text: str, lang: str, where: Mapping[str, Sequence[str]], top_k: int) -> Ranked:
        """The best passages by character n-grams: finds misspelt, unaccented and inflected words."""
        return self._search(("body_grams", "head_grams"), grams(text, lang, GRAM_SIZES), where, top_k)

    def document_frequency(self, term: str) -> int:
        """In how many passages a stem occurs, in head or body."""
        return int(self._searcher.doc_freq("body_terms", term))

    def _search(self, names: tuple[str, str], tokens: list[str], where: Mapping[str, Sequence[str]], top_k: int) -> Ranked:
        unique = sorted(set(tokens))
        if not unique or top_k < 1:
            return Ranked(np.empty(0, np.int64), np.empty(0))
        should = []
        for token in unique:
            for name, boost in zip(names, (1.0, HEAD_BOOST), strict=True):
                query = tantivy.Query.term_query(self._schema, name, token, index_option="freq")
                should.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, boost)))
        query = tantivy.Query.boolean_query(should)
        clauses = [(tantivy.Occur.Must, query)]
        for field, values in where.items():
            # A filter must not change the score.
            allowed = tantivy.Query.term_set_query(self._schema, field, list(values))
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(allowed, 0.0)))
        if len(clauses) > 1:
            query = tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(query, top_k).hits
        rows = self._searcher.fast_field_values("row", [address for _, address in hits])
        return Ranked(np.array(rows, np.int64), np.array([score for score, _ in hits]))


def build_lexical(folder: Path, rows: Iterable[tuple[str, str, Mapping[str, str]]]) -> None:
    """Write the inverted index of ``(head, body, {lang, audience, kind, document_id})`` rows into an empty folder."""
    schema = _schema()
    folder.mkdir(parents=True, exist_ok=True)
    index = tantivy.Index(schema, str(folder))
    writer = index.writer(heap_size=WRITER_HEAP, num_threads=1)
    for row, (head, body, raw) in enumerate(rows):
        lang = raw.get("lang", "")
        values: dict[str, object] = {name: raw.get(name, "") for name in RAW_FIELDS}
        values["row"] = row
        values["head_terms"] = " ".join(terms(head, lang))
        values["body_terms"] = " ".join(terms(f"{head}\n{body}", lang))
        values["head_grams"] = " ".join(grams(head, lang, GRAM_SIZES))
        values["body_grams"] = " ".join(grams(f"{head}\n{body}", lang, GRAM_SIZES))
        writer.add_document(tantivy.Document.from_dict(values, schema))
    writer.commit()
    writer.wait_merging_threads()
