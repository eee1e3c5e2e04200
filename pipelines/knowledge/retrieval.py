"""Retrieval as a Haystack component: a query and its vector in, hits of one language and audience out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from haystack import component, default_from_dict, default_to_dict
from numpy.typing import NDArray

from pipelines.contracts import Hit
from pipelines.knowledge.completing import with_rest
from pipelines.knowledge.scoping import allowed_rows
from pipelines.knowledge.search import Fusion, Weights, search
from pipelines.knowledge.store import PassageStore
from pipelines.sharing import Fixed


@component
class HybridRetriever:
    """Finds the passages that may answer a query.

    Args:
        store: where the passages are; a relative path is resolved against the working directory.
        top_k: how many hits at most.
        audience: audiences that may be found; internal notes need ``agent``.
        fusion: ``zscore`` or ``rrf``.
        expand: spell shorthand out and search synonyms along at a low weight.

    Example:
        >>> HybridRetriever(PassageStore("var/index"), top_k=5).to_dict()["init_parameters"]["top_k"]
        5
    """

    def __init__(
        self, store: PassageStore, top_k: int = 8, audience: list[str] | None = None, fusion: str = "zscore",
        expand: bool = True,
    ) -> None:  # fmt: skip
        if fusion not in ("zscore", "rrf"):
            raise ValueError(f"unknown fusion {fusion!r}; use zscore or rrf")
        self.store, self.top_k, self.fusion, self.expand = store, top_k, fusion, expand
        self.audience = ["public"] if audience is None else list(audience)

    def to_dict(self) -> dict[str, Any]:
        """For pipeline YAML."""
        return default_to_dict(
            self, store=self.store.to_dict(), top_k=self.top_k, audience=self.audience, fusion=self.fusion,
            expand=self.expand,
        )  # fmt: skip

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HybridRetriever:
        """From pipeline YAML."""
        data["init_parameters"]["store"] = PassageStore.from_dict(data["init_parameters"]["store"])
        return default_from_dict(cls, data)

    @component.output_types(hits=Sequence[Hit])
    def run(
        self, query: str, lang: str, vector: NDArray[np.float32], exclude: list[str] | None = None,
        learned: NDArray[np.float32] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Hits, best first; none for an empty query.

        Behind them comes the rest of what is needed whole (:mod:`pipelines.knowledge.completing`).

        Args:
            vector: unit vector of the query, shape ``(384,)``.
            exclude: ids of documents that must not be used.
            learned: the matcher's vector of the query, shape ``(128,)``, where there is a matcher.

        Raises:
            StoreError: there is no index, or it is of another model or version.
        """
        weights = Weights() if self.expand else Weights(expansion=0.0)
        where = {"lang": [lang], "audience": self.audience}
        fusion = cast(Fusion, self.fusion)
        generation = self.store.generation
        left_out = exclude or ()
        hits = search(generation, query, lang, vector, where, self.top_k, weights, fusion, left_out, learned)
        allowed = allowed_rows(generation, where, left_out)
        return {"hits": Fixed(with_rest(hits, generation, allowed, query, vector, learned))}
