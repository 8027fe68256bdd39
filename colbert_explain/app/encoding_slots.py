"""Slots across kernels: no more of them encode at a time than the operator allows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

from filelock import BaseFileLock, FileLock, Timeout

from colbert_explain.embeddings import Encoder, Progress, TokenEmbeddings
from colbert_explain.encoders import TextEncoder
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.storage.private_folder import make_private

WAITING = "Waiting while another visitor's text is encoded …"
#: Most characters of a short text: about one window of 512 tokens.
SHORT_TEXT = 2_000
#: Seconds between two checks for a free slot.
_PAUSE = 0.05
#: Most seconds that a long text waits for short ones before its next step.
_LONGEST_REST = 1.0


def encode_in_turn(
    encoder: Encoder,
    side: str,
    text: str,
    *,
    progress: Progress,
    report: Callable[[str, float | None], None],
    settings: OperatorSettings,
) -> TokenEmbeddings:
    """Encode a text as soon as a slot is free; all kernels of this computer share the slots.

    Short and long texts have separate slots, and a long text pauses between two steps while a short
    one is encoded: a sentence never waits for an article. A slot is an operating system lock on a
    file in the cache folder; it is released if its process dies. If such files cannot be made,
    texts are encoded without waiting. An encoder that already has the text's embeddings reports no
    progress and takes no slot.

    Parameters
    ----------
    encoder
        Encodes the text.
    side
        ``"query"`` or ``"document"``.
    text
        What to encode.
    progress
        As for an encoder; also called while waiting, so that an error raised in it ends the wait.
    report
        Called with a status while other texts are encoded, or while the model is loaded.
    settings
        How many texts may be encoded at a time, and the folder of the locks.

    Raises
    ------
    ValueError
        If the text cannot be encoded.
    """
    embed = encoder.embed_query if side == "query" else encoder.embed_document
    is_long = len(str(text)) > SHORT_TEXT  # what is no text, the encoder refuses in a sentence
    slots = _Slots("long" if is_long else "short", settings)
    has_turn = False
    with ExitStack() as held:

        def in_turn(done: int, total: int) -> None:
            nonlocal has_turn
            progress(done, total)
            if has_turn and is_long:
                _rest(_Slots("short", settings), lambda: progress(done, total))
            if not has_turn:
                waited = _take(slots, held, lambda: progress(done, total), report)
                has_turn = True
                if isinstance(encoder, TextEncoder) and not encoder.is_loaded:
                    report("Loading the model (first use only) …", None)
                elif waited:
                    report(f"Reading the {side} …", None)

        return embed(text, progress=in_turn)


class _Slots:
    """The locks of one kind of text."""

    def __init__(self, kind: str, settings: OperatorSettings) -> None:
        self._folder = settings.cache_folder / "slots"
        self._names = [f"{kind}-{n}.lock" for n in range(settings.concurrent_encodings)]

    def try_one(self) -> BaseFileLock | None:
        """Take a free slot, if there is one.

        Raises
        ------
        OSError, NotImplementedError
            If locks cannot be made here.
        """
        for lock in self._locks():
            with suppress(Timeout):
                lock.acquire()
                return lock
        return None

    def is_any_taken(self) -> bool:
        """Return whether a text of this kind is being encoded; raises as `try_one` does."""
        for lock in self._locks():
            try:
                lock.acquire()
            except Timeout:
                return True
            lock.release()
        return False

    def _locks(self) -> Iterator[BaseFileLock]:
        make_private(self._folder)  # whoever may open a lock may hold it for ever
        return (FileLock(self._folder / name, timeout=0) for name in self._names)


def _take(
    slots: _Slots,
    held: ExitStack,
    check_stop: Callable[[], object],
    report: Callable[[str, float | None], None],
) -> bool:
    """Take a slot as soon as one is free; return whether the wait was reported."""
    looks = 0
    while True:
        try:
            lock = slots.try_one()
        except (OSError, NotImplementedError):  # better together than not at all
            return looks > 1
        if lock is not None:
            held.callback(lock.release)
            return looks > 1
        looks += 1
        if looks == 2:  # not at once: a pausing long text may hold the lock while it checks
            report(WAITING, None)
        time.sleep(_PAUSE)
        check_stop()


def _rest(short: _Slots, check_stop: Callable[[], object]) -> None:
    """Wait while short texts are encoded, for `_LONGEST_REST` at most."""
    until = time.monotonic() + _LONGEST_REST
    with suppress(OSError, NotImplementedError):
        while short.is_any_taken() and time.monotonic() < until:
            time.sleep(_PAUSE)
            check_stop()
