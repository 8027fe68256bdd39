"""A local service with a key, and encoders of it that do not wait between two tries."""

import pytest

from colbert_explain.encoders.remote.jina import JinaEncoder
from colbert_explain.encoders.remote.reranker import JinaReranker, VllmReranker
from colbert_explain.encoders.remote.vllm import VllmEncoder
from tests.encoders.remote import local_service

KEY = "jina_0123456789abcdefSECRET"


@pytest.fixture
def service(monkeypatch):
    monkeypatch.setenv("JINA_API_KEY", KEY)
    monkeypatch.delenv("VLLM_API_KEY", raising=False)
    with local_service.running() as found:
        yield found


@pytest.fixture
def waits():
    """Seconds that were waited between two tries; nothing waits."""
    return []


@pytest.fixture
def make(service, waits):
    """Make an encoder or a reranker of the local service."""

    def made(kind, **arguments):
        if kind in (JinaEncoder, JinaReranker):
            arguments = {"address": service.address, **arguments}
            if kind is JinaEncoder:
                arguments = {"dim": local_service.DIM, **arguments}
            found = kind(**arguments)
        else:
            found = kind(service.address, "a-model", **arguments)
        found._calls._sleep = waits.append
        return found

    return made


@pytest.fixture(params=[JinaEncoder, VllmEncoder], ids=lambda kind: kind.__name__)
def encoder(request, make):
    return make(request.param)


@pytest.fixture(params=[JinaReranker, VllmReranker], ids=lambda kind: kind.__name__)
def reranker(request, make):
    return make(request.param)
