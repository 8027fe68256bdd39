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


MEBIBYTE = 2**20


@pytest.fixture
def groups(monkeypatch, tmp_path):
    """Return a function that says which control groups there are, with their limits."""

    def put(membership, files):
        (tmp_path / "cgroup").write_text(membership)
        for name, limit in files.items():
            file = tmp_path / "groups" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{limit}\n")
        monkeypatch.setattr(memory, "MEMBERSHIP", tmp_path / "cgroup")
        monkeypatch.setattr(memory, "GROUPS", tmp_path / "groups")

    return put


@pytest.mark.parametrize(
    ("membership", "files", "limit"),
    [
        pytest.param("0::/\n", {"memory.max": 64 * MEBIBYTE}, 64, id="container"),
        pytest.param(
            "0::/system.slice/ours.service\n",
            {
                "system.slice/memory.max": "max",
                "system.slice/ours.service/memory.max": 32 * MEBIBYTE,
            },
            32,
            id="unit of systemd",
        ),
        pytest.param(
            "0::/team.slice/ours.service\n",
            {
                "team.slice/memory.max": 16 * MEBIBYTE,
                "team.slice/ours.service/memory.max": 32 * MEBIBYTE,
            },
            16,
            id="slice smaller than its unit",
        ),
        pytest.param(
            "5:cpu,cpuacct:/docker/0a1b\n4:memory:/docker/0a1b\n0::/\n",
            {"memory/memory.limit_in_bytes": 48 * MEBIBYTE},
            48,
            id="container of version 1",
        ),
    ],
)
def test_the_limit_of_the_own_control_group_is_the_memory(groups, membership, files, limit):
    groups(membership, files)
    assert memory.usable_memory() == limit * MEBIBYTE


@pytest.mark.parametrize("membership", ["", "0::/user.slice\n", "4:memory:/\n1:name=systemd:/\n"])
def test_without_a_limit_the_memory_is_the_computers(groups, monkeypatch, membership):
    groups(
        membership, {"user.slice/memory.max": "max", "memory/memory.limit_in_bytes": 2**63 - 4096}
    )
    sizes = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(memory.os, "sysconf", sizes.get, raising=False)
    assert memory.usable_memory() == 4_096_000


def test_this_computer_has_memory():
    assert 0 < memory.usable_memory() < 2**50
