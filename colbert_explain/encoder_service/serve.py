"""`serve`: the program `colbert-explain encoder`, until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from colbert_explain.embeddings import Encoder
from colbert_explain.encoder_service.access import (
    ServiceAccess,
    address_of,
    decide_access,
    listen,
)
from colbert_explain.encoder_service.handlers import application
from colbert_explain.encoder_service.limited_server import LimitedServer
from colbert_explain.encoder_service.permitted import PermittedModels
from colbert_explain.encoder_service.processors import choose_at_once, choose_threads
from colbert_explain.encoder_service.service import EncoderService
from colbert_explain.encoders import TextEncoder, load_encoder
from colbert_explain.encoders.remote.protocol import NamedModel
from colbert_explain.operator_settings import OperatorSettings

#: Bytes of a request beside its text, and of a character in JSON at most.
_BESIDE, _PER_CHARACTER = 1 << 20, 12
#: Seconds for requests to be told that the service ends.
_TO_END = 5.0
#: Seconds between two looks whether the parent process is there.
_LOOK = 1.0


def serve(
    models: Sequence[str] = (),
    *,
    host: str | None = None,
    port: int | None = None,
    socket: Path | None = None,
    device: str | None = None,
    announce: Callable[[str], object] = lambda sentence: None,
    with_parent: bool = False,
    load: Callable[[NamedModel, OperatorSettings], Encoder] | None = None,
) -> None:
    """Serve encoders over HTTP until the process is interrupted or terminated.

    What clients may do is set by environment variables, as for dashboards (`OperatorSettings`).
    Embeddings are kept if ``COLBERT_EXPLAIN_KEEP_EMBEDDINGS`` is 1.

    Parameters
    ----------
    models
        Hub ids or folders of checkpoints that are loaded before the service is ready, and that
        clients may use besides what the settings allow. Clients that name none get the first; by
        default the bundled encoder.
    host
        Name or address to listen on; by default the loopback interface. Any other needs a token,
        from ``COLBERT_EXPLAIN_ENCODER_TOKEN``, or generated for this run and announced.
    port
        Port to listen on, 0 for any free one; by default 8000.
    socket
        Path of a Unix socket to listen on instead, in a folder that only this user can open. It
        is removed at the end.
    device
        Where models are loaded for clients that name no device, such as ``"cuda:1"``; by default
        the fastest one available.
    announce
        Called with a sentence when the service is listening, and when it is ready.
    with_parent
        End when standard input is closed or the parent process has ended.
    load
        Loads a model in a thread; by default `load_encoder` does.

    Raises
    ------
    ValueError
        If a setting is not what it may be, or one of ``models`` cannot be loaded.
    OSError
        If the host, port or socket cannot be used.
    """
    settings = OperatorSettings.from_environment()
    access = decide_access(host, port, socket)
    permitted = PermittedModels(models, settings)
    # Before PyTorch is imported, so that every thread has it.
    threads = choose_threads(settings)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    # Models are loaded here, whatever the environment says to clients.
    settings = replace(
        settings, concurrent_encodings=choose_at_once(settings, threads), encoder=None
    )
    if not settings.models and not any(map(permitted.is_fetched, models)):
        for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
            os.environ.setdefault(variable, "1")
    # Else every refusal is a line in the terminal. What failed is one already.
    logging.getLogger("tornado.general").setLevel(logging.ERROR)
    logging.getLogger("tornado.access").setLevel(logging.CRITICAL)

    service = partial(
        EncoderService,
        settings,
        lambda named: (load or load_named)(on_device(named, device), settings),
        permitted.check,
        lambda named: None if load else load_without_weights(on_device(named, device), settings),
    )
    preloaded = [NamedModel(name) for name in models] or [NamedModel()]
    has_ended = asyncio.run(_run(service, settings, access, preloaded, announce, with_parent))
    if not has_ended:
        # A library that loads a model cannot be interrupted, and would crash a Python that ends.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(0)


def on_device(named: NamedModel, device: str | None) -> NamedModel:
    """Return the model for a device, unless it names one itself."""
    return NamedModel(named.model, {"device": device, **named.arguments})


def load_named(named: NamedModel, settings: OperatorSettings) -> Encoder:
    """Load the encoder that a request names, weights included.

    Raises what `load_encoder` raises.
    """
    encoder = load_encoder(named.model, **named.arguments, settings=settings)
    if isinstance(encoder, TextEncoder):
        encoder.load()
    return encoder


def load_without_weights(named: NamedModel, settings: OperatorSettings) -> TextEncoder | None:
    """Return the bundled encoder, whose weights are loaded for a text that is not kept.

    Returns ``None`` for other models, and where no texts are kept.
    """
    if named.model is not None or not settings.keep_embeddings:
        return None
    encoder = load_encoder(None, **named.arguments, settings=settings)
    return encoder if isinstance(encoder, TextEncoder) else None


async def _run(
    make_service: Callable[[], EncoderService],
    settings: OperatorSettings,
    access: ServiceAccess,
    preloaded: list[NamedModel],
    announce: Callable[[str], object],
    with_parent: bool,
) -> bool:
    """Serve until told to end; return whether all threads have ended."""
    service = make_service()
    server = LimitedServer(
        application(service, access),
        max_body_size=_PER_CHARACTER * settings.largest_text + _BESIDE,
        idle_connection_timeout=60,
        body_timeout=60,
    )
    ended, parent_is_gone = asyncio.Event(), threading.Event()
    _end_on_signals(ended)
    if with_parent:
        _end_with_parent(ended, parent_is_gone)
    listening = listen(access)
    try:
        server.add_socket(listening)
        token = f", token {access.token}" if access.token_is_ours else ""
        announce(f"colbert_explain encoder: {address_of(access, listening)}{token}")
        making_ready = asyncio.create_task(service.make_ready(preloaded))
        waiting = asyncio.create_task(ended.wait())
        await asyncio.wait({making_ready, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if making_ready.done():
            models = await making_ready  # raises if a model cannot be loaded
            announce(f"colbert_explain encoder: ready ({', '.join(models)})")
            await waiting
        else:
            making_ready.cancel()
    finally:
        server.stop()
        all_ended = await service.close(_TO_END)
        with suppress(TimeoutError):
            await asyncio.wait_for(server.close_all_connections(), 1)
        if access.socket is not None:
            access.socket.unlink(missing_ok=True)
            if parent_is_gone.is_set():  # it made the folder, and cannot remove it any more
                with suppress(OSError):
                    access.socket.parent.rmdir()
    return all_ended and not _is_loading()


def _is_loading() -> bool:
    return any(thread.name == "colbert_explain_load" for thread in threading.enumerate())


def _end_on_signals(ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))


def _end_with_parent(ended: asyncio.Event, gone: threading.Event) -> None:
    """Set both when the parent closes standard input or is gone; then end, at the latest."""
    loop, parent = asyncio.get_running_loop(), os.getppid()

    def watch_input() -> None:
        while os.read(0, 1024):
            pass
        gone.set()

    def watch() -> None:
        # Another child of the parent may hold the input open.
        while not gone.wait(_LOOK) and os.getppid() == parent:
            pass
        gone.set()
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(ended.set)
        time.sleep(3 * _TO_END)
        os._exit(1)

    for target in (watch_input, watch):
        threading.Thread(target=target, daemon=True, name="colbert_explain_parent").start()
