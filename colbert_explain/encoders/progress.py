"""Progress of a long encoding, layer by layer, for a caller or as a bar."""

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

#: Seconds before a bar is shown: a shorter one would only flicker.
DELAY = 1.0
#: Seconds between two changes of a bar in a notebook.
_PAUSE = 0.2

_quiet = threading.Lock()
_n_quiet = 0
_shown_before: tuple[bool, int] = (True, logging.WARNING)


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Switch off the bars and reports of transformers.

    Weights load in a second, and this package checks by itself which are missing or unexpected:
    transformers would report the projection of every checkpoint in Stanford's format. Threads may
    load at the same time; the last one switches bars and reports on again.
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
    """Progress in a cell's output that is removed at the end.

    A bar of ipywidgets would stay in a saved notebook as text.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = self._written = time.monotonic()
        self._handle: Any = None

    def show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._began < DELAY or (self._handle and now - self._written < _PAUSE):
            return
        self.write(f"{self._label}: {100 * done // max(1, total)} %")
        self._written = now

    def write(self, text: str) -> None:
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
def progress_shown(progress: Progress | None, label: str) -> Iterator[Progress]:
    """Yield ``progress``, or without it the function of a bar that a person can see."""
    if progress is not None:
        yield progress
    elif watcher() == "notebook":
        with closing(_NotebookBar(label)) as bar:
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


@contextmanager
def quiet_download(name: str) -> Iterator[None]:
    """Show the hub's own bars in terminals only: a saved notebook would keep them.

    A notebook shows a line while ``name`` is fetched.
    """
    where = watcher()
    if where == "terminal" or are_progress_bars_disabled() or HF_HUB_DISABLE_PROGRESS_BARS is False:
        yield
        return
    bar = _NotebookBar(name)
    if where == "notebook":
        bar.write(f"Asking the hub for {name}, fetching what is not here yet")
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
    """Report before each layer of ``network`` in each of ``n_windows`` forward passes.

    Yields a function to be called with the number of the next window. An exception that
    ``report`` raises stops the forward pass.
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
            # Another thread may encode another text with the same network at the same time.
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
    """Return the stack of layers: the longest list of modules of one class."""
    stacks = [
        list(module)
        for module in network.modules()
        if isinstance(module, nn.ModuleList) and len({type(layer) for layer in module}) == 1
    ]
    return max(stacks, key=len, default=[])
