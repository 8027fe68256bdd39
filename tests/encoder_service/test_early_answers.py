import asyncio
import threading

import numpy as np

from colbert_explain.encoder_service.permitted import PermittedModels
from colbert_explain.encoder_service.requests import Asked
from colbert_explain.encoder_service.serve import load_without_weights
from colbert_explain.encoder_service.service import EncoderService
from colbert_explain.encoders import TextEncoder
from colbert_explain.encoders.remote.protocol import NamedModel, unpacked
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.storage.embedding_store import EmbeddingStore
from tests.toy_pipeline import text_encoder


async def last_event(request):
    while True:
        for event in await request.next_events(60):
            if event["event"] in ("result", "error"):
                return event


def test_what_is_kept_is_answered_before_the_model_is_loaded(toy_encoder, tmp_path):
    store = EmbeddingStore(tmp_path, 10**6)
    keeping = text_encoder(toy_encoder, store=store)
    kept = keeping.embed_document("Cats eat fish.")
    go = threading.Event()

    def load(named):
        go.wait(60)
        return keeping

    async def main():
        service = EncoderService(OperatorSettings(), load, without_weights=lambda named: keeping)
        preload = asyncio.create_task(service.make_ready([NamedModel()]))

        def ask(text, work):
            return service.admit(Asked(NamedModel(), "document", text), "client", work)

        facts = await last_event(ask("", service.facts))
        found = await last_event(ask("Cats eat fish.", service.encode))
        new, described = ask("Dogs.", service.encode), ask("", service.describe)
        assert not preload.done()
        go.set()
        others = [await last_event(new), await last_event(described)]
        await preload
        await service.close(60)
        return facts, found, others

    facts, found, others = asyncio.run(main())
    assert facts["document_length"] == 200
    np.testing.assert_array_equal(unpacked(found["vectors"]), kept.vectors)
    assert [event["event"] for event in others] == ["result", "result"]


def test_only_the_bundled_encoder_that_keeps_texts_is_there_without_weights(tmp_path):
    keeping = OperatorSettings(keep_embeddings=True, cache_folder=tmp_path)
    found = load_without_weights(NamedModel(None, {"layers": [6]}), keeping)
    assert isinstance(found, TextEncoder)
    assert not found.is_loaded
    assert load_without_weights(NamedModel("org/model"), keeping) is None
    assert load_without_weights(NamedModel(), OperatorSettings(cache_folder=tmp_path)) is None


def test_what_is_said_without_need_names_the_same_model():
    permitted = PermittedModels((), OperatorSettings())
    for given, left in (
        ({"layers": [3, 6], "query_length": 512, "document_length": 8192}, {}),
        ({"layers": [6], "document_length": 100}, {"layers": [6], "document_length": 100}),
    ):
        assert permitted.check(NamedModel(None, given)) == NamedModel(None, left), given
    other = PermittedModels(["org/model"], OperatorSettings())
    assert other.check(NamedModel(None, {"query_length": 512})).arguments == {"query_length": 512}
