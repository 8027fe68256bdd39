"""The encoder service of a dashboard server, which all kernels share."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from colbert_explain.dashboard.visitor_log import keep_short
from colbert_explain.encoder_service.child import EncoderChild
from colbert_explain.encoders.remote.address import (
    ADDRESS_VARIABLE,
    ServiceAddress,
    read_address,
)
from colbert_explain.encoders.remote.connection import (
    TOKEN_VARIABLE,
    EncoderServiceError,
    ServiceConnection,
)
from colbert_explain.operator_settings import OperatorSettings

_log = logging.getLogger("colbert_explain.encoder")


@contextmanager
def shared_encoder(settings: OperatorSettings) -> Iterator[None]:
    """Name an encoder service in the environment, where kernels that start now find it.

    The one that ``COLBERT_EXPLAIN_ENCODER`` names, with a warning if it cannot be used now; else
    one that is started here. It loads its model at once, is started again when it dies, and ends
    with this block.

    Raises
    ------
    ValueError
        If ``COLBERT_EXPLAIN_ENCODER`` is no address of a service.
    """
    if settings.encoder is not None:
        address, _ = read_address(settings.encoder, {})
        # A server that does not answer may take seconds to be sure of, and may be started later.
        looking = threading.Thread(target=_look, args=(address,), daemon=True)
        looking.start()
        yield
        return
    keep_short(_log)  # a visitor's text may be what ends it
    with EncoderChild(on_change=_tell) as child:
        names = {ADDRESS_VARIABLE: child.address, TOKEN_VARIABLE: child.token}
        for name in names:
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in names.items() if value is not None})
        try:
            yield
        finally:
            for name in names:
                os.environ.pop(name, None)


def _look(address: ServiceAddress) -> None:
    try:
        ServiceConnection(address).check_access()
    except (EncoderServiceError, ValueError) as error:
        _tell(f"{error}. Until it can be used, pages cannot explain new texts.")


def _tell(sentence: str) -> None:
    _log.warning("%s%s", sentence[:1].upper(), sentence[1:])
