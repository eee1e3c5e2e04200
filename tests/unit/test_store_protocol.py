"""The store passes the document-store tests that ship with Haystack."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from haystack import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack.testing.document_store import DocumentStoreBaseTests

from pipelines.knowledge.store import PassageStore


class TestProtocol(DocumentStoreBaseTests):
    @pytest.fixture
    def document_store(self, tmp_path: Path) -> PassageStore:
        return PassageStore(str(tmp_path / "store"))

    def assert_documents_are_equal(self, received: list[Document], expected: list[Document]) -> None:
        """Equal in everything; vectors as equal as float32 is, which is how a store keeps them."""
        assert [replace(d, embedding=None) for d in received] == [
            replace(d, embedding=None) for d in expected
        ]
        for got, wanted in zip(received, expected, strict=True):
            assert (got.embedding is None) == (wanted.embedding is None)
            if got.embedding is not None and wanted.embedding is not None:
                np.testing.assert_allclose(got.embedding, wanted.embedding, rtol=1e-6)

    def test_write_documents(self, document_store: PassageStore) -> None:
        documents = [Document(id="1", content="un"), Document(id="2", content="deux")]
        assert document_store.write_documents(documents) == 2
        assert document_store.filter_documents() == documents
        with pytest.raises(DuplicateDocumentError):
            document_store.write_documents(documents, DuplicatePolicy.NONE)
