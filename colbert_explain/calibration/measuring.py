"""Measure what query tokens find in unrelated documents: texts that come with the package.

``unrelated_queries.txt`` and ``unrelated_documents.txt`` hold one text a line, on as many
subjects as could be thought of, none shared by both; all were written for this package.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from colbert_explain.calibration.cache import data_digest, read_cache, write_cache
from colbert_explain.calibration.distribution import Calibration
from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.explanation import default_encoder

_FOLDER = Path(__file__).parent
#: Words of the documents, doubled from one length to the next; the longest fits every long text.
WORDS = (3, 6, 12, 24, 48, 96, 160)
#: Documents encoded per length, at most: the maxima of more change the third digit.
N_DOCUMENTS = 64
LEVELS = 401


def calibrate(encoder: Encoder | None = None, *, progress: Progress | None = None) -> Calibration:
    """Measure an encoder's maxima on unrelated texts, or read them if that was done before.

    Every packaged query is compared with documents of seven lengths, which are encoded as they
    stand: a text's vectors depend on what is around it, so short documents are not cut out of
    long ones. The result is kept in the user's cache folder, under the encoder's provenance;
    an encoder whose provenance pins no weights (neither ``revision`` nor ``sha256``) is measured
    each time.

    Parameters
    ----------
    encoder
        What to calibrate; by default the bundled one.
    progress
        Called as ``progress(done, total)`` before each text, in texts. Raising from it stops.

    Raises
    ------
    ValueError
        If the encoder can read none of the texts.
    """
    encoder = encoder if encoder is not None else default_encoder()
    texts = {name: packaged_texts(name) for name in ("queries", "documents")}
    first = encoder.embed_query(texts["queries"][0])
    digest = data_digest(texts, WORDS, N_DOCUMENTS, LEVELS)
    cached = read_cache(first.provenance, digest)
    if cached is not None:
        return cached

    groups = [documents_of(texts["documents"], words) for words in WORDS]
    total = len(texts["queries"]) + sum(len(group) for group in groups)
    done = 0

    def tell() -> None:
        nonlocal done
        if progress is not None:
            progress(done, total)
        done += 1

    rows = []
    for text in texts["queries"]:
        tell()
        rows.append(_text_rows(encoder.embed_query(text)))
    queries = np.concatenate(rows)
    if not len(queries):
        raise ValueError(f"encoder must score tokens of English text, {encoder.name} scores none")
    lengths, quantiles = [], []
    for group in groups:
        sizes, maxima = [], []
        for text in group:
            tell()
            embedded = encoder.embed_document(text)
            document = embedded.vectors[embedded.tokens.scored_mask]
            if len(document):
                sizes.append(len(document))
                maxima.append((queries @ document.T).max(axis=1))
        if sizes:
            lengths.append(np.exp(np.mean(np.log(sizes))))
            quantiles.append(np.quantile(np.concatenate(maxima), np.linspace(0, 1, LEVELS)))
    if progress is not None:
        progress(total, total)
    calibration = Calibration(
        np.array(lengths), np.array(quantiles, dtype=np.float64), first.provenance
    )
    write_cache(calibration, digest)
    return calibration


def packaged_texts(name: str) -> list[str]:
    """Read the unrelated ``"queries"`` or ``"documents"``."""
    return (_FOLDER / f"unrelated_{name}.txt").read_text(encoding="utf-8").splitlines()


def documents_of(texts: Sequence[str], words: int) -> list[str]:
    """Cut documents of so many words out of texts, each from the start of a sentence on.

    At most `N_DOCUMENTS`, taken evenly from all there are; no two share a word.

    >>> documents_of(["It rains a lot. We stay at home and read."], 3)
    ['It rains a', 'We stay at']
    """
    found = []
    for text in texts:
        sentences = [sentence.split() for sentence in re.split(r"(?<=[.!?]) ", text)]
        run: list[str] = []
        for sentence in sentences:
            run += sentence
            if len(run) >= words:
                found.append(" ".join(run[:words]))
                run = []
    evenly = np.linspace(0, len(found) - 1, min(len(found), N_DOCUMENTS)).round().astype(int)
    return [found[i] for i in evenly]


def _text_rows(embedded: TokenEmbeddings) -> Float[np.ndarray, "tokens dim"]:
    counted = [token.role == "text" and token.scored for token in embedded.tokens]
    return embedded.vectors[np.array(counted, dtype=bool)]
