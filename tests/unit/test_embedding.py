"""The encoder gives the vectors it gave when they were written down, and refuses other weights.

The reference vectors come from this project's own ONNX graph: those in floats from 2026-11-20, when its
recipe was compared once with sentence-transformers on 405 texts (largest difference 2.5e-7; that needs torch
and is not repeated here), those in 8 bits from 2026-11-26. So these tests show that nothing has drifted
since, and how little the rounding moves a vector.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.embedding import DIMENSION, MODELS, VARIANT, WIDE, Encoder, ensure_model
from pipelines.embedding.model_files import MINILM, PackagedModel
from pipelines.errors import ModelError

REFERENCE = {
    "Où est mon colis ? Je l'attends depuis trois jours.":
        [-0.025919, -0.026345, -0.009871, -0.014962, 0.010547, 0.041444, -0.006423, 0.077688],
    "bjr jvoudrai etre remboursé svp":
        [-0.068681, 0.021835, -0.036095, -0.084228, -0.063813, 0.080677, 0.008078, 0.066584],
    "My washing machine leaks from the door.":
        [-0.021805, 0.014894, 0.096847, 0.010744, 0.088103, -0.041101, -0.040017, 0.035498],
    "¿Cuánto tarda el reembolso?":
        [0.010009, 0.078856, -0.030717, -0.012250, -0.066646, 0.044629, 0.016235, 0.024044],
    "أين طلبي؟":
        [0.020221, 0.074458, 0.019098, 0.020980, -0.137578, -0.033518, 0.152337, -0.056838],
    "":
        [-0.116771, 0.038344, -0.007564, -0.012038, 0.058503, 0.010937, 0.113831, 0.002367],
    "mot " * 600:
        [-0.110620, 0.034871, 0.041952, -0.001205, -0.037454, -0.027889, 0.083548, 0.100109],
}  # fmt: skip
"""The first 8 components; the last text is longer than the model's 256 tokens."""

EXACT = {
    "Où est mon colis ? Je l'attends depuis trois jours.":
        [-0.020794, -0.030998, -0.014531, -0.019847, 0.014710, 0.047690, -0.008978, 0.083254],
    "bjr jvoudrai etre remboursé svp":
        [-0.069261, 0.020503, -0.039653, -0.084564, -0.059205, 0.078418, 0.004955, 0.074226],
    "My washing machine leaks from the door.":
        [-0.012906, 0.017913, 0.096263, 0.011379, 0.085780, -0.037704, -0.046276, 0.035138],
    "¿Cuánto tarda el reembolso?":
        [0.014639, 0.078119, -0.033149, -0.011779, -0.065067, 0.045257, 0.014865, 0.027071],
    "أين طلبي؟":
        [0.022850, 0.076724, 0.007822, 0.029045, -0.139398, -0.029343, 0.144218, -0.060354],
    "":
        [-0.118838, 0.048299, -0.002548, -0.011011, 0.051951, 0.010292, 0.115433, 0.000701],
    "mot " * 600:
        [-0.112059, 0.031185, 0.050647, -0.003954, -0.034485, -0.029259, 0.078033, 0.096016],
}  # fmt: skip
"""The same of the model in 32-bit floats, as it was before its layers were rounded to integers."""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    made = Encoder(Path(__file__).resolve().parents[2] / ".cache")
    made.warm_up()
    return made


def test_vectors_are_the_reference_ones(encoder: Encoder) -> None:
    vectors = encoder.encode(list(REFERENCE))
    assert vectors.shape == (len(REFERENCE), DIMENSION)
    assert vectors.dtype == np.float32
    # Processors add floats in different orders; where that turns a rounding, a component moves a little.
    np.testing.assert_allclose(vectors[:, :8], np.array(list(REFERENCE.values())), atol=4e-3)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_rounding_to_integers_moves_a_vector_little(encoder: Encoder) -> None:
    exact, found = np.array(list(EXACT.values())), encoder.encode(list(EXACT))[:, :8]
    shown = (exact * found).sum(1) / np.linalg.norm(exact, axis=1) / np.linalg.norm(found, axis=1)
    assert shown.min() > 0.98
    assert np.abs(exact - found).max() < 0.02


