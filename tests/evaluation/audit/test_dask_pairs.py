import sys

import dask
import dask.dataframe as dd
import distributed
import pandas as pd
import psutil
import pytest

from colbert_explain.evaluation.audit import audit, dask_pairs
from tests import patience
from tests.evaluation.audit.encoders_for_workers import CannotBeRead, CountsItsLoads, KilledOnce

GIVEN = pd.DataFrame(
    {
        "query_id": [number // 4 for number in range(24)],
        "query": [f"what do cats {number // 4} eat" for number in range(24)],
        "document": [" " if number == 5 else f"cats {number} eat fish" for number in range(24)],
        "score": [number / 10 for number in range(24)],
    }
)


@pytest.fixture(scope="module")
def cluster():
    with (
        dask.config.set({"distributed.admin.system-monitor.gil.enabled": False}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_dask_frame_gives_the_frame_of_pandas_lazily(toy_encoder):
    lazy = audit(dd.from_pandas(GIVEN, npartitions=3), toy_encoder)
    assert lazy.npartitions == 3
    expected = audit(GIVEN, toy_encoder)
    assert lazy.dtypes.astype(str).to_dict() == expected.dtypes.astype(str).to_dict()
    with dask.config.set(scheduler="synchronous"):
        found = lazy.compute()
    pd.testing.assert_frame_equal(found, expected)


def test_nothing_is_encoded_before_the_result_is_asked_for():
    lazy = audit(dd.from_pandas(GIVEN, npartitions=2), CannotBeRead())
    with dask.config.set(scheduler="synchronous"), pytest.raises(MemoryError, match="no room"):
        lazy.compute()


def test_two_worker_processes_of_a_cluster_give_the_same_frame(cluster, toy_encoder):
    found = audit(dd.from_pandas(GIVEN, npartitions=6), toy_encoder).compute()
    pd.testing.assert_frame_equal(found, audit(GIVEN, toy_encoder))
    assert found.attrs["provenance"]["model"] == "toy"


def test_a_worker_loads_the_encoder_once(cluster, tmp_path):
    log = tmp_path / "loads"
    audit(dd.from_pandas(GIVEN, npartitions=6), CountsItsLoads(str(log))).compute()
    loads = log.read_text().split()
    assert len(loads) == len(set(loads)) <= 2


def test_a_worker_process_that_is_killed_loses_nothing(cluster, tmp_path, toy_encoder):
    flag = tmp_path / "killed"
    found = audit(dd.from_pandas(GIVEN, npartitions=6), KilledOnce(str(flag))).compute()
    assert not psutil.pid_exists(int(flag.read_text()))
    pd.testing.assert_frame_equal(found, audit(GIVEN, toy_encoder))
    cluster.wait_for_workers(2, timeout=patience.seconds(60))


def test_arguments_that_a_cluster_decides_get_a_sentence(toy_encoder):
    frame = dd.from_pandas(GIVEN, npartitions=2)
    for changed in ({"workers": 2}, {"progress": print}):
        with pytest.raises(ValueError, match=f"{next(iter(changed))} must be left out for a Dask"):
            audit(frame, toy_encoder, **changed)
    with pytest.raises(ValueError, match="columns query and document, got the columns query_id"):
        audit(frame[["query_id"]], toy_encoder)


def test_without_dask_a_sentence_says_how_to_install_it(monkeypatch, toy_encoder):
    monkeypatch.setitem(sys.modules, "dask.dataframe", None)
    with pytest.raises(ImportError, match=r'pip install "\.\[dask\]"'):
        dask_pairs.audit_partitions(GIVEN, toy_encoder, None)
