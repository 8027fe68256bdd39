"""Makes the workbench's first screen, and encodes the packaged texts, before a visitor waits.

A server starts this file as a separate program. It sends the texts to the encoder service, which
keeps their embeddings, and ends. To start quickly, it imports nothing of the server.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable

from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.storage.private_folder import make_private

#: Argument of the program: the packaged texts are encoded as well.
_TEXTS = "--texts"


def start_warming_up(texts: bool, on_screen: Callable[[str], object]) -> subprocess.Popen[bytes]:
    """Start the program, with a low priority.

    It says nothing about errors and ends with this process, even if this one is killed.

    Parameters
    ----------
    texts
        Whether to encode the packaged texts.
    on_screen
        Called in a thread with the first screen as HTML.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", __file__, *([_TEXTS] if texts else [])],
        stdin=subprocess.PIPE,  # closed when this process ends, however it does
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )

    def wait() -> None:
        if process.stdout is not None and (screen := process.stdout.read()):
            on_screen(screen.decode())
        process.wait()  # else it would stay in the system's list

    threading.Thread(target=wait, daemon=True).start()
    return process


def keeps_embeddings() -> bool:
    """Return whether embeddings are kept on disk; log if they should be and cannot be."""
    settings = OperatorSettings.from_environment()
    if not settings.keep_embeddings:
        return False
    try:
        for name in ("embeddings", "calibration"):
            make_private(settings.cache_folder / name)
            with tempfile.TemporaryFile(dir=settings.cache_folder / name):
                pass
    except OSError as error:
        logging.getLogger(__name__).warning(
            "every text will be encoded again, because embeddings cannot be kept in %s: %s",
            settings.cache_folder,
            error.strerror or error,
        )
        return False
    return True


def write_first_screen() -> None:
    """Explain the texts of the first screen, and write it to the standard output."""
    from colbert_explain.dashboard.first_screen import first_screen, opening_sample
    from colbert_explain.encoders import load_encoder
    from colbert_explain.explanation import explain

    sample = opening_sample()
    screen = first_screen(explain(sample.query, sample.document, load_encoder()))
    sys.stdout.buffer.write(screen.encode())
    sys.stdout.buffer.flush()
    os.close(sys.stdout.fileno())  # the server waits for the end


def warm_up() -> None:
    """Encode the samples, index the sample collection and calibrate, unless that is kept."""
    from colbert_explain.analysis.calibration import calibrate
    from colbert_explain.app.collections.opened_collection import sample_index
    from colbert_explain.encoders import load_encoder
    from colbert_explain.evaluation import read_queries
    from colbert_explain.samples import load_samples, sample_collection_folder
    from colbert_explain.search import Collection

    encoder = load_encoder()
    for sample in load_samples():
        encoder.embed_query(sample.query)
        encoder.embed_document(sample.document)
    folder = sample_collection_folder()
    if sample_index(OperatorSettings.from_environment(), encoder) is None:
        Collection.build(folder, encoder)
    for text in read_queries(folder).values():
        encoder.embed_query(text)
    calibrate(encoder)


def _give_way() -> None:
    """Run at low priority, and end when the server does."""

    def end_with_the_server() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(0)

    threading.Thread(target=end_with_the_server, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)


if __name__ == "__main__":
    _give_way()
    write_first_screen()
    if _TEXTS in sys.argv:
        warm_up()
