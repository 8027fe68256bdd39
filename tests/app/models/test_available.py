import json

import pytest

from colbert_explain.app.models.available import CACHED, FETCHED, FOLDERS, find_checkpoints
from colbert_explain.operator_settings import OperatorSettings


def stanford(folder):
    folder.mkdir(parents=True)
    (folder / "artifact.metadata").write_text("{}")


def plain(folder, config='{"architectures": ["BertModel"]}'):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(config)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A hub cache with two late-interaction checkpoints, an encoder and a data set."""
    place = tmp_path / "hub"
    for name, make in (
        ("models--org--colbert", stanford),
        ("models--other--colbert", stanford),
        ("models--org--bert", plain),
        ("datasets--org--texts", stanford),
    ):
        make(place / name / "snapshots" / ("0" * 40))
        (place / name / "refs").mkdir()
        (place / name / "refs" / "main").write_text("0" * 40)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(place))
    return place


def listed(**settings):
    return [(e.key, e.label, e.group) for e in find_checkpoints(OperatorSettings(**settings))]


def test_cached_checkpoints_that_look_right_and_are_allowed_are_listed(cache):
    assert [key for key, _, _ in listed(models=("*",))] == ["org/colbert", "other/colbert"]
    assert listed(models=("org/colbert",)) == [("org/colbert", "org/colbert", CACHED)]


def test_by_default_nothing_is_listed(cache):
    assert listed() == []


def test_an_allowed_model_that_is_not_cached_can_be_fetched(cache):
    assert listed(models=("org/new",)) == [("org/new", "org/new", FETCHED)]


def test_without_a_cache_there_is_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "none"))
    assert listed(models=("*",)) == []


def test_checkpoints_of_allowed_folders_are_listed_by_their_names(tmp_path):
    folder = tmp_path / "models"
    stanford(folder / "a")
    plain(folder / "b")
    plain(folder / "c", '{"architectures": ["HF_ColBERT"]}')
    plain(folder / "damaged", "{")
    plain(folder / "odd", "[1]")
    (folder / "d").mkdir()
    modules = [{"type": "pylate.models.Dense.Dense"}, {"type": "x.Dense"}]
    (folder / "d" / "modules.json").write_text(json.dumps(modules))
    stanford(tmp_path / "outside")
    (folder / "link").symlink_to(tmp_path / "outside")
    found = listed(model_folders=(folder, tmp_path / "absent"))
    assert found == [(str(folder / name), name, FOLDERS) for name in ("a", "c", "d")]


def test_an_allowed_folder_may_be_a_checkpoint_itself(tmp_path):
    stanford(tmp_path / "mine")
    assert [label for _, label, _ in listed(model_folders=(tmp_path / "mine",))] == ["mine"]


def test_of_a_long_list_the_first_hundred_are_listed():
    found = listed(models=tuple(f"org/model-{number}" for number in range(150)))
    assert [key for key, _, _ in found] == [f"org/model-{number}" for number in range(100)]
