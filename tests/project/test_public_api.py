import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import griffe
import pytest

import colbert_explain as ce

REPOSITORY = Path(__file__).parents[2]
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
    assert set(ce.__all__) <= set(dir(ce))
    assert ce.__version__ == "0.1.0"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ce.nothing  # noqa: B018


def test_no_public_signature_names_a_type_that_is_not_public():
    package = griffe.load(ce.__name__, search_paths=[REPOSITORY], resolve_aliases=True)

    def defined(found):
        return found.final_target if found.is_alias else found

    def types_of(item):
        annotations = [item.annotation] if item.is_attribute else []
        if item.is_function:
            annotations = [item.returns, *(parameter.annotation for parameter in item.parameters)]
        for annotation in annotations:
            if isinstance(annotation, griffe.Expr):
                names = annotation.iterate(flat=True)
                yield from (name for name in names if isinstance(name, griffe.ExprName))

    def is_public(member):
        # A class's own variables are for its code: what instances have is in its signature.
        own = "class-attribute" in member.labels and "instance-attribute" not in member.labels
        return (member.name == "__init__" or not member.name.startswith("_")) and not own

    public = {defined(package[name]).path: defined(package[name]) for name in ce.__all__}
    named = {}
    for item in public.values():
        # What a widget has from its base is for its page, and a class whose docstring names no
        # parameters is made by a function.
        members = [
            defined(member)
            for name, member in (item.all_members.items() if item.is_class else ())
            if not (member.is_alias and ".app." in member.target_path)
            if name != "__init__" or "Parameters" in item.docstring.value
        ]
        for part in (item, *filter(is_public, members)):
            for name in types_of(part):
                if not name.canonical_path.startswith(f"{ce.__name__}."):
                    continue
                found = defined(package[name.canonical_path.removeprefix(f"{ce.__name__}.")])
                if found.is_attribute and str(found.value).startswith("TypeVar("):
                    continue
                named.setdefault(found.path, f"{found.name}, in {part.path}")
    assert len(named) > 20
    hidden = {path: where for path, where in named.items() if path not in public}
    assert list(hidden.values()) == []
