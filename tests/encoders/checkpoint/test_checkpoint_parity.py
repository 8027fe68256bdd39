"""Every kind of checkpoint must give what sentence-transformers gives, row by row."""

import re
import shutil
import unicodedata
from itertools import product

import numpy as np
import pytest
from sentence_transformers import MultiVectorEncoder
from tokenizers import models
from transformers.convert_slow_tokenizer import bytes_to_unicode

import colbert_explain as ce
from tests.each_case import check_each
from tests.tiny_checkpoints import (
    FAMILIES,
    FORMATS,
    TEXTS,
    TYPED_SPECIALS,
    both_layouts,
    expansion_rows,
    make_checkpoint,
    reference_rows,
    shard_weights,
    stale_modules_json,
    without_modules_json,
)

SIDES = ("query", "document")
LONG_QUERY, LONG_DOCUMENT = TEXTS[-2:]
EVERY_TEXT = list(product((*TEXTS, *TYPED_SPECIALS), SIDES))
SOME_TEXTS = (*TEXTS[2::5], LONG_QUERY, LONG_DOCUMENT)
PAIRS = [(query, document) for query in TEXTS[::6] for document in (*TEXTS[2::6], LONG_DOCUMENT)]
PROMPTS = {"query": "search_query: ", "document": "search_document: "}
MINIMUM = {"query_expansion": "min", "expansion_length": 16, "query_length": 48}
PLAIN = {f"{format}-{family}": (format, family) for format in FORMATS for family in FAMILIES}
VARIANTS = {
    "attend": (FORMATS, {"attend": True}),
    "no_skiplist": (FORMATS, {"skiplist": ()}),
    "no_expansion": (FORMATS[1:], {"query_expansion": None}),
    "two_layers": (FORMATS[1:], {"dense": "two_with_residual"}),
    "prompts": (FORMATS[1:], {"prompts": PROMPTS}),
    "no_markers": (FORMATS[1:], {"markers": ("", "")}),
    "minimum": (FORMATS[2:], MINIMUM),
}

_MARKS = "\ufe0e\ufe0f\U0001f3fb-\U0001f3ff" + "".join(
    c for c in map(chr, range(0x10000)) if unicodedata.category(c) in ("Mn", "Mc")
)
#: A character as a reader sees it: a flag, emoji joined to one, a letter with its marks.
_CHARACTER = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|.[{_MARKS}]*(?:\u200d.[{_MARKS}]*)*", re.DOTALL
)
_BYTE_OF = {letter: byte for byte, letter in bytes_to_unicode().items()}


class Loaded:
    """Our encoder, the reference, and what both made of each text, encoded once."""

    def __init__(self, folder, reference_folder=None):
        self.encoder = ce.load_encoder(folder, device="cpu")
        self.reference = MultiVectorEncoder(
            str(reference_folder or folder), local_files_only=True, device="cpu"
        )
        self.tokenizer = self.reference.tokenizer
        self._embedded, self._expected = {}, {}

    def embedded(self, text, side):
        if (text, side) not in self._embedded:
            embed = {"query": self.encoder.embed_query, "document": self.encoder.embed_document}
            self._embedded[text, side] = embed[side](text)
        return self._embedded[text, side]

    def expected(self, text, side):
        if (text, side) not in self._expected:
            self._expected[text, side] = reference_rows(self.reference, text, side)
        return self._expected[text, side]

    def marker_id(self, side):
        """Id of the checkpoint's marker: the first entry of its prompt."""
        return self.tokenizer(self.reference.prompts[side], add_special_tokens=False).input_ids[0]

    def normalise(self, text):
        """What the tokeniser looks up for a text: characters, or bytes."""
        backend = self.tokenizer.backend_tokenizer
        normal = backend.normalizer.normalize_str(text)
        return normal.encode() if isinstance(backend.model, models.BPE) else normal

    def spelling(self, id_):
        """What a vocabulary entry stands for, without its white space: characters, or bytes."""
        entry = self.tokenizer.convert_ids_to_tokens(id_)
        match self.tokenizer.backend_tokenizer.model:
            case models.BPE():
                return bytes(_BYTE_OF[letter] for letter in entry).strip()
            case models.WordPiece():
                return entry.removeprefix("##")
            case models.Unigram():
                return entry.replace("▁", " ").strip()


@pytest.fixture(scope="module", params=PLAIN)
def plain(request, tmp_path_factory):
    return Loaded(make_checkpoint(tmp_path_factory.mktemp("plain"), *PLAIN[request.param]))


def text_tokens(sequence):
    return [token for token in sequence if token.role == "text"]


