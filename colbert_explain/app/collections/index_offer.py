"""What an index will need, said before it is made."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from colbert_explain.app.jobs.job import Watch
from colbert_explain.embeddings import Encoder
from colbert_explain.search.build_progress import BuildEstimate
from colbert_explain.search.documents import Document
from colbert_explain.search.readers import documents_in
from colbert_explain.text.wording import count

#: Documents whose lengths are looked at, and those that are encoded to take the time.
_LOOKED_AT, _TIMED = 2000, 3
#: Characters of a document that are encoded to take the time.
_LONGEST = 4000
#: Bytes of the smaller copy per number of a vector (docs/collections.md).
_COPIES = {None: 0.0, "int8": 1.0, "map": 0.33, "map+int8": 0.17}


@dataclass(frozen=True, slots=True)
class IndexOffer:
    """An index that can be made.

    Attributes
    ----------
    estimate
        Its size and the time it takes.
    unreadable
        How many of the documents that were looked at cannot be read.
    free
        Free bytes of the disk it will lie on.
    done
        Documents that an earlier build, which was cut off, has encoded.
    notes
        How the documents were found.
    """

    estimate: BuildEstimate
    unreadable: int
    free: int
    done: int
    notes: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether the disk has room for it."""
        return self.estimate.bytes < self.free

    def sentences(self) -> list[str]:
        """Say what it needs."""
        said = [self.estimate.sentence()]
        if not self.fits:
            said.append(f"Only {self.free / 1e9:.1f} GB is free there.")
        if self.done:
            are = "is" if self.done == 1 else "are"
            said.append(
                f"{count(self.done, 'document')} {are} already indexed; the rest will follow."
            )
        if self.unreadable:
            said.append(
                f"{count(self.unreadable, 'document')} cannot be read and will be left out."
            )
        return [*said, *self.notes]


def make_offer(
    documents: Path,
    encoder: Encoder,
    compression: str | None,
    folder: Path,
    where: str,
    done: int,
    watch: Watch,
) -> IndexOffer:
    """Read some documents, encode a few, and estimate what all of them need.

    Parameters
    ----------
    documents
        A file or a folder.
    encoder, compression
        What the index is made with.
    folder
        Where it will lie; ``where`` says it to the reader.
    done
        Documents that are encoded already.
    watch
        Is told what is being done.

    Raises
    ------
    ValueError
        If there is no document that can be read.
    """
    watch.report("Looking at the documents …")
    given = documents_in(documents)
    looked_at, unreadable, characters = 0, 0, 0
    texts: list[str] = []
    for one in islice(given.items, _LOOKED_AT):
        watch.check()
        looked_at += 1
        if isinstance(one, Document):
            characters += len(one.text)
            if len(texts) < 10 * _TIMED:
                texts.append(one.text)
        else:
            unreadable += 1
    if not texts:
        none = (
            "the document cannot" if looked_at == 1 else f"none of the {looked_at:,} documents can"
        )
        raise ValueError(f"{none} be read")
    n = given.n if given.n is not None else looked_at if looked_at < _LOOKED_AT else None
    readable = looked_at - unreadable
    per_token, tokens_per_character = _timed(texts, encoder, watch)
    tokens = int(characters / readable * tokens_per_character * (1000 if n is None else n))
    numbers = encoder.dim * (4 + _COPIES[compression])
    left = 1.0 if not n else max(0.0, 1 - done / n)
    return IndexOffer(
        BuildEstimate(n, tokens, int(tokens * numbers), tokens * per_token * left, where),
        unreadable,
        _free(folder),
        done,
        given.notes,
    )


def _timed(texts: list[str], encoder: Encoder, watch: Watch) -> tuple[float, float]:
    """Return seconds per token, and tokens per character, of some typical documents."""
    watch.report("Encoding a few documents, to estimate time and size …")
    typical = sorted(texts, key=len)[len(texts) // 2 - 1 :][:_TIMED] or texts[:1]
    n_tokens, n_characters, began = 0, 0, time.monotonic()
    for k, text in enumerate([typical[0], *typical]):
        watch.check()
        if k == 1:  # the first one may load the model
            began = time.monotonic()
        read = encoder.embed_document(text[:_LONGEST], progress=lambda done, total: watch.check())
        if k:
            n_tokens += len(read.tokens)
            n_characters += len(text[:_LONGEST])
    return (time.monotonic() - began) / n_tokens, n_tokens / n_characters


def _free(folder: Path) -> int:
    place = folder
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free
