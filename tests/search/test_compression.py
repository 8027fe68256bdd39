from dataclasses import replace

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.search.compression import COMPRESSIONS, compression_named, packaged_map
from colbert_explain.similarity import similarity_matrix

FITS = Provenance(
    packaged_map().model, sha256=packaged_map().sha256, layers=packaged_map().layers, dim=768
)


def unit(n, dim, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def embedded(encoder):
    def vectors(found):
        return found.vectors[found.tokens.scored_mask]

    return (
        vectors(encoder.embed_query("How much do elephants eat?")),
        vectors(encoder.embed_document("Adult elephants eat about 150 kg of food a day.")),
        vectors(encoder.embed_document("The rain in Spain falls mainly on the plain.")),
    )


def test_the_estimates_are_near_the_cosines(embedded, encoder):
    query, document, unrelated = embedded
    exact = similarity_matrix(query, document)
    for name, tolerance in {"map": 0.3, "int8": 0.01, "map+int8": 0.3}.items():
        compression = compression_named(name, encoder.provenance)
        assert compression.name == name
        estimated = compression.similarity(compression.query(query), compression.pack(document))
        assert estimated.dtype == np.float32, name
        assert np.abs(estimated - exact).max() < tolerance, name
        far = compression.similarity(compression.query(query), compression.pack(unrelated))
        assert estimated.max(axis=1).sum() > far.max(axis=1).sum() + 0.5, name


def test_a_slice_of_the_arrays_gives_a_slice_of_the_estimates():
    query, document = unit(3, 768), unit(20, 768, 1)
    for name in COMPRESSIONS:
        compression = compression_named(name, FITS)
        asked, arrays = compression.query(query), compression.pack(document)
        assert {len(array) for array in arrays.values()} == {20}, name
        part = {key: array[5:9] for key, array in arrays.items()}
        np.testing.assert_allclose(
            compression.similarity(asked, part),
            compression.similarity(asked, arrays)[:, 5:9],
            atol=1e-6,
            err_msg=name,
        )


def test_bytes_per_token():
    document = unit(20, 768)
    for name, expected in {"map": 256, "int8": 772, "map+int8": 132}.items():
        arrays = compression_named(name, FITS).pack(document)
        assert sum(array.nbytes for array in arrays.values()) == 20 * expected, name


def test_eight_bits_keep_every_number_within_half_a_step():
    for vectors in (unit(50, 7), np.eye(4, dtype=np.float32), -np.eye(4, dtype=np.float32)):
        dim = vectors.shape[1]
        compression = compression_named("int8", Provenance("another", dim=dim))
        arrays = compression.pack(vectors)
        kept = compression.similarity(np.eye(dim, dtype=np.float32), arrays).T
        steps = np.abs(vectors).max(axis=1, keepdims=True) / 127
        assert (np.abs(kept - vectors) <= steps * 0.501).all()


def test_a_map_for_another_encoder_is_refused_and_the_error_says_what_works():
    for provenance in (
        Provenance("another", dim=768),
        replace(FITS, sha256="0" * 64),
        replace(FITS, layers=(6,), dim=384),
        replace(FITS, layers=(6, 3)),
        replace(FITS, dim=128),
    ):
        for name in ("map", "map+int8"):
            with pytest.raises(ValueError, match='compression="int8" works for') as refused:
                compression_named(name, provenance)
            assert provenance.model in str(refused.value), provenance
        assert compression_named("int8", provenance).name == "int8"
    # How texts are read does not matter to the map.
    assert compression_named("map", replace(FITS, revision="1", settings={"a": "b"})).name == "map"


def test_an_unknown_name_is_refused():
    with pytest.raises(
        ValueError, match=r"compression must be one of map, int8, map\+int8, got 'x'"
    ):
        compression_named("x", FITS)


def test_the_map_is_made_for_the_bundled_encoder_and_says_how(encoder):
    found = packaged_map()
    assert found.fits(encoder.provenance)
    assert found.matrix.shape == (768, 128)
    assert {"method", "text", "text_sha256", "made_by"} <= set(found.about)
    # Directions of length 1, all at right angles.
    np.testing.assert_allclose(found.matrix.T @ found.matrix, np.eye(128), atol=2e-3)
