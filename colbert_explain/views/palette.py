"""The only place with colours.

Colour means one thing everywhere: a cosine similarity, on one scale from -1 (brown) over 0
(nearly white) to 1 (blue). Lightness falls evenly in OKLab from the middle to both ends, and
brown against blue stays apart for every common kind of colour blindness.
"""

from __future__ import annotations

#: OKLab ramps, lightness .98 at 0 to .36 at both ends, 17 even steps.
_STEPS = (
    "#5b3102", "#784302", "#945610", "#aa6f36", "#bd8959", "#cfa37e", "#debfa5", "#ecdbce",
    "#f8f8f8",
    "#cfe0f8", "#a7c8f5", "#81b0ee", "#5d97e3", "#3b7ed4", "#1765c1", "#004fa1", "#013b7b",
)  # fmt: skip
COSINE_RANGE = (-1.0, 1.0)
COSINE_SCALE = [(i / (len(_STEPS) - 1), colour) for i, colour in enumerate(_STEPS)]
COSINE_TITLE = "cosine similarity"

FRAME = "#d40f1f"  # the winning pair of a query token
FRAME_HALO = "#ffffff"  # keeps the frame visible on dark cells
PINNED = "#000000"
UNSCORED_VEIL = "rgba(128, 128, 128, 0.38)"
MUTED = "#5f6368"  # 6:1 on white
UNSCORED_INK = "#767b82"
INK = "#1f2328"
RUNNER_UP = "#1f2328"
GRID = "#e3e5e8"
PAPER = "#ffffff"


def cosine_colour(value: float) -> str:
    """Return the colour of a cosine similarity, interpolated as Plotly does, as ``#rrggbb``.

    Values beyond the range, which rounding makes, take the colour of its end.
    """
    low, high = COSINE_RANGE
    position = (min(max(value, low), high) - low) / (high - low) * (len(_STEPS) - 1)
    below = min(int(position), len(_STEPS) - 2)
    weight = position - below
    mixed = (
        round((1 - weight) * a + weight * b)
        for a, b in zip(_channels(_STEPS[below]), _channels(_STEPS[below + 1]), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def ink_on(colour: str) -> str:
    """Return black or white, whichever reads best on a background; one is always over 4.5:1."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