def assert_same_rows(loaded, text):
    for side in SIDES:
        expected = loaded.expected(text, side)
        embedded = loaded.embedded(text, side)
        context = f"{side} {text!r}"
        assert [token.id for token in embedded.tokens] == expected.ids.tolist(), context
        assert [token.scored for token in embedded.tokens] == expected.scored.tolist(), context
        np.testing.assert_allclose(
            embedded.vectors, expected.vectors, rtol=0, atol=1e-5, err_msg=context
        )
    filled_up = [token.role == "expansion" for token in loaded.embedded(text, "query").tokens]
    assert filled_up == expansion_rows(loaded.reference, text).tolist(), text


def differ(one, other):
    """Whether two readings of a text by the reference differ in anything."""
    if len(one.ids) != len(other.ids) or (one.scored != other.scored).any():
        return True
    return bool(np.abs(one.vectors - other.vectors).max() > 0.01)


def assert_same_explanation(loaded, query, document):
    explanation = ce.explain(query, document, loaded.encoder)
    model = loaded.reference
    score = model.similarity(model.encode_query([query]), model.encode_document([document]))
    assert explanation.score == pytest.approx(score.item(), abs=1e-4)

    queries, documents = loaded.expected(query, "query"), loaded.expected(document, "document")
    similarity = queries.vectors @ documents.vectors.T
    best = similarity[:, documents.scored].max(axis=1)
    expected = np.where(queries.scored, best, 0)
    np.testing.assert_allclose(explanation.contributions, expected, rtol=0, atol=1e-4)
    for row, column in enumerate(explanation.alignment):
        assert (column == -1) == (not queries.scored[row])
        if column != -1:
            assert documents.scored[column]
            assert similarity[row, column] == pytest.approx(best[row], abs=1e-5)


def checkpoint(folder, format, family, **settings):
    return Loaded(make_checkpoint(folder / f"{format}-{family}", format, family, **settings))


def test_a_checkpoint_of_the_tests_shows_what_a_wrong_reading_would_change(plain):
    document, query = plain.expected(TEXTS[2], "document"), plain.expected(TEXTS[0], "query")
    assert not document.scored.all()
    assert query.scored.all()
    assert 15 < expansion_rows(plain.reference, TEXTS[0]).sum() < 28
    cosines = document.vectors @ document.vectors.T
    assert np.sort(cosines)[:, -2].max() < 0.999
    assert np.ptp(cosines) > 0.3


def test_ids_scored_flags_and_vectors_are_those_of_the_reference(plain):
    check_each(TEXTS, lambda text: assert_same_rows(plain, text))


def test_score_contributions_and_alignment_are_those_of_the_reference(plain):
    check_each(PAIRS, lambda pair: assert_same_explanation(plain, *pair))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_as_the_reference(name, tmp_path):
    formats, settings = VARIANTS[name]

    def check(case):
        loaded = checkpoint(tmp_path, *case, **settings)
        usual = Loaded(make_checkpoint(tmp_path / "usual" / "-".join(case), *case))
        assert any(
            differ(loaded.expected(text, side), usual.expected(text, side))
            for text, side in product(SOME_TEXTS, SIDES)
        ), "the variant changes nothing that is read"
        check_each(SOME_TEXTS, lambda text: assert_same_rows(loaded, text))
        assert_same_explanation(loaded, *PAIRS[0])

    check_each(product(formats, FAMILIES), check)


def test_sharded_weights_are_as_the_whole_ones(tmp_path):
    def check(case):
        whole = make_checkpoint(tmp_path / "-".join(case), *case)
        sharded = shard_weights(shutil.copytree(whole, tmp_path / "-".join((*case, "sharded"))))
        # sentence-transformers looks for Stanford's projection in a file of all weights only.
        loaded = Loaded(sharded, reference_folder=whole)
        check_each(SOME_TEXTS, lambda text: assert_same_rows(loaded, text))

    check_each(product(FORMATS, FAMILIES), check)


def test_a_folder_with_both_layouts_is_the_model_that_both_describe(tmp_path):
    folder = both_layouts(tmp_path / "both")
    stanford = without_modules_json(folder, tmp_path / "stanford")
    for loaded in (Loaded(folder), Loaded(folder, reference_folder=stanford)):
        check_each(TEXTS, lambda text, loaded=loaded: assert_same_rows(loaded, text))


def test_a_stale_modules_json_does_not_hide_the_projection(tmp_path):
    def check(family):
        folder = stale_modules_json(tmp_path / f"stale_{family}", family)
        whole = without_modules_json(folder, tmp_path / f"whole_{family}")
        loaded = Loaded(folder, reference_folder=whole)
        check_each(SOME_TEXTS, lambda text: assert_same_rows(loaded, text))

    check_each(FAMILIES, check)


