import itertools

import pytest

from colbert_explain.views import palette


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


def test_lightness_falls_evenly_from_the_middle_to_both_ends():
    steps = [lightness(colour) for _, colour in palette.COSINE_SCALE]
    middle = len(steps) // 2
    for half in (steps[: middle + 1][::-1], steps[middle:]):
        drops = [a - b for a, b in itertools.pairwise(half)]
        assert max(drops) - min(drops) < 0.01
    assert steps[0] == pytest.approx(steps[-1], abs=0.01)


def test_the_scale_is_centred_and_ends_where_the_range_does():
    positions = [position for position, _ in palette.COSINE_SCALE]
    assert (positions[0], positions[len(positions) // 2], positions[-1]) == (0, 0.5, 1)
    assert palette.COSINE_RANGE == (-1, 1)


def test_a_colour_is_that_of_the_scale_and_clamped_beyond_it():
    steps = dict(palette.COSINE_SCALE)
    assert palette.cosine_colour(0.0) == steps[0.5]
    assert palette.cosine_colour(1.0000002) == steps[1.0]
    assert palette.cosine_colour(-2.0) == steps[0.0]
    assert palette.cosine_colour(0.0625) not in steps.values()  # between two steps


@pytest.mark.parametrize("value", [v / 20 for v in range(-20, 21)])
def test_text_on_every_colour_is_readable(value):
    colour = palette.cosine_colour(value)
    assert palette.contrast(palette.ink_on(colour), colour) >= 4.5


def test_contrast_is_that_of_the_guidelines():
    assert palette.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert palette.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert palette.contrast(palette.MUTED, palette.PAPER) >= 4.5
