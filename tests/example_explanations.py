"""Explanations of every size and kind for the tests of views: random, but as models make them."""

from __future__ import annotations

import re

import numpy as np

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.tokens import Token, TokenSequence

_WORDS = re.findall(
    r"\w+",
    "elephants eat grass bark and fruit for most of the day while cats sleep near warm stones "
    "rivers carry cold water past towns where people trade salt fish cloth",
)


def text_tokens(n_words: int, *, seed: int = 0, split_every: int = 7) -> list[tuple[str, bool]]:
    """Words with a comma or full stop now and then, long words in two pieces."""
    rng = np.random.default_rng(seed)
    pieces: list[tuple[str, bool]] = []  # text, whether a space goes before it
    for k in range(n_words):
        word = str(rng.choice(_WORDS))
        if k % split_every == split_every - 1 and len(word) > 4:
            pieces += [(word[:3], True), (word[3:], False)]
        else:
            pieces.append((word, True))
        if k % 11 == 10:
            pieces.append((".", False))
    return pieces


def sequence(
    n_tokens: int,
    *,
    seed: int = 0,
    structural_scored: bool = False,
    n_expansion: int = 0,
    n_unread: int = 0,
) -> TokenSequence:
    """Make ``n_tokens`` tokens: [CLS], a marker, text, [SEP], expansion; only text if few."""
    n_frame = 3 if n_tokens - n_expansion > 4 else 0
    n_text = n_tokens - n_frame - n_expansion
    text, body = "", []
    for piece, spaced in text_tokens(n_text, seed=seed)[:n_text]:
        text += " " if spaced and text else ""
        body.append(
            Token(7, piece, piece, len(text), len(text) + len(piece), scored=piece.isalnum())
        )
        text += piece
    tail = " and what comes after the limit" if n_unread else ""
    special = [
        Token(1, "[CLS]", "[CLS]", None, None, "special", structural_scored),
        Token(2, "[Q]", "[Q]", None, None, "marker", structural_scored),
        Token(3, "[SEP]", "[SEP]", None, None, "special", structural_scored),
    ]
    tokens = [*special[:2], *body, special[2]] if n_frame else body
    tokens += [Token(4, "[MASK]", "[MASK]", None, None, "expansion") for _ in range(n_expansion)]
    unread_start = len(text) if n_unread else None
    return TokenSequence(text + tail, tuple(tokens), n_unread, unread_start)


def example(n_query: int, n_document: int, *, seed: int = 0, **options: int) -> Explanation:
    """Make an explanation of the size given.

    Most similarities lie around .2; tokens of the same text are near 1.
    ``options``: ``n_expansion``, ``structural_scored`` (of the query), ``n_unread``,
    ``unscored_from`` (document position from which nothing is scored).
    """
    rng = np.random.default_rng(seed)
    query = sequence(
        n_query,
        seed=seed + 1,
        structural_scored=bool(options.get("structural_scored")),
        n_expansion=options.get("n_expansion", 0),
    )
    document = sequence(n_document, seed=seed + 2, n_unread=options.get("n_unread", 0))
    if "unscored_from" in options:
        tokens = tuple(
            Token(t.id, t.piece, t.text, t.start, t.end, t.role, scored=False)
            if i >= options["unscored_from"]
            else t
            for i, t in enumerate(document)
        )
        document = TokenSequence(document.text, tokens)
    same = np.array([[a.text == b.text for b in document] for a in query])
    values = rng.normal(0.2, 0.14, same.shape) + same * rng.uniform(0.5, 0.75, same.shape)
    similarity = np.clip(values, -1, 1).astype(np.float32)
    return Explanation(query, document, similarity, Provenance("example", kind="random numbers"))


#: Sizes and kinds that every view must draw.
EXAMPLES = {
    "1 x 1": {"n_query": 1, "n_document": 1},
    "12 x 14": {"n_query": 12, "n_document": 14},
    "32 x 512": {"n_query": 32, "n_document": 512},
    "32 x 8192": {"n_query": 32, "n_document": 8192},
    "one document token": {"n_query": 12, "n_document": 1},
    "expansion": {"n_query": 32, "n_document": 60, "n_expansion": 20, "structural_scored": True},
    "not read": {"n_query": 9, "n_document": 300, "n_unread": 80},
    "half not scored": {"n_query": 9, "n_document": 200, "unscored_from": 100},
}
