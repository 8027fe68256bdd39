from colbert_explain.encoder_service import processors
from colbert_explain.encoder_service.processors import (
    choose_at_once,
    choose_threads,
    usable_processors,
)
from colbert_explain.operator_settings import OperatorSettings


def test_one_thread_less_than_there_are_processors(monkeypatch):
    for n_processors, at_once, threads in ((1, 1, 1), (2, 1, 1), (8, 1, 7), (16, 4, 3), (2, 4, 1)):
        monkeypatch.setattr(processors, "usable_processors", lambda n=n_processors: n)
        settings = OperatorSettings(concurrent_encodings=at_once)
        assert choose_threads(settings, {}) == threads, (n_processors, at_once)


def test_what_the_operator_says_counts_first(monkeypatch):
    assert choose_threads(OperatorSettings(encoder_threads=3), {"OMP_NUM_THREADS": "2"}) == 3
    assert choose_threads(OperatorSettings(), {"OMP_NUM_THREADS": "2"}) == 2
    monkeypatch.setattr(processors, "usable_processors", lambda: 5)
    assert choose_threads(OperatorSettings(), {"OMP_NUM_THREADS": "many"}) == 4


def test_as_many_texts_at_once_as_there_are_processors_for(monkeypatch):
    for n_processors, threads, at_once in ((1, 1, 1), (2, 1, 2), (8, 7, 1), (8, 2, 4), (2, 4, 1)):
        monkeypatch.setattr(processors, "usable_processors", lambda n=n_processors: n)
        assert choose_at_once(OperatorSettings(), threads, {}) == at_once, (n_processors, threads)
    given = {"COLBERT_EXPLAIN_CONCURRENT_ENCODINGS": "3"}
    assert choose_at_once(OperatorSettings.from_environment(given), 1, given) == 3


def test_a_containers_limit_counts(monkeypatch, tmp_path):
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(processors, "_QUOTA", quota)
    everything = usable_processors()
    for content, expected in (
        ("50000 100000\n", 1),
        ("max 100000\n", everything),
        ("nonsense", everything),
    ):
        quota.write_text(content)
        assert usable_processors() == expected, content