def test_texts_read_side_by_side_have_the_vectors_they_have_alone(encoder: Encoder) -> None:
    texts = list(REFERENCE) * 6
    done: list[int] = []
    together = Encoder(encoder.cache, threads=2).encode(texts, progress=done.append)
    alone = [encoder.encode([text])[0] for text in texts]
    np.testing.assert_array_equal(together, np.stack(alone))
    assert sum(done) == len(texts)
    assert len(done) > 1


def test_what_lies_beyond_256_tokens_is_not_read(encoder: Encoder) -> None:
    a, b = encoder.encode(["mot " * 600, "mot " * 600 + "remboursement"])
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, DIMENSION)


def test_one_query_has_the_vector_of_a_batch(encoder: Encoder) -> None:
    text = next(iter(REFERENCE))
    np.testing.assert_allclose(encoder.encode_one(text), encoder.encode([text])[0], atol=1e-6)
    wide = encoder.encode_one_wide(text, "a reading")
    np.testing.assert_array_equal(wide, encoder.encode_wide([text], ["a reading"])[0])


def test_the_middle_layers_stand_beside_the_vector(encoder: Encoder) -> None:
    text = next(iter(REFERENCE))
    texts = [text, "autre chose"]
    wide = encoder.encode_wide(["x", "y"], texts)
    assert wide.shape == (2, WIDE)
    np.testing.assert_allclose(wide[:, :DIMENSION], encoder.encode([text, "autre chose"]), atol=2e-6)
    middle = wide[:, DIMENSION : 2 * DIMENSION]
    assert np.abs(middle - wide[:, :DIMENSION]).max() > 0.1
    assert np.abs(np.linalg.norm(middle, axis=1) - 1).min() > 0.1, "plain means, not unit vectors"


@pytest.mark.parametrize("text", ["", "\x00", "🙂" * 50, "a" * 100_000, "\n\n", "‮abc"])
def test_odd_texts_have_a_finite_vector(encoder: Encoder, text: str) -> None:
    assert np.isfinite(encoder.encode_wide([text], [text])).all()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.package)
def test_other_weights_are_refused_and_nothing_is_left(tmp_path: Path, model: PackagedModel) -> None:
    with pytest.raises(ModelError, match="not the pinned ones") as caught:
        ensure_model(tmp_path, replace(model, sha256="0" * 64))
    assert "requirements-serve.lock" in caught.value.mend
    assert not list((tmp_path / "models").glob(f"*/{model.graph}"))


def test_a_missing_weights_package_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not installed"):
        ensure_model(tmp_path, replace(MINILM, package="no-such-weights"))
    with pytest.raises(ModelError, match="holds no other"):
        ensure_model(tmp_path, replace(MINILM, weights="other.bin"))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.package)
def test_a_model_cut_short_is_built_again(tmp_path: Path, model: PackagedModel) -> None:
    left = tmp_path / "models" / f"{model.name}.partial"
    left.mkdir(parents=True)
    (left / model.graph).write_bytes(b"half")
    folder = ensure_model(tmp_path, model)
    assert (folder / model.table).stat().st_size > 40_000_000
    assert (folder / model.tensors).stat().st_size > 2_000_000
    assert (folder / model.graph).stat().st_size < 1_000_000, "the weights are mapped, not read"
    assert (folder / model.tensors).stat().st_mode == (folder / model.graph).stat().st_mode
    assert not left.exists()


def test_a_cache_that_lost_the_weights_is_filled_again(tmp_path: Path) -> None:
    (ensure_model(tmp_path) / MINILM.tensors).unlink()
    assert Encoder(tmp_path).encode(["colis"]).shape == (1, DIMENSION)


def test_another_versions_graph_is_left_where_it_is(tmp_path: Path) -> None:
    older = tmp_path / "models" / VARIANT / "model-0.onnx"
    older.parent.mkdir(parents=True)
    older.write_bytes(b"older")
    encoder = Encoder(tmp_path)
    assert encoder.encode(["colis"]).shape == (1, DIMENSION)
    assert older.read_bytes() == b"older"
