import itertools
import re

import numpy as np
import pytest

from colbert_explain.views.theme import (
    COSINE_RANGE,
    DARK,
    LIGHT,
    contrast_ratio,
    css_cosine,
    css_variables,
    ink_on,
    palette_of,
)


def lightness(colour):
    """OKLab lightness of ``#rrggbb``, written from its definition."""
    r, g, b = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    )
    cone = (
        0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b,
        0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b,
        0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b,
    )
    long, middle, short = (value ** (1 / 3) for value in cone)
    return 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short


def channels(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


#: Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
COLOUR_BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def seen(colour, kind):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return [sum(w * c for w, c in zip(row, linear, strict=True)) for row in COLOUR_BLINDNESS[kind]]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_lightness_changes_evenly_from_the_middle_to_both_ends(palette):
    steps = [lightness(colour) for _, colour in palette.cosine_scale]
    middle = len(steps) // 2
    for half in (steps[: middle + 1][::-1], steps[middle:]):
        changes = [a - b for a, b in itertools.pairwise(half)]
        assert max(changes) - min(changes) < 0.01
        assert abs(sum(changes)) > 0.6
    assert steps[0] == pytest.approx(steps[-1], abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_middle_is_neutral_and_near_the_paper(palette):
    middle = palette.cosine_colour(0.0)
    assert max(channels(middle)) - min(channels(middle)) < 0.02
    assert contrast_ratio(middle, palette.paper) < 1.15


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_two_directions_stay_apart_for_colour_blind_readers(palette):
    for kind, value in itertools.product(COLOUR_BLINDNESS, (0.25, 0.5, 0.75, 1.0)):
        one, other = (seen(palette.cosine_colour(v), kind) for v in (value, -value))
        largest = max(map(abs, [*one, *other]))
        apart = max(abs(a - b) for a, b in zip(one, other, strict=True))
        assert apart > 0.25 * largest, (kind, value)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_scale_is_centred_and_ends_where_the_range_does(palette):
    positions = [position for position, _ in palette.cosine_scale]
    assert (positions[0], positions[len(positions) // 2], positions[-1]) == (0, 0.5, 1)
    assert COSINE_RANGE == (-1, 1)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_colour_is_that_of_the_scale_and_clamped_beyond_it(palette):
    steps = dict(palette.cosine_scale)
    assert palette.cosine_colour(0.0) == steps[0.5]
    assert palette.cosine_colour(1.0000002) == steps[1.0]
    assert palette.cosine_colour(-2.0) == steps[0.0]
    assert palette.cosine_colour(0.0625) not in steps.values()  # between two steps


def luminance(colour):
    """Relative luminance of ``#rrggbb``, as WCAG 2.2 writes it."""
    r, g, b = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_text_on_every_colour_is_readable_in_what_is_shown(palette):
    for value in np.linspace(-1, 1, 41):
        css = css_cosine(float(value), "dark" if palette is DARK else "light")
        ground, ink = re.fullmatch(r"background:(#\w{6});color:(#\w{6})", css).groups()
        darker, lighter = sorted((luminance(ground), luminance(ink)))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (value, css)


def test_ink_is_black_on_light_colours_and_white_on_dark_ones():
    inks = {"#ffffff": "#000000", "#ffff00": "#000000", "#000000": "#ffffff", "#800000": "#ffffff"}
    assert {colour: ink_on(colour) for colour in inks} == inks


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_text_is_readable_on_what_lies_below_it(palette):
    texts = ("ink", "muted", "unscored_ink", "alarm", "accent")
    for text, ground in itertools.product(texts, ("paper", "raised")):
        ratio = contrast_ratio(getattr(palette, text), getattr(palette, ground))
        assert ratio >= 4.5, (text, ground)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_buttons_outlines_and_frames_are_seen(palette):
    assert contrast_ratio(palette.on_accent, palette.accent) >= 4.5
    assert contrast_ratio(palette.line, palette.paper) >= 3
    assert contrast_ratio(palette.frame, palette.halo) >= 4.5
    assert contrast_ratio(palette.pinned, palette.paper) >= 15


def test_contrast_is_that_of_the_guidelines():
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_an_unknown_theme_is_refused(unchecked):
    with pytest.raises(ValueError, match="theme must be one of light, dark, got 'blue'"):
        palette_of("blue")


def test_css_says_both_themes_and_whose_word_counts():
    blocks = re.findall(r"([^{}]+){([^{}]*--ce-[^{}]*)}", css_variables())
    inks = [
        (selector.strip(), re.search("--ce-ink: (#......)", held)[1]) for selector, held in blocks
    ]
    assert inks == [
        (":root", LIGHT.ink),
        (":root", DARK.ink),
        ('[data-jp-theme-light="true"], .vscode-light, .ce-light', LIGHT.ink),
        ('[data-jp-theme-light="false"], .vscode-dark, .ce-dark', DARK.ink),
        ('[data-jp-theme-light="false"] .ce-light, .vscode-dark .ce-light', LIGHT.ink),
    ]
    assert "@media (prefers-color-scheme: dark)" in css_variables()
    assert "--ce-on-accent: #ffffff" in css_variables()


def test_html_follows_the_page_or_keeps_to_a_theme():
    assert css_cosine(1.0, "dark") == f"background:{DARK.steps[-1]};color:#000000"
    both = css_cosine(1.0)
    assert both.startswith(f"background:{LIGHT.steps[-1]};color:#ffffff;")
    assert f"background:light-dark({LIGHT.steps[-1]},{DARK.steps[-1]})" in both


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_not_scored_stands_out_less_than_what_is(colours):
    *veil, alpha = (float(part) for part in re.findall(r"[\d.]+", colours.veil))

    def veiled(colour):
        mixed = (
            round(alpha * over + (1 - alpha) * 255 * under)
            for over, under in zip(veil, channels(colour), strict=True)
        )
        return "#" + "".join(f"{channel:02x}" for channel in mixed)

    similarities = np.linspace(*COSINE_RANGE, 401)
    unscored = [
        contrast_ratio(veiled(colours.cosine_colour(v)), colours.paper) for v in similarities
    ]
    scored = [
        contrast_ratio(colours.cosine_colour(v), colours.paper) for v in similarities if v >= 0.2
    ]
    assert max(unscored) < min(scored)
