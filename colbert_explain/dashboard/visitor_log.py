"""What visitors cause in the log of a server: one line an event, and only so many a minute."""

from __future__ import annotations

import logging
import re
import time
import traceback
from collections.abc import Callable

#: Lines in one minute; what comes beyond is counted.
MOST_LINES = 30

#: Characters of one line.
LONGEST_LINE = 300

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class OneLineAnEvent(logging.Filter):
    """For a logger whose records visitors cause: a traceback becomes one line.

    Whoever can open a page can send it anything, as often as they like; that must neither fill a
    disk nor hide what else a log says. A line that was said is not repeated within its minute.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._began = clock()
        self._said: set[str] = set()
        self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Make a record one line; return whether it is to be written."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text = f"{text}: {describe(record.exc_info[1])}"
        record.exc_info = record.exc_text = record.stack_info = None
        record.msg, record.args = one_line(text), ()
        now = self._clock()
        if now - self._began >= 60:
            if self._left_out:
                record.msg += f" ({self._left_out} more lines like these were left out before)"
            self._began, self._left_out = now, 0
            self._said.clear()
        if record.msg in self._said:
            return False
        if len(self._said) >= MOST_LINES:
            self._left_out += 1
            return False
        self._said.add(record.msg)
        return True


def one_line(text: str) -> str:
    """Return a text without line breaks, colours and control characters, and not too long."""
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


#: What pages and visitors did that was refused, and what failed in the Python of a page.
visitor_log = logging.getLogger("colbert_explain.visitors")


def keep_short(*loggers: logging.Logger) -> None:
    """Let all records of some loggers be one line each, and together so many a minute."""
    limit = OneLineAnEvent()
    for logger in loggers:
        for old in [one for one in logger.filters if isinstance(one, OneLineAnEvent)]:
            logger.removeFilter(old)
        logger.addFilter(limit)
