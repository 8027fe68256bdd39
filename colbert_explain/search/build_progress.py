"""How far a build is: an estimate after the first documents, then a bar with the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from tqdm import tqdm

from colbert_explain.embeddings import Progress
from colbert_explain.encoders import progress_bar
from colbert_explain.search.documents import EncodedDocument
from colbert_explain.text.wording import count

#: The estimate is made after so many seconds or documents. The first document is not timed: it may
#: load the model.
_SECONDS, _DOCUMENTS = 3.0, 100
#: Without their number, the estimate is for so many documents.
_UNKNOWN = 1000
_LABEL = "Encoding documents"


@dataclass(frozen=True, slots=True)
class BuildEstimate:
    """How large a collection will be, how long its build takes, and where it is kept.

    It is computed from the first documents. If the number of documents is not known, the other
    numbers are for 1,000 documents.

    Attributes
    ----------
    documents
        How many documents were given; None if this is not known in advance.
    tokens
        How many token vectors they have.
    bytes
        Memory or disk space.
    seconds
        Time from the beginning to the end.
    where
        "memory", a folder or an address.
    """

    documents: int | None
    tokens: int
    bytes: int
    seconds: float
    where: str

    def sentence(self) -> str:
        """Return the estimate in one sentence.

        Examples
        --------
        >>> BuildEstimate(20_000, 1_200_000, 3_700_000_000, 1500.0, "/data/news").sentence()
        '20,000 documents take about 25 minutes and 3.7 GB in /data/news.'
        """
        if self.documents is None:
            subject = f"Every {count(_UNKNOWN, 'document')}"
        else:
            subject = count(self.documents, "document")
        needs = f"about {_duration(self.seconds)} and {_size(self.bytes)}"
        takes = "takes" if self.documents == 1 else "take"
        return f"{subject} {takes} {needs} in {self.where}."


class BuildProgress:
    """Counts what is encoded and reports it.

    Parameters
    ----------
    n
        How many documents were given; None if this is not known.
    where
        Where they are kept.
    progress
        Called as ``progress(done, total)``, in documents.
    on_estimate
        Called once with a `BuildEstimate`, unless the build ends before one can be made.
    size_of
        Returns the bytes that a document needs; by default those of its vectors.
    """

    def __init__(
        self,
        n: int | None,
        where: str,
        progress: Progress | None = None,
        on_estimate: Callable[[BuildEstimate], object] | None = None,
        size_of: Callable[[EncodedDocument], int] | None = None,
    ) -> None:
        self._n = n
        self._where = where
        self._progress = progress
        self._on_estimate = on_estimate
        self._size_of = size_of or (lambda encoded: encoded.embeddings.vectors.nbytes)
        self._began = time.monotonic()
        self._first_ended = self._began
        self._n_encoded = self._n_tokens = self._n_bytes = 0
        self._estimate: BuildEstimate | None = None
        self._show: Callable[[int], object] = lambda done: None
        self._say: Callable[[str], object] = lambda sentence: None

    @contextmanager
    def shown(self) -> Iterator[BuildProgress]:
        """Show a bar where a person sees it, unless the caller shows the progress."""
        watcher = None if self._progress is not None else progress_bar.watcher()
        if watcher == "notebook":
            with closing(progress_bar.NotebookBar(_LABEL)) as bar:
                self._show = lambda done: bar.show_line(self._line(done))
                yield self
        elif watcher == "terminal":
            with tqdm(
                total=self._n,
                desc=_LABEL,
                unit=" documents",
                delay=progress_bar.DELAY,
                leave=False,
            ) as line:
                self._show = lambda done: line.update(done - line.n)
                self._say = lambda sentence: line.write(sentence, file=sys.stderr)
                yield self
        else:
            yield self

    def before(self, done: int) -> None:
        """Record that ``done`` documents are read and the next one begins."""
        if self._progress is not None:
            self._progress(done, max(self._n or 0, done + 1))
        self._show(done)

    def after(self, done: int) -> None:
        """Record that all documents are read."""
        if self._progress is not None:
            self._progress(done, done)

    def encoded(self, document: EncodedDocument) -> None:
        """Record that a document was encoded."""
        if self._estimate is not None:
            return
        now = time.monotonic()
        self._n_encoded += 1
        self._n_tokens += len(document.embeddings.tokens)
        self._n_bytes += self._size_of(document)
        if self._n_encoded == 1:
            self._first_ended = now
        elif now - self._first_ended >= _SECONDS or self._n_encoded > _DOCUMENTS:
            self._estimate = self._estimated(now)
            self._say(self._estimate.sentence())
            if self._on_estimate is not None:
                self._on_estimate(self._estimate)

    def _estimated(self, now: float) -> BuildEstimate:
        n = _UNKNOWN if self._n is None else self._n
        per_document = (now - self._first_ended) / (self._n_encoded - 1)
        return BuildEstimate(
            self._n,
            n * self._n_tokens // self._n_encoded,
            n * self._n_bytes // self._n_encoded,
            n * per_document + (0 if self._n is None else self._first_ended - self._began),
            self._where,
        )

    def _line(self, done: int) -> str:
        """Return what a notebook shows: how far the build is, then the estimate."""
        so_far = f"{_LABEL}: {done:,}"
        if self._n:
            so_far += f" of {self._n:,}"
            if done:
                left = (time.monotonic() - self._began) * (self._n - done) / done
                so_far += f", {_duration(left)} left"
        return so_far if self._estimate is None else f"{so_far}. {self._estimate.sentence()}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return count(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return count(round(seconds / 60), "minute")
    return f"{seconds / 3600:.1f} hours"


def _size(n_bytes: int) -> str:
    for unit in ("kB", "MB"):
        n_bytes_in_unit = n_bytes / {"kB": 1e3, "MB": 1e6}[unit]
        if n_bytes_in_unit < 1000:
            return f"{max(1, round(n_bytes_in_unit))} {unit}"
    return f"{n_bytes / 1e9:.1f} GB"
