import logging

import pytest

from colbert_explain.dashboard.visitor_log import MOST_LINES, OneLineAnEvent


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def log(clock):
    """A logger of its own, and the lines it has written."""
    logger = logging.Logger("visitors")
    logger.written = []
    handler = logging.Handler()
    handler.emit = lambda record: logger.written.append(handler.format(record))
    logger.addHandler(handler)
    logger.addFilter(OneLineAnEvent(clock))
    return logger


def test_a_traceback_becomes_its_kind_its_words_and_its_place(log):
    try:
        raise KeyError("a\nb")
    except KeyError:
        log.exception("reading %s\nfailed", "x")
    (line,) = log.written
    assert line.startswith("reading x failed: KeyError: 'a\\nb' (")
    assert line.endswith(")")
    assert f"{__file__}, line " in line


def test_whatever_a_visitor_sends_is_one_short_line(log):
    for text in (
        "a\nb\rc\x1b[31md\x00e\u2028f\u202e",
        "x" * 10_000,
        "\n" * 10_000 + "y",
        "é" * 500,
    ):
        log.warning("got %s", text)
    assert len(log.written) == 4
    for line in log.written:
        assert len(line.splitlines()) == 1, repr(line)
        assert len(line) <= 300, repr(line)
        assert line.isprintable(), repr(line)
    assert log.written[0].startswith("got a b cd")


def test_there_are_so_many_lines_a_minute_and_the_others_are_counted(log, clock):
    for i in range(3 * MOST_LINES):
        log.warning("event %d", i)
    assert log.written == [f"event {i}" for i in range(MOST_LINES)]
    clock.now = 60
    log.warning("next")
    assert log.written[-1] == (
        f"next ({2 * MOST_LINES} more lines like these were left out before)"
    )


def test_what_is_refused_hides_no_failure(log):
    for i in range(3 * MOST_LINES):
        log.warning("refused %d", i)
    log.error("failed")
    assert log.written[-1] == "failed"


def test_how_many_were_left_out_is_said_at_the_end_of_the_minute(clock):
    asked, written = [], []
    logger = logging.getLogger("test_visitor_log")
    handler = logging.Handler()
    handler.emit = lambda record: written.append(handler.format(record))
    limit = OneLineAnEvent(clock, lambda seconds, act: asked.append((seconds, act)))
    logger.addHandler(handler)
    logger.addFilter(limit)
    try:
        for clock.now in (0, 20, 40):
            for i in range(MOST_LINES):
                logger.warning("event %d at %d", i, clock.now)
        ((seconds, act),) = asked
        assert seconds == 40
        clock.now += seconds
        act()
        assert written[MOST_LINES:] == [f"{2 * MOST_LINES} more lines like these were left out"]
        for i in range(MOST_LINES + 1):  # another minute, begun by the count itself
            logger.warning("later %d", i)
        clock.now += 60
        logger.warning("next")
        assert "(2 more lines like these were left out before)" in written[-1]
        asked[1][1]()
        assert "next" in written[-1]
    finally:
        logger.removeHandler(handler)
        logger.removeFilter(limit)


def test_a_line_is_not_repeated_within_its_minute(log, clock):
    for clock.now in (0, 59, 61, 62):
        log.warning("the same")
    assert log.written == ["the same"] * 2
