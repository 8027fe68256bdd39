"""What is imported, asked for by pyproject.toml, tested, and given to conda is the same."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
OURS = {"colbert_explain", "tests", "benchmarks", "docs"}
#: Distributions of modules that need not be installed where the tests run.
OPTIONAL = {"kaleido": "kaleido"}


@pytest.fixture(scope="module")
def project():
    return tomllib.loads(PYPROJECT)["project"]


@pytest.fixture(scope="module")
def constraints():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement.specifier for requirement in found}


def requirements(project):
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


def names(lines):
    return {canonicalize_name(Requirement(line).name) for line in lines}


def imported(*folders):
    """Return each distribution that files of these folders import, with one file that does."""
    found = {}
    for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                modules = [node.module]
            else:
                continue
            for module in {name.partition(".")[0] for name in modules}:
                if module not in sys.stdlib_module_names and module not in OURS:
                    found.setdefault(module, str(path.relative_to(ROOT)))
    known = packages_distributions()
    assert set(found) <= set(known) | set(OPTIONAL)
    return {
        canonicalize_name(known.get(module, [OPTIONAL.get(module)])[0]): path
        for module, path in found.items()
    }


def test_what_the_package_imports_is_what_it_asks_for(project):
    extras = project["optional-dependencies"]
    of_users = [line for extra, lines in extras.items() if extra != "dev" for line in lines]
    undeclared = {
        name: path
        for name, path in imported("colbert_explain").items()
        if name not in names(project["dependencies"] + of_users)
    }
    assert undeclared == {}


def test_what_tests_benchmarks_and_docs_import_is_asked_for_with_the_extra_dev(project):
    asked = names(project["dependencies"] + project["optional-dependencies"]["dev"])
    undeclared = {
        name: path
        for name, path in imported("tests", "benchmarks", "docs").items()
        if name not in asked
    }
    assert undeclared == {}


def test_what_is_asked_for_and_not_imported_has_its_reason_beside_it(project):
    groups = {"dependencies": project["dependencies"], **project["optional-dependencies"]}
    for group, lines in groups.items():
        used = imported("colbert_explain", *(["tests", "benchmarks", "docs"] * (group == "dev")))
        for line in lines:
            unused = canonicalize_name(Requirement(line).name) not in used
            explained = comment(group, line).startswith("not imported: ")
            assert unused == explained, f"{line} in {group} is {'not ' * unused}imported"


def comment(group, line):
    """Return what pyproject.toml says beside a requirement."""
    [row] = [row for row in rows(group) if row.startswith(f'"{line}",')]
    return row.partition("# ")[2]


def rows(group):
    lines = [line.strip() for line in PYPROJECT.splitlines()]
    start = lines.index(f"{group} = [")
    return lines[start : lines.index("]", start)]


def test_an_upper_limit_has_its_reason_beside_it(project):
    for line in project["dependencies"]:
        parts = Requirement(line).specifier
        if any(part.operator in ("<", "<=", "==", "~=") for part in parts):
            assert comment("dependencies", line), f"{line} is limited without a reason"


def test_every_dependency_has_a_tested_version_within_its_range_and_nothing_else_has(
    project, constraints
):
    for requirement in requirements(project):
        [tested] = constraints[canonicalize_name(requirement.name)]
        assert tested.operator == "==", requirement
        assert requirement.specifier.contains(tested.version), requirement
    assert set(constraints) == {canonicalize_name(each.name) for each in requirements(project)}


def test_conda_gets_python_pip_and_torch_and_the_rest_from_the_package():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["channels"] == ["conda-forge"]
    *conda, from_pip = environment["dependencies"]
    assert [Requirement(line).name for line in conda] == ["python", "pip", "pytorch-cpu"]
    assert from_pip == {"pip": ["-e .[hub]"]}


def test_conda_and_pip_ask_for_the_same_python_and_torch(project):
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, _, torch = map(Requirement, environment["dependencies"][:3])
    assert project["requires-python"] in str(python.specifier)
    [declared] = [each for each in requirements(project) if each.name == "torch"]
    assert torch.specifier == declared.specifier
