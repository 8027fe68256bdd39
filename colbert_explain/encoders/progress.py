"""Progress of a long encoding, layer by layer: to a caller, or as a bar in terminal or notebook."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from torch import nn
from tqdm.auto import tqdm
from transformers.utils import logging as transformers_logging

from colbert_explain.embeddings import Progress

#: A bar that is gone before it is read only flickers: it is shown after this many seconds.
DELAY = 1.0


@contextmanager
def quiet_loading() -> Iterator[None]:
    """Keep transformers' bars and reports off the page.

    Weights load in a second or less, and which of them are missing or left over is checked here:
    transformers reports the projection of every checkpoint in Stanford's format as unexpected.
    """
    shown = transformers_logging.is_progress_bar_enabled()
    verbosity = transformers_logging.get_verbosity()
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if shown:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def progress_shown(progress: Progress | None, what: str) -> Iterator[Progress]:
    """Give what to report to: ``progress`` itself, or a bar where a person can see one."""
    if progress is not None:
        yield progress
        return
    bar: Any = None

    def report(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(
                total=total,
                desc=what,
                delay=DELAY,
                leave=False,
                disable=not _is_watched(),
                bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}",
            )
        bar.update(done - bar.n)

    try:
        yield report
    finally:
        if bar is not None:
            bar.close()


def _is_watched() -> bool:
    """Tell whether anybody sees a bar: a log file and a finished page are better off without."""
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return False  # a dashboard is served when its cells have run, and the bar's widget is gone
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    with suppress(ImportError):
        from IPython import get_ipython

        shell = get_ipython()
        return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"
    return False


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
