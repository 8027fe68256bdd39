"""Measure what query tokens find in unrelated documents: texts that come with the package.

``unrelated_queries.txt`` and ``unrelated_documents.txt`` hold one text a line, on as many
subjects as could be thought of, none shared by both; all were written for this package.

The longest of them have some two hundred tokens. Texts stuck together would be too rich a
document, as a real one keeps to its subject (median maximum at 4,000 tokens .49, in encyclopedia
articles .43), so what happens further on is a weighted mean of two estimates of the growth from
there: a straight line in the logarithm of the length, which misses how often a long document
repeats a word of the query, and what is seen in the one long sample, which says rather much about
much. The weights were chosen on one half of the articles of ``benchmarks/calibration_fit.py``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float

from colbert_explain import argument_checks as check
from colbert_explain.analysis.calibration.cache import data_digest, read_cache, write_cache
from colbert_explain.analysis.calibration.distribution import FEWEST_LENGTHS, Calibration
from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.encoders import without_store
from colbert_explain.explanation import given_encoder
from colbert_explain.library_settings import LibrarySettings
from colbert_explain.samples import load_samples

_FOLDER = Path(__file__).parent
#: Words of the documents, doubled from one length to the next; the longest fits every long text.
WORDS = (3, 6, 12, 24, 48, 96, 160)
#: Documents encoded per length, at most: the maxima of more change the third digit.
N_DOCUMENTS = 64
LEVELS = 401
#: Of the straight line; the rest is that of the long sample.
LINE_WEIGHT = 0.8
#: The text in which the growth beyond the longest of them is seen.
LONG_SAMPLE = "Long document"


def calibrate(
    encoder: Encoder | None = None,
    *,
    progress: Progress | None = None,
    settings: LibrarySettings | None = None,
) -> Calibration:
    """Measure an encoder's maxima on unrelated texts, or read them if that was done before.

    Every packaged query is compared with documents of seven lengths and with one long document;
    lengths that the encoder does not read whole are left out. The documents are encoded as they
    are: a token's vector depends on what is around it, so the vectors of short documents are not
    cut out of those of long ones. The result is kept in the user's cache folder, under the
    encoder's provenance; an encoder whose provenance pins no weights (neither ``revision`` nor
    ``sha256``) is measured each time.

    Parameters
    ----------
    encoder
        What to calibrate; by default the bundled one.
    progress
        Called as ``progress(done, total)`` before each text, in texts. Raising from it stops the
        work.
    settings
        Where the result is kept; by default from the environment.

    Raises
    ------
    ValueError
        If the encoder scores no token of the queries, or cuts off even short documents.
    """
    encoder = given_encoder(encoder)
    check.function("progress", progress, "done, total")
    if settings is not None:
        check.instance("settings", settings, LibrarySettings)
    texts = {name: packaged_texts(name) for name in ("queries", "documents")}
    long_text = load_samples(LONG_SAMPLE)[0].document
    first = encoder.embed_query(texts["queries"][0])
    digest = data_digest(texts, long_text, WORDS, N_DOCUMENTS, LEVELS, LINE_WEIGHT)
    cached = read_cache(first.provenance, digest, settings)
    if cached is not None:
        return cached
    encoder = without_store(encoder)  # hundreds of texts that nobody looks up again

    groups = [documents_of(texts["documents"], words) for words in WORDS]
    tell = _counter(progress, len(texts["queries"]) + sum(map(len, groups)) + 1)
    rows = [_text_rows(encoder.embed_query(text, progress=tell())) for text in texts["queries"]]
    queries = np.concatenate(rows)
    if not len(queries):
        raise ValueError(
            f"encoder must score tokens of English text, but {encoder.name} scores none"
        )

    lengths, quantiles = [], []
    for group in groups:
        embedded = [encoder.embed_document(text, progress=tell()) for text in group]
        whole = [one for one in embedded if not one.tokens.n_unread]
        if len(whole) < len(group) / 2:  # and hardly any of the longer ones is read whole
            continue
        documents = [rows for rows in map(_scored_rows, whole) if len(rows)]
        if documents:
            lengths.append(np.exp(np.mean([np.log(len(document)) for document in documents])))
            maxima = [(queries @ document.T).max(axis=1) for document in documents]
            quantiles.append(_quantiles(np.concatenate(maxima)))
    if len(lengths) < FEWEST_LENGTHS:
        raise ValueError(
            f"encoder must read English texts of {WORDS[FEWEST_LENGTHS - 1]} words whole, but "
            f"{encoder.name} does not"
        )
    calibration = Calibration(np.array(lengths), np.array(quantiles), first.provenance)

    long_document = _scored_rows(encoder.embed_document(long_text, progress=tell()))
    calibration = continued(calibration, queries @ long_document.T)
    tell()
    write_cache(calibration, digest, settings)
    return calibration


def continued(calibration: Calibration, similarity: Float[np.ndarray, "query doc"]) -> Calibration:
    """Carry a calibration on to the length of one long document (see the top of this file).

    Parameters
    ----------
    calibration
        What was measured on shorter documents.
    similarity
        Of query tokens and the tokens of the long document.

    Returns
    -------
    Calibration
        With lengths twice, four times, ... the last one, as far as the document reaches; the
        same as before if it is no longer than that.
    """
    base, n_document = calibration.lengths[-1], similarity.shape[1]
    steps = int(np.log2(max(n_document / base, 1)))
    if not steps:
        return calibration

    def seen(length: float) -> Float[np.ndarray, " levels"]:
        size = round(length)
        starts = range(0, n_document - size + 1, size)
        return _quantiles(np.concatenate([similarity[:, i : i + size].max(axis=1) for i in starts]))

    start = seen(base)
    lengths = base * 2.0 ** np.arange(1, steps + 1)
    added = []
    for length in lengths:
        line = calibration.quantiles_at(round(length))
        in_long = calibration.quantiles[-1] + seen(length) - start
        added.append(np.sort(np.clip(LINE_WEIGHT * line + (1 - LINE_WEIGHT) * in_long, -1, 1)))
    return Calibration(
        np.concatenate([calibration.lengths, lengths]),
        np.concatenate([calibration.quantiles, added]),
        calibration.provenance,
    )


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


def _counter(progress: Progress | None, total: int) -> Callable[[], Progress | None]:
    """Return what reports the next text when it is called, and again for each of its windows."""
    done = itertools.count()

    def next_text() -> Progress | None:
        if progress is None:
            return None
        n = next(done)
        progress(n, total)
        return lambda _window, _windows: progress(n, total)

    return next_text


def _quantiles(maxima: Float[np.ndarray, " maxima"]) -> Float[np.ndarray, " levels"]:
    return np.quantile(maxima.astype(np.float64), np.linspace(0, 1, LEVELS))


def _scored_rows(embedded: TokenEmbeddings) -> Float[np.ndarray, "tokens dim"]:
    return embedded.vectors[embedded.tokens.scored_mask]


def _text_rows(embedded: TokenEmbeddings) -> Float[np.ndarray, "tokens dim"]:
    counted = [token.role == "text" and token.scored for token in embedded.tokens]
    return embedded.vectors[np.array(counted, dtype=bool)]