def test_more_of_a_document_is_read_where_asked(tmp_path):
    def check(family):
        folder = make_checkpoint(tmp_path / family, "stanford", family)
        longer = make_checkpoint(
            tmp_path / f"longer_{family}", "stanford", family, document_length=500
        )
        model = MultiVectorEncoder(str(longer), local_files_only=True, device="cpu")
        expected = reference_rows(model, LONG_DOCUMENT, "document")
        encoder = ce.load_encoder(folder, document_length=500, device="cpu")
        embedded = encoder.embed_document(LONG_DOCUMENT)
        assert embedded.tokens.n_unread == 0
        assert [token.id for token in embedded.tokens] == expected.ids.tolist()
        np.testing.assert_allclose(embedded.vectors, expected.vectors, rtol=0, atol=1e-5)

    check_each(FAMILIES, check)


def test_what_was_not_read_is_counted(plain):
    for text, side in ((LONG_QUERY, "query"), (LONG_DOCUMENT, "document")):
        tokens = plain.embedded(text, side).tokens
        assert tokens.n_unread > 0
        assert max(token.end for token in text_tokens(tokens)) <= tokens.unread_start


def test_spans_cover_all_that_was_read(plain):
    def check(case):
        text, side = case
        tokens = plain.embedded(text, side).tokens
        covered = set()
        for token in tokens:
            assert (token.start is not None) == (token.role == "text")
        for token in text_tokens(tokens):
            assert token.text == text[token.start : token.end]
            covered.update(range(token.start, token.end))
        read = len(text) if tokens.unread_start is None else tokens.unread_start
        for position, character in enumerate(text[:read]):
            if not character.isspace() and plain.normalise(character).strip():
                assert position in covered, f"{character!r} at {position}"

    check_each(EVERY_TEXT, check)


def test_a_span_holds_its_piece_and_whole_characters_around_it(plain):
    def check(case):
        text, side = case
        for token in text_tokens(plain.embedded(text, side).tokens):
            if token.id == plain.tokenizer.unk_token_id:
                continue
            piece, span = plain.spelling(token.id), text[token.start : token.end].strip()
            parts = [plain.normalise(part) for part in _CHARACTER.findall(span)]
            whole = type(piece)().join(parts)
            at = whole.find(piece)
            assert at != -1, f"{piece!r} in {span!r}"
            if not piece:  # white space, or the start of a word that has no character of its own
                assert not whole.strip(), f"{span!r} for a piece without characters"
            else:
                assert at < len(parts[0]), f"{span!r} begins before {piece!r}"
                end_of_rest = len(whole) - len(parts[-1])
                assert at + len(piece) > end_of_rest, f"{span!r} goes on after {piece!r}"

    check_each(EVERY_TEXT, check)


def test_an_emoji_in_several_pieces_is_whole_in_each(plain):
    text = "an 🐘 and🙂so"
    for side in SIDES:
        for emoji in "🐘🙂":
            at = text.index(emoji)
            tokens = text_tokens(plain.embedded(text, side).tokens)
            labels = [token.text for token in tokens if token.start <= at < token.end]
            assert labels
            assert all(emoji in label for label in labels)
            if len(labels) > 1:  # the first may begin with the space before
                assert {label.strip() for label in labels} == {emoji}


def test_labels_are_free_of_the_marks_of_the_vocabulary(plain):
    def check(case):
        for token in plain.embedded(*case).tokens:
            assert not [mark for mark in ("Ġ", "Ċ", "▁", "##") if mark in token.text], token

    check_each(EVERY_TEXT, check)


def test_marks_that_a_user_types_stay_in_the_labels(plain):
    for side in SIDES:
        tokens = plain.embedded("C## and Ġ are typed", side).tokens
        read = "".join(token.text for token in text_tokens(tokens))
        assert "##" in read, side
        assert "Ġ" in read, side


def test_a_typed_special_token_is_text(plain):
    markers = {plain.marker_id(side) for side in SIDES}
    entries = {*plain.tokenizer.all_special_ids, *markers} - {plain.tokenizer.unk_token_id}

    def check(case):
        tokens = plain.embedded(*case).tokens
        assert not entries & {token.id for token in text_tokens(tokens)}
        assert sum(token.id in markers for token in tokens) == 1

    check_each(product(TYPED_SPECIALS, SIDES), check)


def test_the_marker_is_called_one_and_comes_before_the_text(plain):
    for side in SIDES:
        tokens = plain.embedded(TEXTS[0], side).tokens
        markers = [i for i, token in enumerate(tokens) if token.id == plain.marker_id(side)]
        assert len(markers) == 1, side
        assert tokens[markers[0]].role == "marker", side
        text = next(i for i, token in enumerate(tokens) if token.role == "text")
        assert markers[0] < text, side


def test_a_prompt_is_not_among_the_user_s_words(tmp_path):
    for format in FORMATS[1:]:
        loaded = checkpoint(tmp_path, format, "wordpiece", prompts=PROMPTS)
        for side in SIDES:
            tokens = text_tokens(loaded.embedded(TEXTS[0], side).tokens)
            read = "".join(token.text for token in tokens)
            assert read == "Whatdoelephantseat?", (format, side)
