"""Texts to compare encoders on, and what sentence-transformers makes of them."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from sentence_transformers import MultiVectorEncoder

_LONG_QUERY = (
    "Which of the animals that live near the river eat more than 150 kg of food every day, how "
    "much water do they drink when it is hot, where do they sleep when the rain falls, and who "
    "wrote the book in the office that gives the answer to all of these questions?"
)
_LONG_DOCUMENT = " ".join(
    f"On day {day} the elephants eat {140 + day} kg of food and drink water at the river."
    for day in range(1, 16)
)
#: Nothing in them is an entry that tokenisers look for before they split a text.
TEXTS: tuple[str, ...] = (
    "What do elephants eat?",
    "elephant",
    "An elephant consumes (roughly) 150 kg - or more! - of food: leaves, bark; fruit.",
    "It's raining; they don't, won't and can't go out, y'all.",
    "emoji 🐘 in between🙂words, and at the end 🎉",
    "a family 👨‍👩‍👧‍👦, a thumb 👍🏽, a heart ❤️ and flags 🇩🇪🇯🇵",
    "🐘🐘🐘",
    "大熊猫喜欢吃竹子,大象不吃。",
    "The word 大象 means elephant, 龍 means dragon.",
    "The café serves crème brûlée to Señor Núñez: naïve, façade, Ångström.",
    "cafe\u0301, re\u0301sume\u0301 and a\u030angstro\u0308m, decomposed",
    "two lines\nand a tab\there,  two spaces\r\n\r\nand an empty line",
    " a space before and one after ",
    "12.5% of $3,140 is 392.50; 100 °C = 212 °F; 25ml, 8½ h, x² + y², 1,000,000",
    "C:\\temp\\new.txt, https://example.org/a?b=c&d=e#f, user_name@example.org, #1 *.py ~x^2",
    "<img src=x onerror=alert(1)> &amp; {braces} [brackets] `code` $x$",
    "İstanbul, ﬁne Straße, ΑΘΗΝΑ, Москва, שלום, हिन्दी, ไทย, 한국어",
    "unaffordably antidisestablishmentarian pneumonoultramicroscopicsilicovolcanoconiosis",
    _LONG_QUERY,
    _LONG_DOCUMENT,
)
#: What a user types is text, although the reference takes it for the entries themselves.
TYPED_SPECIALS: tuple[str, ...] = (
    "the token [MASK] fills up",
    "[CLS] starts and [SEP] ends, [PAD] and [UNK] too",
    "[Q] what do elephants eat?",
    "elephants [D] eat",
    "[unused0] and [unused1]",
    "[QueryMarker] and [DocumentMarker]",
    "<s>struck through</s> and <mask> <pad> <unk>",
    "the end <|endoftext|> and on, <|query|> <|document|>",
)


class ReferenceRows(NamedTuple):
    """One row per token: ids ``(n,)``, whether it is scored ``(n,)``, unit vectors ``(n, dim)``."""

    ids: np.ndarray
    scored: np.ndarray
    vectors: np.ndarray


def reference_rows(
    model: MultiVectorEncoder, text: str, side: Literal["query", "document"]
) -> ReferenceRows:
    """What ``model`` makes of a text by itself; tokens that fill a query up are rows too."""
    features = _features(model, text, side)
    # Among the features the mask of attention has become that of scoring: padding that attention
    # left out must be found before.
    prepared = model.preprocess([text], prompt=model.prompts[side], task=side)
    read = prepared["attention_mask"][0].bool()
    if (filled_up := prepared.get("query_expansion_positions")) is not None:
        read |= filled_up[0].bool()
    read = read.numpy()
    return ReferenceRows(
        features["input_ids"].cpu().numpy()[read],
        features["attention_mask"].bool().cpu().numpy()[read],
        features["token_embeddings"].float().cpu().numpy()[read],
    )


def expansion_rows(model: MultiVectorEncoder, text: str) -> np.ndarray:
    """Which rows of a query are there only to fill it up, shape ``(n,)``."""
    features = _features(model, text, "query")
    rows = features.get("query_expansion_positions")
    return np.zeros(len(features["input_ids"]), bool) if rows is None else rows.bool().cpu().numpy()


def _features(model: MultiVectorEncoder, text: str, side: str) -> dict:
    encode = {"query": model.encode_query, "document": model.encode_document}[side]
    return encode(text, output_value=None)
