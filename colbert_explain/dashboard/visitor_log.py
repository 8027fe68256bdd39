"""What visitors cause in a server's log: one line per event, with a limit per minute.

Refusals are warnings, failures are errors. Each level has its own limit, so that repeated refusals
do not hide a failure.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from colbert_explain.text.wording import count

#: Most lines of one level in one minute; further lines are only counted.
MOST_LINES = 30

#: Characters of one line.
LONGEST_LINE = 300

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_MINUTE = 60.0  # seconds


def _in_a_thread(seconds: float, act: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, act)
    timer.daemon = True  # a server that ends waits for nothing
    timer.start()


@dataclass
class _Minute:
    """Lines of one level since a time, and how many lines were left out."""

    began: float
    said: set[str] = field(default_factory=set)
    left_out: int = 0


class OneLineAnEvent(logging.Filter):
    """For a logger whose records visitors cause: a traceback becomes one line.

    Anyone who can open a page can send it anything, as often as they like. That must not fill a
    disk or hide other records. A line is not repeated within its minute; the number of lines that
    were left out is logged at the end of the minute.

    Parameters
    ----------
    clock
        Returns a time in seconds.
    later
        Calls a function after some seconds; by default in a thread.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], None] = _in_a_thread,
    ) -> None:
        super().__init__()
        self._clock, self._later = clock, later
        self._minutes: dict[int, _Minute] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Make a record one line; return whether it is to be written."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {describe(record.exc_info[1])}"
        record.exc_info = record.exc_text = record.stack_info = None
        record.msg, record.args = one_line(text), ()
        now, level = float(self._clock()), record.levelno
        minute = self._minutes.get(level)
        if minute is None or now - minute.began >= _MINUTE:
            if minute is not None and minute.left_out:
                record.msg += f" ({_left_out(minute.left_out)} before)"
            minute = self._minutes[level] = _Minute(now)
        if record.msg in minute.said:
            return False
        if len(minute.said) >= MOST_LINES:
            minute.left_out += 1
            if minute.left_out == 1:
                logger = logging.getLogger(record.name)
                wait = minute.began + _MINUTE - now
                self._later(wait, lambda: self._say_left_out(logger, level, minute))
            return False
        minute.said.add(record.msg)
        return True

    def _say_left_out(self, logger: logging.Logger, level: int, minute: _Minute) -> None:
        if self._minutes.get(level) is minute:  # else the line that came next has said it
            del self._minutes[level]
            logger.log(level, _left_out(minute.left_out))


def one_line(text: str) -> str:
    """Return a text on one line, without colours and control characters, and not too long."""
    text = " ".join(_COLOURS.sub("", text[: 10 * LONGEST_LINE]).split())
    text = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 1]}…"


def describe(error: BaseException) -> str:
    """Return the kind of an error, what it says, and the line of code it comes from."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {one_line(str(error))[:150]}{place}"


#: Requests and messages that were refused, and failures in the Python of a page.
visitor_log = logging.getLogger("colbert_explain.visitors")


def keep_short(*loggers: logging.Logger) -> None:
    """Limit some loggers to one line per record, and together to `MOST_LINES` per minute."""
    limit = OneLineAnEvent()
    for logger in loggers:
        for old in [one for one in logger.filters if isinstance(one, OneLineAnEvent)]:
            logger.removeFilter(old)
        logger.addFilter(limit)


def _left_out(number: int) -> str:
    were = "was" if number == 1 else "were"
    return f"{count(number, 'more line')} like these {were} left out"
