import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from colbert_explain.views import contribution_chart, write_image
from tests.example_explanations import example


@pytest.fixture
def kaleido(monkeypatch):
    """A kaleido that keeps what it is asked for, and answers with a picture or an error."""
    package, errors = ModuleType("kaleido"), ModuleType("kaleido.errors")
    package.__spec__ = importlib.util.spec_from_loader("kaleido", loader=None)
    package.calls, package.answer = [], b"picture"

    class ChromeNotFoundError(RuntimeError):
        pass

    errors.ChromeNotFoundError = package.ChromeNotFoundError = ChromeNotFoundError

    def calc_fig_sync(figure, opts=None, *, topojson=None, kopts=None):
        package.calls.append((figure, opts, kopts))
        if isinstance(package.answer, Exception):
            raise package.answer
        return package.answer

    package.calc_fig_sync, package.errors = calc_fig_sync, errors
    monkeypatch.setitem(sys.modules, "kaleido", package)
    monkeypatch.setitem(sys.modules, "kaleido.errors", errors)
    return package


def test_an_explanation_is_drawn_as_its_heatmap_and_nothing_is_fetched(kaleido, tmp_path):
    write_image(example(3, 4), str(tmp_path / "x.PNG"))
    assert (tmp_path / "x.PNG").read_bytes() == b"picture"
    ((figure, options, settings),) = kaleido.calls
    assert figure["data"][0]["name"] == "similarity"
    assert (options["format"], options["width"], options["scale"]) == ("png", 1200, 2.0)
    assert options["height"] == figure["layout"]["height"]
    assert settings == {"mathjax": False}


def test_a_figure_is_drawn_at_its_own_width(kaleido, tmp_path):
    figure = contribution_chart(example(3, 4)).update_layout(width=700)
    write_image(figure, tmp_path / "x.svg")
    ((drawn, options, _),) = kaleido.calls
    assert drawn["data"][0]["name"] == "contribution"
    assert (options["format"], options["width"], options["scale"]) == ("svg", 700, 1)


def test_other_formats_are_refused_before_anything_is_drawn(kaleido, tmp_path):
    for name in ("x.jpg", "x"):
        with pytest.raises(ValueError, match=rf"path must end in .png or .svg, got '{name}'"):
            write_image(example(2, 2), tmp_path / name)
    assert kaleido.calls == []


def test_without_kaleido_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kaleido", None)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "kaleido" else find_spec(name)
    )
    with pytest.raises(RuntimeError, match="not installed") as refused:
        write_image(example(2, 2), tmp_path / "x.png")
    assert not list(tmp_path.iterdir())
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"write_image.*(pip install \S+)", readme)
    assert command in str(refused.value)
    assert command in write_image.__doc__


def test_a_missing_browser_and_any_other_failure_are_said(kaleido, tmp_path):
    kaleido.answer = kaleido.ChromeNotFoundError("none")
    with pytest.raises(RuntimeError, match="needs Chrome or Chromium, and kaleido found none"):
        write_image(example(2, 2), tmp_path / "x.png")
    kaleido.answer = TimeoutError("too slow")
    with pytest.raises(RuntimeError, match="kaleido could not draw the figure: too slow"):
        write_image(example(2, 2), tmp_path / "x.png")
    assert not list(tmp_path.iterdir())
