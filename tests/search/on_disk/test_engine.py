import pytest

from colbert_explain.search.on_disk import OnDiskEngine
from tests.search.engine_contract import EngineContract


@pytest.fixture
def made(tmp_path):
    def make(compression=None):
        with OnDiskEngine.building(tmp_path / "collection", compression) as engine:
            engine.complete()
        return engine

    return make


class TestOnDiskEngine(EngineContract):
    @pytest.fixture
    def engine(self, made):
        return made()


class TestCompressedOnDiskEngine(EngineContract):
    @pytest.fixture
    def engine(self, made):
        return made("int8")
