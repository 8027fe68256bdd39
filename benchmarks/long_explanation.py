"""One explanation of 32 x 8,192 tokens of English, for the benchmarks of the views."""

from __future__ import annotations

import unicodedata

import colbert_explain as ce

QUERY = (
    "How much food does an adult elephant eat every day, and how many hours does it spend "
    "looking for grass, bark, fruit and fresh water in winter"
)
N_QUERY, N_DOCUMENT = 32, 8192


def long_explanation() -> ce.Explanation:
    """Explain the sample article, repeated, with exactly the numbers of tokens wanted."""
    (article,) = ce.load_samples("Long document")
    quotes = str.maketrans({"“": '"', "”": '"', "’": "'", "–": "-", "—": "-"})  # noqa: RUF001
    text = unicodedata.normalize("NFKD", article.document.translate(quotes))
    document = "\n\n".join([text.encode("ascii", "ignore").decode()] * 2)
    encoder = ce.load_encoder(document_length=N_DOCUMENT)
    x = ce.explain(QUERY, document, encoder)
    if x.similarity.shape != (N_QUERY, N_DOCUMENT):
        raise SystemExit(f"the texts must make {N_QUERY} x {N_DOCUMENT} tokens, got {x!r}")
    return x
