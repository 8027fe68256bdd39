import os

import pandas as pd
import psutil
import pytest

from colbert_explain.encoders import load_encoder
from colbert_explain.evaluation.audit import audit
from colbert_explain.evaluation.audit.sent_encoder import packed_encoder, unpacked_encoder
from tests.evaluation.audit.encoders_for_workers import (
    CannotBeRead,
    CannotStart,
    KilledOnce,
    KillsItsProcess,
)
from tests.processes import command_of
from tests.tiny_checkpoints.writing import FAMILIES, make_checkpoint

PAIRS = [
    (f"what do cats {number // 4} eat", " " if number == 5 else f"cats {number} eat fish")
    for number in range(40)
]


def worker_processes():
    children = psutil.Process().children()
    return [child for child in children if "spawn_main" in command_of(child)]


def test_worker_processes_give_the_frame_of_one_process_in_the_same_order(toy_encoder):
    told = []
    found = audit(PAIRS, toy_encoder, workers=2, progress=lambda *now: told.append(now))
    pd.testing.assert_frame_equal(found, audit(PAIRS, toy_encoder))
    assert found.attrs["provenance"]["model"] == "toy"
    assert told[-1] == (40, 40)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_worker_that_is_killed_at_work_loses_nothing(toy_encoder, tmp_path):
    flag = tmp_path / "killed"
    found = audit(PAIRS, KilledOnce(str(flag)), workers=2)
    assert int(flag.read_text()) != os.getpid()
    pd.testing.assert_frame_equal(found, audit(PAIRS, toy_encoder))


def test_a_worker_that_is_killed_from_outside_is_replaced(toy_encoder):
    killed = []

    def kill_one(done, total):
        workers = worker_processes()
        if workers and len(killed) < 2:
            workers[0].kill()
            killed.append(workers[0].pid)

    found = audit(PAIRS, toy_encoder, workers=2, progress=kill_one)
    assert len(killed) == 2
    pd.testing.assert_frame_equal(found, audit(PAIRS, toy_encoder))


def test_a_pair_that_kills_every_process_is_named():
    pairs = [*PAIRS[:11], ("cats", "poison for cats"), *PAIRS[11:]]
    with pytest.raises(
        RuntimeError,
        match=r"3 worker processes ended while reading pairs\[11\], the last with status -9: "
        "its document begins “poison for cats”",
    ):
        audit(pairs, KillsItsProcess(), workers=2)
    assert worker_processes() == []


def test_an_error_in_a_worker_reaches_the_caller():
    with pytest.raises(RuntimeError, match="a worker process failed with MemoryError: no room"):
        audit(PAIRS, CannotBeRead(), workers=1)


def test_processes_that_cannot_start_are_no_endless_loop():
    with pytest.raises(RuntimeError, match="ended before they were ready, the last with status 3"):
        audit(PAIRS, CannotStart(), workers=1)


def test_an_encoder_that_cannot_be_sent_gets_a_sentence(toy_encoder):
    toy_encoder.opened = open(os.devnull)  # noqa: SIM115, PTH123
    with pytest.raises(ValueError, match="encoder must be one that load_encoder returned, or one"):
        audit(PAIRS, toy_encoder, workers=2)
    toy_encoder.opened.close()


def test_an_encoder_is_sent_as_the_arguments_that_loaded_it(encoder, tmp_path):
    folder = make_checkpoint(tmp_path, "stanford", next(iter(FAMILIES)))
    for given in (
        encoder,
        load_encoder(layers=(6,), document_length=20),
        load_encoder(folder, query_length=16),
    ):
        packed = packed_encoder(given)
        assert len(packed) < 10_000
        found = unpacked_encoder(packed)
        assert found.identity == given.identity
        assert unpacked_encoder(packed) is found


def test_a_worker_with_the_bundled_encoder_agrees_with_this_process(encoder):
    pairs = PAIRS[:9]
    found = audit(pairs, encoder, workers=1)
    pd.testing.assert_frame_equal(found, audit(pairs, encoder))
