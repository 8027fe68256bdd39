"""What a soak found: a table, and whether the server passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

MOST_DELAY = 2.0


@dataclass(frozen=True)
class Findings:
    """Measurements of one run; memory in MB, times in seconds."""

    visits: int
    failures: Sequence[str]
    left_early: int
    seconds_to_open: Sequence[float]
    seconds_to_explain: Sequence[float]
    most_kernels: int
    most_memory: float
    kernels_left: int
    seconds_to_end: float
    complaints: Sequence[str]
    memory_before: float | None = None
    memory_after: float | None = None
    most_growth: float = 1.0
    alone: Sequence[float] = ()
    beside_a_long_text: Sequence[float] = ()

    @property
    def growth(self) -> float | None:
        """Memory that did not come back, for each visit; ``None`` if not measured."""
        if self.memory_before is None or self.memory_after is None or not self.visits:
            return None
        return (self.memory_after - self.memory_before) / self.visits

    @property
    def delay(self) -> float | None:
        """How much longer a short pair takes beside a long text; ``None`` if not measured."""
        if not self.alone or not self.beside_a_long_text:
            return None
        return median(self.beside_a_long_text) / median(self.alone)

    def faults(self) -> list[str]:
        """List in sentences what must not be."""
        found = [f"A visit failed: {failure}" for failure in self.failures]
        if not self.seconds_to_open:
            found.append("No visitor ever saw a dashboard.")
        if self.kernels_left:
            found.append(f"{self.kernels_left} kernels were left behind.")
        if self.growth is not None and self.growth > self.most_growth:
            found.append(f"Memory grew by {self.growth:.1f} MB with each visit.")
        if self.complaints:
            found.append(f"The server complained: {self.complaints[0]}")
        if self.delay is not None and self.delay > MOST_DELAY:
            found.append(f"A short pair took {self.delay:.1f} times as long beside a long text.")
        return found

    def table(self) -> str:
        """Return the measurements, one a line."""
        rows = [
            ("visits, of them left early", f"{self.visits}, {self.left_early}"),
            ("to the first picture, median and longest", _times(self.seconds_to_open)),
            ("typed pair to its explanation, median and longest", _times(self.seconds_to_explain)),
            ("most kernels, most memory", f"{self.most_kernels}, {self.most_memory:.0f} MB"),
            ("kernels left, after", f"{self.kernels_left}, {self.seconds_to_end:.0f} s"),
            ("lines of complaint in the log", str(len(self.complaints))),
        ]
        if self.growth is not None:
            both = f"{self.memory_before:.0f} MB, {self.memory_after:.0f} MB"
            both += f" ({self.growth:+.2f} MB a visit)"
            rows.append(("server's memory before and after", both))
        if self.delay is not None:
            alone, beside = median(self.alone), median(self.beside_a_long_text)
            count = len(self.beside_a_long_text)
            both = f"{alone:.2f} s, {beside:.2f} s ({self.delay:.1f} times; {count} pairs)"
            rows.append(("a short pair alone, and beside a long text", both))
        width = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def _times(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    return f"{median(seconds):.1f} s, {max(seconds):.1f} s"
