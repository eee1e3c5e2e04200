"""The retriever as a component: scope, exclusion, YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from haystack import Document, Pipeline

from pipelines.errors import StoreError
from pipelines.knowledge.retrieval import HybridRetriever
from pipelines.knowledge.store import PassageStore

VECTOR = np.eye(1, 384, dtype=np.float32)[0]


@pytest.fixture
def store(tmp_path: Path) -> PassageStore:
    made = PassageStore(str(tmp_path / "index"))
    documents = []
    for name, lang, audience in (("a", "fr", "public"), ("b", "fr", "agent"), ("c", "en", "public")):
        meta = {"document_id": name, "lang": lang, "audience": audience, "kind": "article"}
        documents.append(Document(id=f"{name}#", content="colis perdu", embedding=VECTOR.tolist(), meta=meta))
    made.write_documents(documents)
    return made


def found(retriever: HybridRetriever, **more: Any) -> list[str]:
    hits = retriever.run(query="colis", lang="fr", vector=VECTOR, **more)["hits"]
    return [hit.passage.id for hit in hits]


def test_only_the_language_and_audience(store: PassageStore) -> None:
    assert found(HybridRetriever(store)) == ["a#"]
    assert found(HybridRetriever(store, audience=["public", "agent"])) == ["a#", "b#"]


def test_a_store_keeps_languages_together_and_notes_after_them(tmp_path: Path) -> None:
    made = PassageStore(str(tmp_path / "index"))
    rows = [("n", "fr", "agent"), ("a", "fr", "public"), ("c", "en", "public"), ("b", "fr", "public")]
    for name, lang, audience in rows:
        meta = {"document_id": name, "lang": lang, "audience": audience, "kind": "article"}
        document = Document(id=f"{name}#", content="colis perdu", embedding=VECTOR.tolist(), meta=meta)
        made.write_documents([document])
    assert made.generation.ids == ["c#", "a#", "b#", "n#"]
    assert found(HybridRetriever(made)) == ["a#", "b#"]


def test_excluded_documents(store: PassageStore) -> None:
    assert found(HybridRetriever(store), exclude=["a"]) == []


def test_whoever_names_a_lot_gets_all_that_holds_for_lots(tmp_path: Path) -> None:
    made = PassageStore(str(tmp_path / "index"))
    rows = [
        ("recall#apply", "public", "rappel de lots, formulaire"),
        ("recall#lots", "public", "sont rappelés ceux de 2419 à 2426"),
        ("recall#stop", "public", "débranchez et n'utilisez plus"),
        ("recall#note", "agent", "geste possible"),
        ("lots#sizes", "public", "rappel, lots de six verres"),
    ]
    made.write_documents(
        [
            Document(
                id=name, content=text, embedding=VECTOR.tolist(),
                meta={"document_id": name.split("#")[0], "lang": "fr", "audience": who, "kind": "article"},
            )
            for name, who, text in rows
        ]
    )  # fmt: skip
    retriever = HybridRetriever(made, top_k=2)

    def asked(query: str) -> set[str]:
        hits = retriever.run(query=query, lang="fr", vector=VECTOR)["hits"]
        return {hit.passage.id for hit in hits}

    few = asked("rappel des lots")
    assert len(few) == 2
    assert "recall#apply" in few
    assert asked("rappel des lots, 2421 ?") == few | {"recall#apply", "recall#lots", "recall#stop"}
    assert len(asked("rappel des lots, commande CF-20417733")) == 2, "an order's number is no lot's"


def test_yaml_round_trip(store: PassageStore) -> None:
    pipeline = Pipeline()
    pipeline.add_component(
        "retrieve", HybridRetriever(store, top_k=3, audience=["agent"], fusion="rrf", expand=False)
    )
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["pipelines"])
    assert again.to_dict() == pipeline.to_dict()
    result = again.run({"retrieve": {"query": "colis", "lang": "fr", "vector": VECTOR}})
    assert [hit.passage.id for hit in result["retrieve"]["hits"]] == ["b#"]


def test_a_wrong_fusion_is_refused(store: PassageStore) -> None:
    with pytest.raises(ValueError, match="unknown fusion"):
        HybridRetriever(store, fusion="borda")


def test_no_index_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="souffleur index DIR"):
        found(HybridRetriever(PassageStore(str(tmp_path / "none"))))


def test_an_index_of_another_model_names_the_mend(store: PassageStore) -> None:
    with pytest.raises(StoreError, match=r"made with model .*--rebuild"):
        found(HybridRetriever(PassageStore(store.path, variant="another-model")))
