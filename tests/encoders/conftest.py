"""Encoders in this process and in a service: what one does, the other must do."""

from __future__ import annotations

from contextlib import closing

import pytest

from colbert_explain.encoders import load_encoder
from tests.encoder_service.programs import Program


@pytest.fixture(scope="session")
def service(tmp_path_factory):
    """A service of the package's own, which may load checkpoints below its ``models``."""
    folder = tmp_path_factory.mktemp("models")
    environment = {
        "COLBERT_EXPLAIN_MODEL_FOLDERS": str(folder),
        "COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "0",
        "COLBERT_EXPLAIN_MODELS": "",
    }
    with closing(Program("colbert_explain.encoder_service", environment)) as program:
        program.models = folder
        yield program


@pytest.fixture(params=["in this process", "in a service"])
def either_encoder(request):
    """The bundled encoder, here and in a service."""
    if request.param == "in this process":
        return request.getfixturevalue("encoder")
    return load_encoder(request.getfixturevalue("service").address)
