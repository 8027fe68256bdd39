"""Tokenisers of the four families, trained on a few sentences."""

from __future__ import annotations

import copy
import math
import string
from collections.abc import Callable
from functools import cache
from typing import Any

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

#: Enough repetition for pieces to form; accents, Chinese, digits. No emoji and no exclamation mark,
#: so that WordPiece and SentencePiece have unknown tokens, one of them a word of the skiplist.
SENTENCES = (
    "An elephant eats about 150 kg of food every day.",
    "Elephants drink 100 litres of water a day, and more when it is hot.",
    "The cats sleep in the sun while the rain falls on the roof.",
    "What do elephants eat, and how much food do they need each day?",
    "The canteen serves food to all employees from 11:30 to 14:00.",
    "A river carries water from the mountains to the sea.",
    "It's raining again; they don't want to go out, and we can't either.",
    "The café on the corner serves crème brûlée and strong coffee.",
    "Señor Núñez naïvely ordered a piñata for the fête.",
    "Grüße aus Köln, schöne Straße, über den Fluß.",
    "The price rose by 12.5% to $3,140 in 2024 (up from $2,791).",
    "Water boils at 100 °C and freezes at 0 °C.",
    "The train left at 09:45 and arrived 37 minutes late.",
    "Measure 25 ml of oil, 350 g of flour and 8 eggs.",
    "Read the results in the table: rows are queries, columns are documents.",
    "A query is short; a document is long; a score says how well they match.",
    "Each token of the query looks for the most similar token of the document.",
    "The model reads the text and gives one vector to each of its tokens.",
    "Questions are answered by the documents that match them best.",
    "Who wrote the letter, and when was it sent to the office?",
    "The office is closed on Mondays and on public holidays.",
    "In the morning the birds sing; in the evening the frogs do.",
    "Small farms grow rice, beans, maize and sweet potatoes.",
    "Doctors recommend eight hours of sleep, seven at the very least.",
    "The teacher asked the students to explain the answer in their own words.",
    "大象每天吃很多食物。",
    "大熊猫喜欢吃竹子。",
    "今天天气很好,我们去公园。",
    "水在一百度时沸腾。",
    "猫在太阳下睡觉。",
    "Is this e-mail address correct? user_name@example.org",
    'She said: "the answer isn\'t in the book" - and left.',
    "Press Ctrl+C, type ls *.txt | sort & wait <5 seconds> {or so}.",
    "C:\\temp\\new #1 [draft] = 50/50 ~ `code` ^ 2",
)
#: Marker entries that each family has before any checkpoint adds its own, query and document.
VOCABULARY_MARKERS = {
    "wordpiece": ("[unused0]", "[unused1]"),
    "byte_bpe": ("[unused0]", "[unused1]"),
    "decoder": ("<|query|>", "<|document|>"),
    "sentencepiece": ("[QueryMarker]", "[DocumentMarker]"),
}


_AS_BERT: dict[str, Any] = {
    "model_max_length": 512,
    **{"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"},
}


def new_tokenizer(family: str) -> PreTrainedTokenizerFast:
    """A tokeniser of the family, the caller's own to change."""
    return copy.deepcopy(_trained(family))


@cache
def _trained(family: str) -> PreTrainedTokenizerFast:
    return _TRAINERS[family]()


def _wordpiece() -> PreTrainedTokenizerFast:
    specials = ["[PAD]", *VOCABULARY_MARKERS["wordpiece"], "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    normalizer = normalizers.BertNormalizer(lowercase=True)
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    pieces = _pieces(normalizer, pre_tokenizer, 350)
    entries = [*specials, *pieces, *(f"##{piece}" for piece in pieces)]
    vocabulary = {entry: id_ for id_, entry in enumerate(entries)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = _template(tokenizer, "[CLS]", "[SEP]")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        mask_token="[MASK]",
        **_AS_BERT,
    )


def _byte_bpe() -> PreTrainedTokenizerFast:
    tokenizer = _byte_level(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"])
    tokenizer.add_tokens(list(VOCABULARY_MARKERS["byte_bpe"]))
    tokenizer.post_processor = _template(tokenizer, "[CLS]", "[SEP]")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_input_names=["input_ids", "attention_mask"],
        mask_token=AddedToken("[MASK]", lstrip=True, normalized=False, special=True),
        **_AS_BERT,
    )


def _decoder() -> PreTrainedTokenizerFast:
    tokenizer = _byte_level(["<|endoftext|>"])
    tokenizer.add_tokens(list(VOCABULARY_MARKERS["decoder"]))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=512,
        model_input_names=["input_ids", "attention_mask"],
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )


def _sentencepiece() -> PreTrainedTokenizerFast:
    # What SentencePiece calls nmt_nfkc, without its table: white space to spaces, then NFKC.
    normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = _pieces(normalizer, pre_tokenizer, 600)
    # Frequencies after Zipf; single characters come last, so that pieces win over their letters.
    ranked = [*specials, *sorted(pieces, key=lambda piece: len(piece) == 1)]
    scored = [(piece, -math.log(1 + rank)) for rank, piece in enumerate(ranked)]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_tokens(list(VOCABULARY_MARKERS["sentencepiece"]))
    tokenizer.post_processor = _template(tokenizer, "<s>", "</s>")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=512,
        model_input_names=["input_ids", "attention_mask"],
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token=AddedToken("<mask>", lstrip=True, normalized=False, special=True),
    )


def _byte_level(specials: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def _pieces(
    normalizer: normalizers.Normalizer, pre_tokenizer: pre_tokenizers.PreTokenizer, size: int
) -> list[str]:
    """Word pieces, most frequent first: merges of byte pair encoding, learned on characters.

    The trainers of the other two models give another vocabulary each time.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=list(string.ascii_letters + string.digits),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return sorted(tokenizer.get_vocab(), key=tokenizer.token_to_id)


def _template(tokenizer: Tokenizer, first: str, last: str) -> processors.PostProcessor:
    return processors.TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} $B:1 {last}:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (first, last)],
    )


_TRAINERS: dict[str, Callable[[], PreTrainedTokenizerFast]] = {
    "wordpiece": _wordpiece,
    "byte_bpe": _byte_bpe,
    "decoder": _decoder,
    "sentencepiece": _sentencepiece,
}
