"""The only place with colours: one palette for light surroundings and one for dark ones.

Colour means one thing everywhere: a cosine similarity, on one scale from -1 (brown) over 0
(nearly the paper) to 1 (blue). Lightness changes evenly in OKLab from the middle to both ends,
and brown against blue stays apart for every common kind of colour blindness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from colbert_explain import argument_checks as check

Theme = Literal["light", "dark"]
PageTheme = Literal["auto", "light", "dark"]
"""Colours of a view; ``"auto"``: those of the page around it."""
THEMES: tuple[Theme, ...] = get_args(Theme)

COSINE_RANGE = (-1.0, 1.0)
#: In HTML, colours are told apart in hundredths, which is finer than an eye can.
COSINE_STEPS = 100
COSINE_TITLE = "cosine similarity"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as ``#rrggbb`` but for the veil, which lets cells shine through.

    Attributes
    ----------
    steps
        Cosine similarities from -1 to 1 in even steps.
    ink, muted, unscored_ink
        Text; what explains it; tokens that are not scored. All at least 4.5:1 on ``paper``.
    paper, raised
        What lies below everything; what lies above it, such as hover boxes.
    grid, line
        Lines that guide the eye; outlines of fields and bars.
    accent, on_accent, alarm
        What asks to be clicked, the text on it, and what went wrong.
    hover, focus
        The ground of what the mouse is over or what is selected; the ring around what has the
        keyboard.
    frame, halo
        The winning pair of a query token, and what keeps its frame apart from the cells.
    pinned
        The pair that a reader has pinned.
    veil
        What lies over tokens that are not scored: so much of the paper that each of their cells
        stands out less than any scored cell of a similarity of .2 or more.
    """

    steps: tuple[str, ...]
    ink: str
    muted: str
    unscored_ink: str
    paper: str
    raised: str
    grid: str
    line: str
    accent: str
    on_accent: str
    alarm: str
    hover: str
    focus: str
    frame: str
    halo: str
    pinned: str
    veil: str

    @property
    def cosine_scale(self) -> list[tuple[float, str]]:
        """The scale as Plotly takes it: positions from 0 to 1 with their colours."""
        return [(i / (len(self.steps) - 1), colour) for i, colour in enumerate(self.steps)]

    def cosine_colour(self, value: float) -> str:
        """Return the colour of a cosine similarity, interpolated as Plotly does.

        Values beyond the range, which rounding makes, take the colour of its end.
        """
        low, high = COSINE_RANGE
        position = (min(max(value, low), high) - low) / (high - low) * (len(self.steps) - 1)
        below = min(int(position), len(self.steps) - 2)
        weight = position - below
        ends = zip(_channels(self.steps[below]), _channels(self.steps[below + 1]), strict=True)
        return "#" + "".join(f"{round((1 - weight) * a + weight * b):02x}" for a, b in ends)


LIGHT = Palette(
    # OKLab ramps, lightness .98 at 0 to .36 at both ends.
    steps=(
        "#5b3102", "#784302", "#945610", "#aa6f36", "#bd8959", "#cfa37e", "#debfa5", "#ecdbce",
        "#f8f8f8",
        "#cfe0f8", "#a7c8f5", "#81b0ee", "#5d97e3", "#3b7ed4", "#1765c1", "#004fa1", "#013b7b",
    ),
    ink="#1f2328",
    muted="#5f6368",
    unscored_ink="#6b7077",
    paper="#ffffff",
    raised="#ffffff",
    grid="#e3e5e8",
    line="#8c9198",
    accent="#004fa1",
    on_accent="#ffffff",
    alarm="#b00814",
    hover="#eef3fb",
    focus="#2f7de1",
    frame="#d40f1f",
    halo="#ffffff",
    pinned="#000000",
    veil="rgba(255, 255, 255, 0.82)",
)  # fmt: skip

DARK = Palette(
    # The same hues, lightness .24 at 0 to .87 at both ends.
    steps=(
        "#ffc895", "#eaad73", "#d49352", "#be792e", "#a56103", "#864e05", "#633f18", "#422f1e",
        "#1f2022",
        "#23354b", "#244975", "#235ea1", "#2c74c6", "#478ddf", "#66a6f3", "#8bbffe", "#b8d7ff",
    ),
    ink="#e6e8eb",
    muted="#aab0b8",
    unscored_ink="#949ba4",
    paper="#15181c",
    raised="#22262b",
    grid="#33383e",
    line="#7b828b",
    accent="#7db2f5",
    on_accent="#0b1522",
    alarm="#ff9a9a",
    hover="#202a38",
    focus="#81b0ee",
    frame="#ff5a66",
    halo="#000000",
    pinned="#ffffff",
    veil="rgba(21, 24, 28, 0.82)",
)  # fmt: skip

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

#: Text on a page whose theme nobody knows: 4.5:1 on white, 4.2:1 on the black of JupyterLab.
NEUTRAL_INK = "#767676"

