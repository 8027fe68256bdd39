"""Old names and forms work for one release more, and say what to write instead."""

import re
import subprocess
import sys

import numpy as np
import pytest

import colbert_explain as ce
from tests.each_case import check_each


@pytest.fixture
def x(toy_encoder):
    return ce.explain("What do cats eat?", "Cats eat fish. Dogs bark.", toy_encoder)


def test_every_old_form_gives_what_the_new_one_gives_and_names_it(x, toy_encoder):
    calibration = ce.Calibration(
        np.array([8.0, 16.0]), np.array([[0.0, 0.5], [0.1, 0.6]]), x.provenance
    )
    new = ce.occlude(x, (0, 4), reencode=toy_encoder)
    (passage,) = ce.reencode_passages(x, toy_encoder, k=1)

    def same(found):
        return found.sentence() == new.sentence() and found.reencoded.score == new.reencoded.score

    def of_query(found):
        return (found.side, found.removed) == ("query", "What")

    def started():
        bench = ce.Workbench(toy_encoder, query="", documents="")
        bench.explain("cats", "cats eat")
        bench.wait(120.0)
        return bench.explanation.document.text == "cats eat"

    def given():
        bench = ce.Workbench(toy_encoder, query="cats", document="dogs")
        bench.wait(120.0)
        return bench.explanation.document.text == "dogs"

    def old(case):
        _, right, instead = case
        with pytest.warns(DeprecationWarning, match=f"use {re.escape(instead)}$") as warned:
            assert right()
        assert len(warned) == 1

    span = "occlude(x, (start, end), reencode=encoder)"
    check_each(
        [
            ("place", lambda: same(ce.occlude(x, 0, 4, toy_encoder)), span),
            ("names", lambda: same(ce.occlude(x, start=0, end=4, encoder=toy_encoder)), span),
            ("both", lambda: same(ce.occlude(x, 0, end=4, encoder=toy_encoder)), span),
            ("side", lambda: of_query(ce.occlude(x, 0, 4, side="query")), span),
            ("function", lambda: ce.reread_passages is ce.reencode_passages, "reencode_passages"),
            ("class", lambda: ce.RereadPassage is ce.ReencodedPassage, "ReencodedPassage"),
            (
                "field",
                lambda: passage.alone is passage.explanation,
                "ReencodedPassage.explanation",
            ),
            (
                "level",
                lambda: calibration.threshold(8, level=0.5) == calibration.threshold(8, 50),
                "percentile=",
            ),
            ("document", given, "documents="),
            ("explain", started, "Workbench.start"),
        ],
        old,
        lambda case: case[0],
    )


def test_percentiles_that_look_like_fractions_are_warned_of(x, tmp_path):
    nan = float("nan")
    fractions, percentiles = [nan, 0.97, 0.4, *[nan] * 4], [nan, 97, 0.4, *[nan] * 4]
    calibration = ce.Calibration(
        np.array([8.0, 16.0]), np.array([[0.0, 0.5], [0.1, 0.6]]), x.provenance
    )
    for view in (
        ce.report,
        ce.contribution_chart,
        lambda x, percentiles: ce.write_html(x, tmp_path / "x.html", percentiles=percentiles),
    ):
        with pytest.warns(UserWarning, match="percentiles go from 0 to 100, and the largest give"):
            view(x, percentiles=fractions)
        for right in (percentiles, [nan] * 7, [0.0] * 7):
            view(x, percentiles=right)  # a warning would be an error
    with pytest.warns(UserWarning, match="largest given is 0.95: multiply fractions by 100"):
        calibration.threshold(8, 0.95)
    assert calibration.threshold(8) == pytest.approx(0.475)


def test_a_warning_points_at_the_line_of_the_caller():
    shown = subprocess.run(
        [sys.executable, "-c", "import colbert_explain as ce\nce.reread_passages"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    # Python shows a DeprecationWarning only if it is of the main program's own lines.
    assert "<string>:2: DeprecationWarning: colbert_explain.reread_passages" in shown


def test_old_names_are_in_no_list():
    for name in ("reread_passages", "RereadPassage"):
        assert name not in ce.__all__
        assert name not in dir(ce)
