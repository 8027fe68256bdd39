import pytest

from colbert_explain.dashboard import memory
from colbert_explain.dashboard.memory import kernels_that_fit


@pytest.mark.parametrize(
    ("gigabytes", "beside_encoder", "most"),
    [(0.5, True, 4), (2, False, 6), (2, True, 4), (16, False, 53), (16, True, 51)],
)
def test_as_many_kernels_may_run_as_the_memory_is_enough_for(
    monkeypatch, gigabytes, beside_encoder, most
):
    monkeypatch.setattr(memory, "usable_memory", lambda: int(gigabytes * 1e9))
    assert kernels_that_fit(beside_encoder=beside_encoder) == most


def test_the_memory_of_a_container_is_its_limit():
    assert 0 < memory.usable_memory() < 2**50
