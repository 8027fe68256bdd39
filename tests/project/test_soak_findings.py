import dataclasses

import pytest

from tests.soak.findings import Findings

GOOD = Findings(
    visits=4,
    failures=[],
    left_early=1,
    seconds_to_open=[2.0, 3.0, 9.0],
    seconds_to_explain=[0.5],
    most_kernels=3,
    most_memory=900.0,
    kernels_left=0,
    seconds_to_end=31.0,
    memory_before=100.0,
    memory_after=103.8,
    complaints=[],
    alone=[1.0, 1.0],
    beside_a_long_text=[1.9, 1.9],
)


def test_a_server_that_left_nothing_passes():
    assert GOOD.faults() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"failures": ["visitor 1, close: no"]}, "A visit failed: visitor 1, close: no"),
        ({"seconds_to_open": []}, "No visitor ever saw a dashboard."),
        ({"kernels_left": 2}, "2 kernels were left behind."),
        ({"memory_after": 106.0}, "Memory grew by 1.5 MB with each visit."),
        ({"complaints": ["KeyError"]}, "The server complained: KeyError"),
        ({"beside_a_long_text": [2.1]}, "A short pair took 2.1 times as long beside a long text."),
    ],
)
def test_each_fault_is_a_sentence(change, sentence):
    assert dataclasses.replace(GOOD, **change).faults() == [sentence]


def test_the_table_holds_every_measurement():
    table = GOOD.table()
    for shown in (
        "4, 1",
        "3.0 s, 9.0 s",
        "3, 900 MB",
        "0, 31 s",
        "(+0.95 MB a visit)",
        "(1.9 times; 2 pairs)",
    ):
        assert shown in table
