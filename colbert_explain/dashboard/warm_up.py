"""Encodes the packaged texts in the background, before a visitor waits for them.

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

from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.storage.private_folder import make_private


def start_warming_up() -> subprocess.Popen[bytes] | None:
    """Start encoding the packaged texts in a process of low priority.

    It prints nothing and ends with this process, even if this one is killed. Returns ``None`` if
    embeddings are not kept, or cannot be.
    """
    settings = OperatorSettings.from_environment()
    if not settings.keep_embeddings:
        return None
    try:
        for name in ("embeddings", "calibration"):
            make_private(settings.cache_folder / name)
            with tempfile.TemporaryFile(dir=settings.cache_folder / name):
                pass
        process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,  # closed when this process ends, however it does
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        logging.getLogger(__name__).warning(
            "every text will be encoded anew, because embeddings cannot be kept in %s: %s",
            settings.cache_folder,
            error.strerror or error,
        )
        return None
    # A process that has ended stays in the system's list until somebody asks how it ended.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def warm_up() -> None:
    """Encode the samples and the sample collection, and calibrate, unless that is kept already."""
    from colbert_explain.analysis.calibration import calibrate
    from colbert_explain.encoders import load_encoder
    from colbert_explain.evaluation import read_queries
    from colbert_explain.samples import load_samples, sample_collection_folder
    from colbert_explain.search import Collection

    encoder = load_encoder()
    for sample in load_samples():
        encoder.embed_query(sample.query)
        encoder.embed_document(sample.document)
    folder = sample_collection_folder()
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
    warm_up()
