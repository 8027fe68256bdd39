import pytest

from colbert_explain.search.in_memory import InMemoryEngine
from tests.search.engine_contract import EngineContract


class TestInMemoryEngine(EngineContract):
    @pytest.fixture
    def engine(self):
        return InMemoryEngine()