#: In figures: no ground at all; lines that show on any page; and the field of what was not read,
#: so faint that text on it can be read whatever the page's own ground is.
CLEAR = "rgba(0, 0, 0, 0)"
NEUTRAL_GRID = "rgba(128, 128, 128, 0.3)"
UNREAD_FIELD = "rgba(128, 128, 128, 0.1)"

_PALETTES: dict[str, Palette] = {"light": LIGHT, "dark": DARK}


def palette_of(theme: str) -> Palette:
    """Return the colours of a theme.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    check.choice("theme", theme, THEMES)
    return _PALETTES[theme]


def drawn_theme(theme: PageTheme) -> Theme:
    """Return the theme in which a figure is drawn that has none of its own: the light one."""
    return "light" if theme == "auto" else theme


def css_variables() -> str:
    """Write colours (``--ce-ink``) and typeface as custom properties, for HTML views and forms.

    The page decides: its own choice of light or dark, over that JupyterLab's theme or VS Code's,
    over that the class ``ce-light`` or ``ce-dark`` around a part of it. ``--ce-scheme`` is the
    value that ``color-scheme`` wants, so that ``light-dark()`` follows as well.
    """
    light, dark = _declarations("light"), _declarations("dark")
    return "\n".join(
        [
            f":root {{ --ce-font: {_FONT}; {light} }}",
            f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}",
            f'[data-jp-theme-light="true"], .vscode-light, .ce-light {{ {light} }}',
            f'[data-jp-theme-light="false"], .vscode-dark, .ce-dark {{ {dark} }}',
            # Said once more: in a dark JupyterLab, a light part stays light.
            f'[data-jp-theme-light="false"] .ce-light, .vscode-dark .ce-light {{ {light} }}',
        ]
    )


def _declarations(theme: Theme) -> str:
    colours = palette_of(theme)
    names = "ink muted unscored_ink paper raised grid line accent on_accent alarm hover focus"
    names += " frame halo pinned"
    parts = [f"--ce-{name.replace('_', '-')}: {getattr(colours, name)};" for name in names.split()]
    return " ".join([f"--ce-scheme: {theme};", *parts])


def dark_counterparts() -> dict[str, dict[str, str]]:
    """Return the dark colour that replaces each light one in a figure.

    Returns
    -------
    dict
        ``scale``, within a colour scale; ``only``, what a hover box (``raised``) and a ``halo``
        become, whose light colour is that of the paper; ``elsewhere``, all other places.
    """
    names = "ink muted unscored_ink paper grid line accent frame pinned veil"
    return {
        "scale": dict(zip(LIGHT.steps, DARK.steps, strict=True)),
        "only": {"raised": DARK.raised, "halo": DARK.halo},
        "elsewhere": {getattr(LIGHT, name): getattr(DARK, name) for name in names.split()},
    }


def css_cosine(value: float, theme: PageTheme = "auto") -> str:
    """Return the declarations that give HTML text the colour of a cosine similarity as ground.

    With ``"auto"`` the light colours come first, for browsers that know no ``light-dark()``.
    """
    light, dark = LIGHT.cosine_colour(value), DARK.cosine_colour(value)
    if theme != "auto":
        ground = palette_of(theme).cosine_colour(value)
        return f"background:{ground};color:{ink_on(ground)}"
    return (
        f"background:{light};color:{ink_on(light)};"
        f"background:light-dark({light},{dark});"
        f"color:light-dark({ink_on(light)},{ink_on(dark)})"
    )


def cosine_step(value: float, per_unit: int = COSINE_STEPS) -> int:
    """Return in which step of the scale a similarity lies, from ``-per_unit`` to ``per_unit``."""
    low, high = COSINE_RANGE
    return round(min(max(value, low), high) * per_unit)


def inline_cosine(value: float, theme: PageTheme = "auto") -> str:
    """Return the same for a ``style`` attribute, for hosts that strip style sheets.

    Plain colours that no cleaner of HTML refuses, ground and ink together, so that they can be
    read on a light and on a dark page; with ``"auto"`` those of the light theme. Style sheets of
    this package override them.
    """
    ground = palette_of(drawn_theme(theme)).cosine_colour(value)
    return f"background-color:{ground};color:{ink_on(ground)}"


def ink_on(colour: str) -> str:
    """Return black or white, whichever reads best on a background; one is always over 4.5:1."""
    return max("#000000", "#ffffff", key=lambda ink: contrast_ratio(ink, colour))


def ink_in_either_theme(value: float, palette: Palette) -> str:
    """Return a palette's ink for a number on the colour of a similarity.

    A page replaces the colours of a light figure by the dark ones, so the choice is one for both:
    the ink that reads better where it reads worst.
    """

    def worst(name: str) -> float:
        pairs = [(getattr(each, name), each.cosine_colour(value)) for each in (LIGHT, DARK)]
        return min(contrast_ratio(*pair) for pair in pairs)

    ink: str = getattr(palette, max("pinned", "paper", key=worst))
    return ink


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2)."""
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
