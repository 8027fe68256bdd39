"""Progress of a long encoding, layer by layer: to a caller, or as a bar in terminal or notebook."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Literal

from huggingface_hub.constants import HF_HUB_DISABLE_PROGRESS_BARS
from huggingface_hub.utils import (  # type: ignore[attr-defined] # its stubs list none
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
)
from torch import nn
from tqdm import tqdm
from transformers.utils import logging as transformers_logging

from colbert_explain.embeddings import Progress

#: A bar that is gone before it is read only flickers: it is shown after this many seconds.
DELAY = 1.0
#: Seconds between two changes of a bar in a notebook.
_PAUSE = 0.2


_quiet = threading.Lock()
_n_quiet = 0
_shown_before: tuple[bool, int] = (True, logging.WARNING)


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Keep transformers' bars and reports off the page.

    Weights load in a second or less, and which of them are missing or left over is checked here:
    transformers reports the projection of every checkpoint in Stanford's format as unexpected.
    Threads may load at the same time: what was shown before is shown again when all are done.
    """
    global _n_quiet, _shown_before
    with _quiet:
        if not _n_quiet:
            _shown_before = (
                transformers_logging.is_progress_bar_enabled(),
                transformers_logging.get_verbosity(),
            )
            transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            transformers_logging.set_verbosity(logging.ERROR)
        _n_quiet += 1
    try:
        yield
    finally:
        with _quiet:
            _n_quiet -= 1
            if not _n_quiet:
                bars, verbosity = _shown_before
                transformers_logging.set_verbosity(verbosity)
                if bars:
                    transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]


class _NotebookBar:
    """Progress in a cell's output that leaves nothing behind.

    A bar of ipywidgets stays in a saved notebook as the text that it had at its last change.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = self._written = time.monotonic()
        self._handle: Any = None

    def show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._began < DELAY or (self._handle and now - self._written < _PAUSE):
            return
        self.say(f"{self._what}: {100 * done // max(1, total)} %")
        self._written = now

    def say(self, text: str) -> None:
        from IPython.display import display

        bundle = {"text/plain": text}
        if self._handle is None:
            show: Any = display  # not annotated
            self._handle = show(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.update({"text/html": "", "text/plain": ""}, raw=True)


@contextmanager
def progress_shown(progress: Progress | None, what: str) -> Iterator[Progress]:
    """Give what to report to: ``progress`` itself, or a bar where a person can see one."""
    if progress is not None:
        yield progress
    elif watcher() == "notebook":
        with closing(_NotebookBar(what)) as bar:
            yield bar.show
    else:
        with tqdm(
            total=1,
            desc=what,
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
    """Tell where a person sees a bar: a log file and a finished page are better off without."""
    if sys.stderr is not None and sys.stderr.isatty():
        return "terminal"
    with suppress(ImportError, AttributeError, LookupError):
        from IPython import get_ipython

        shell: Any = get_ipython()
        # Who runs a notebook to save or serve it (nbconvert, papermill, Voilà) takes no input.
        if shell.kernel.get_parent()["content"]["allow_stdin"]:
            return "notebook"
    return None


@contextmanager
def quiet_download(name: str) -> Iterator[None]:
    """Keep the hub's own bars to terminals: in a notebook they stay when it is saved.

    There a line says that ``name`` is being fetched, as long as it is.
    """
    where = watcher()
    if where == "terminal" or are_progress_bars_disabled() or HF_HUB_DISABLE_PROGRESS_BARS is False:
        yield
        return
    bar = _NotebookBar(name)
    if where == "notebook":
        bar.say(f"Asking the hub for {name}, fetching what is not here yet")
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()
        bar.close()


@contextmanager
def reporting_layers(
    network: nn.Module, n_windows: int, report: Progress
) -> Iterator[Callable[[int], None]]:
    """Report before each layer of ``network`` while it reads ``n_windows`` windows.

    Yields a function to be told the number of the window that comes next. What ``report``
    raises passes through the forward pass and stops it.
    """
    layers = _layers(network)
    total, first = n_windows * max(1, len(layers)), 0

    def next_window(number: int) -> None:
        nonlocal first
        first = number * max(1, len(layers))
        report(first, total)

    owner = threading.get_ident()

    def hook(index: int) -> Callable[..., None]:
        def before_layer(*_: Any) -> None:
            # Another thread may read another text with the same network at the same time.
            if threading.get_ident() == owner:
                report(first + index, total)

        return before_layer

    handles = [
        layer.register_forward_pre_hook(hook(index)) for index, layer in enumerate(layers) if index
    ]
    try:
        yield next_window
        report(total, total)
    finally:
        for handle in handles:
            handle.remove()


def _layers(network: nn.Module) -> list[nn.Module]:
    """Find the stack of layers: the longest list of modules of one kind."""
    stacks = [
        list(module)
        for module in network.modules()
        if isinstance(module, nn.ModuleList) and len({type(layer) for layer in module}) == 1
    ]
    return max(stacks, key=len, default=[])
