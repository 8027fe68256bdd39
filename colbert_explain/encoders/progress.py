"""Progress of a long encoding, layer by layer; libraries that load or fetch kept quiet."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from huggingface_hub.constants import HF_HUB_DISABLE_PROGRESS_BARS
from huggingface_hub.utils import (  # type: ignore[attr-defined] # its stubs list none
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
)
from torch import nn
from transformers.utils import logging as transformers_logging

from colbert_explain.embeddings import Progress
from colbert_explain.encoders.progress_bar import NotebookBar, watcher

_quiet, _one_at_a_time = threading.Lock(), threading.Lock()
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


@contextmanager
def quiet_probes() -> Iterator[None]:
    """Switch off what sentence-transformers notes once about a text, such as a long query.

    The texts are the loader's own. A note is not remembered, so that a user's text still has it.
    """
    logger: Any = logging.getLogger("sentence_transformers.base.modules.transformer")
    with _one_at_a_time:
        logger.warning_once = lambda *_, **__: None
        try:
            yield
        finally:
            del logger.warning_once


@contextmanager
def quiet_download(name: str) -> Iterator[None]:
    """Show the hub's own bars in terminals only: a saved notebook would keep them.

    A notebook shows a line while ``name`` is fetched.
    """
    where = watcher()
    if where == "terminal" or are_progress_bars_disabled() or HF_HUB_DISABLE_PROGRESS_BARS is False:
        yield
        return
    bar = NotebookBar(name)
    if where == "notebook":
        bar.write(f"Asking the hub for {name}, fetching missing files")
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()
        bar.close()


@contextmanager
def reporting_layers(
    layers: Sequence[nn.Module], n_windows: int, report: Progress
) -> Iterator[Callable[[int], None]]:
    """Report before each of a network's ``layers`` in each of ``n_windows`` forward passes.

    Yields a function to be called with the number of the next window. An exception that
    ``report`` raises stops the forward pass.
    """
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


def layers_of(network: nn.Module) -> list[nn.Module]:
    """Return the stack of layers: the longest list of modules of one class."""
    stacks = [
        list(module)
        for module in network.modules()
        if isinstance(module, nn.ModuleList) and len({type(layer) for layer in module}) == 1
    ]
    return max(stacks, key=len, default=[])
