import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import colbert_explain as ce

HEAVY = ["torch", "transformers", "sentence_transformers", "plotly", "ipywidgets", "anywidget"]


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_importing_the_package_imports_nothing_heavy():
    found = run(f"import sys, colbert_explain; print([m for m in {HEAVY} if m in sys.modules])")
    assert found == "[]"


@pytest.mark.parametrize("name", ["explain_embeddings", "maxsim", "load_explanation"])
def test_the_core_needs_no_model_and_no_view(name):
    found = run(
        f"import sys, colbert_explain as ce; ce.{name}; "
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    assert found == "[]"


def test_every_public_name_is_the_same_thing_every_time_it_is_used():
    for name in ce.__all__:
        first = getattr(ce, name)
        assert getattr(ce, name) is first
        assert not isinstance(first, type(sys)), f"{name} is a module"


def test_names_stay_functions_after_every_module_was_imported():
    for module in pkgutil.walk_packages(ce.__path__, "colbert_explain."):
        importlib.import_module(module.name)
    assert [name for name in ce.__all__ if inspect.ismodule(getattr(ce, name))] == []


def test_all_and_dir_name_what_there_is():
    assert ce.__all__ == sorted(ce.__all__)
    assert set(ce.__all__) <= set(dir(ce))
    assert ce.__version__ == "0.1.0"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ce.nothing  # noqa: B018
