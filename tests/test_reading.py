import unicodedata

import pytest

from colbert_explain.encoders.reading import check_text, read_text

TEXTS = [
    "Elephants eat 150 kg of food per day.",
    "The CAFÉ serves crème brûlée — naïve, isn't it?",
    "cafe\u0301 and re\u0301sume\u0301, decomposed",
    "a [MASK] and a [SEP] and [CLS] [PAD] [UNK]",
    "emoji 🐘🐼 in between🙂words",
    "大熊猫 eats 竹子",
    "</s> &amp; $x$ <img src=x onerror=alert(1)>",
    "tabs\tand\nnew lines\r\nand nul \x00 inside wo\x00rds",
    "שלום עולם נִקּוּד",
    "हिन्दी और ไทย",
    "İstanbul ﬁne Straße",
    "unaffordably antidisestablishmentarian 3.14159 e-mail x²",
    "zero\u200bwidth and \ufeffmark",
]


def normalised(tokenizer, text):
    return tokenizer.backend_tokenizer.normalizer.normalize_str(text).replace(" ", "")


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_of_a_span_is_the_piece_that_was_encoded(encoder, text):
    tokenizer = encoder.model.tokenizer
    reading = read_text(tokenizer, "document", text)
    for id_, piece, (start, end) in zip(reading.ids, reading.pieces, reading.spans, strict=True):
        if id_ != tokenizer.unk_token_id:
            assert normalised(tokenizer, text[start:end]) == piece.removeprefix("##")


@pytest.mark.parametrize("text", [*TEXTS, "한국어 문장"])
def test_spans_never_go_back_and_leave_out_nothing_that_is_kept(encoder, text):
    tokenizer = encoder.model.tokenizer
    spans = read_text(tokenizer, "document", text).spans
    starts = [start for start, _ in spans]
    assert starts == sorted(starts)
    covered = {position for start, end in spans for position in range(start, end)}
    for position, character in enumerate(text):
        if normalised(tokenizer, character) and not character.isspace():
            assert position in covered, f"{character!r} at {position}"


def test_letters_of_one_syllable_share_its_span(encoder):
    reading = read_text(encoder.model.tokenizer, "document", "한")
    assert reading.spans == ((0, 1),) * 3


def test_a_span_takes_the_accents_along_that_the_tokeniser_drops(encoder):
    text = "cafe\u0301\u0323 ok"
    reading = read_text(encoder.model.tokenizer, "document", text)
    start, end = reading.spans[0]
    assert text[start:end] == "cafe\u0301\u0323"
    assert unicodedata.category(text[end]) == "Zs"


def test_a_typed_special_token_is_read_as_text(encoder):
    tokenizer = encoder.model.tokenizer
    reading = read_text(tokenizer, "query", "[MASK]")
    assert reading.pieces == ("[", "mask", "]")
    assert tokenizer.mask_token_id not in reading.ids


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "query must contain text, got nothing"),
        (" \t\n\u00a0", "query must contain text, got blank space"),
        (17, "query must be a string, got int"),
        (None, "query must be a string, got NoneType"),
        (b"bytes", "query must be a string, got bytes"),
        ("ab\ud83d", r"character 3 is half of a surrogate pair \(U\+D83D\)"),
    ],
)
def test_what_is_no_text_is_refused_in_one_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_text("query", text)


@pytest.mark.parametrize("text", ["\u0301\u0323", "\x00", "\u200b"])
def test_text_of_which_the_tokeniser_keeps_nothing_is_refused(encoder, text):
    with pytest.raises(ValueError, match="tokeniser drops all of its"):
        read_text(encoder.model.tokenizer, "document", text)
