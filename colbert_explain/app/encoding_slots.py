"""Turns across kernels: no more of them encode at a time than the operator allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from filelock import FileLock, Timeout

from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.operator_settings import OperatorSettings

WAITING = "Waiting for another visitor's encoding …"
#: Seconds between two looks for a free slot.
_PAUSE = 0.1


def encode_in_turn(
    encoder: Encoder,
    side: str,
    text: str,
    *,
    progress: Progress,
    report: Callable[[str, float | None], None],
) -> TokenEmbeddings:
    """Encode a text as soon as one of the slots of this computer's kernels is free.

    A slot is a lock of the operating system on a file in the cache folder: of a process that
    dies it is free again. Where such files cannot be made, everybody encodes at once. An encoder
    that finds the text without work, and so reports no progress, takes no slot.

    Parameters
    ----------
    encoder
        What encodes, once it may.
    side
        ``"query"`` or ``"document"``.
    text
        What to encode.
    progress
        As for an encoder; also called while waiting, so that raising from it ends the waiting.
    report
        Told that others are waited for, or that the model is loaded.

    Raises
    ------
    ValueError
        If the text cannot be encoded.
    """
    embed = encoder.embed_query if side == "query" else encoder.embed_document
    has_turn = False
    with ExitStack() as held:

        def in_turn(done: int, total: int) -> None:
            nonlocal has_turn
            progress(done, total)
            if not has_turn:
                _take_slot(held, progress, report)
                has_turn = True
                if not getattr(encoder, "is_loaded", True):
                    report("Loading the model, once …", None)
                else:
                    report(f"Reading the {side} …", None)

        return embed(text, progress=in_turn)


def _take_slot(
    held: ExitStack, progress: Progress, report: Callable[[str, float | None], None]
) -> None:
    settings = OperatorSettings.from_environment()
    folder = settings.cache_folder / "slots"
    is_waiting = False
    while True:
        for number in range(settings.concurrent_encodings):
            try:
                held.enter_context(_lock(folder, number))
            except Timeout:
                continue
            except (OSError, NotImplementedError):  # better together than not at all
                return
            return
        if not is_waiting:
            report(WAITING, None)
            is_waiting = True
        time.sleep(_PAUSE)
        progress(0, 1)


def _lock(folder: Path, number: int) -> FileLock:
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{number}.lock", timeout=0)
