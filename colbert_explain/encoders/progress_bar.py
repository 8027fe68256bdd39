"""A bar for long work, in a terminal or a notebook; importing this imports no torch."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Literal

from tqdm import tqdm

from colbert_explain.embeddings import Progress

#: Seconds before a bar is shown: a shorter one would only flicker.
DELAY = 1.0
#: Seconds between two changes of a bar in a notebook.
_PAUSE = 0.2


class NotebookBar:
    """Progress in a cell's output that is removed at the end.

    A bar of ipywidgets would stay in a saved notebook as text.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = self._written = time.monotonic()
        self._handle: Any = None

    def show(self, done: int, total: int) -> None:
        """Write the label with a percentage, as `show_line` does."""
        self.show_line(f"{self._label}: {100 * done // max(1, total)}%")

    def show_line(self, text: str) -> None:
        """Write a line, unless it is too early or the last one was written just now."""
        now = time.monotonic()
        if now - self._began < DELAY or (self._handle and now - self._written < _PAUSE):
            return
        self.write(text)
        self._written = now

    def write(self, text: str) -> None:
        """Write a line now."""
        from IPython.display import display

        bundle = {"text/plain": text}
        if self._handle is None:
            show: Any = display  # not annotated
            self._handle = show(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def close(self) -> None:
        """Remove what was written."""
        if self._handle is not None:
            self._handle.update({"text/html": "", "text/plain": ""}, raw=True)


@contextmanager
def progress_shown(progress: Progress | None, label: str) -> Iterator[Progress]:
    """Yield ``progress``, or without it the function of a bar that a person can see."""
    if progress is not None:
        yield progress
    elif watcher() == "notebook":
        with closing(NotebookBar(label)) as bar:
            yield bar.show
    else:
        with tqdm(
            total=1,
            desc=label,
            delay=DELAY,
            leave=False,
            disable=None if sys.stderr is not None else True,  # None: unless it is a terminal
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}",
        ) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield show


def watcher() -> Literal["terminal", "notebook"] | None:
    """Return where a person would see a bar; None for a log file or a finished page."""
    if sys.stderr is not None and sys.stderr.isatty():
        return "terminal"
    with suppress(ImportError, AttributeError, LookupError):
        from IPython import get_ipython

        shell: Any = get_ipython()
        # Programs that run a notebook to save or serve it (nbconvert, Voilà) take no input.
        if shell.kernel.get_parent()["content"]["allow_stdin"]:
            return "notebook"
    return None
