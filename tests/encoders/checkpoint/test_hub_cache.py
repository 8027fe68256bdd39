import shutil

import pytest

from colbert_explain.encoders import load_encoder
from colbert_explain.encoders.checkpoint.hub_cache import cached_checkpoints
from tests.tiny_checkpoints import drop_projection, make_checkpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path):
    """A hub cache, and a way to put a checkpoint into it as the hub's own tools do."""
    folder = tmp_path / "hub"
    folder.mkdir()

    def put(checkpoint, name, *, kind="models", ref="main"):
        place = folder / f"{kind}--{name.replace('/', '--')}"
        shutil.copytree(checkpoint, place / "snapshots" / COMMIT)
        (place / "refs").mkdir()
        (place / "refs" / ref).write_text(COMMIT)
        return place / "snapshots" / COMMIT

    folder_and_put = folder, put
    return folder_and_put


@pytest.fixture
def checkpoint(tmp_path):
    return make_checkpoint(tmp_path / "made", "stanford", "wordpiece")


def test_late_interaction_checkpoints_are_listed_by_name(cache, checkpoint):
    folder, put = cache
    put(checkpoint, "someone/tiny-colbert")
    put(checkpoint, "another/tiny-colbert")
    assert cached_checkpoints(folder) == ("another/tiny-colbert", "someone/tiny-colbert")
    assert cached_checkpoints(str(folder)) == cached_checkpoints(folder)


def test_what_cannot_be_loaded_by_its_name_is_left_out(cache, checkpoint):
    folder, put = cache
    drop_projection(put(checkpoint, "someone/no-projection"))
    put(checkpoint, "someone/other-branch", ref="v1")
    put(checkpoint, "someone/data", kind="datasets")
    (put(checkpoint, "someone/no-weights") / "model.safetensors").unlink()
    assert cached_checkpoints(folder) == ()


def test_what_is_listed_loads_without_a_network(cache, checkpoint, monkeypatch):
    folder, put = cache
    put(checkpoint, "someone/tiny-colbert")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    (name,) = cached_checkpoints()
    assert load_encoder(name).name == name


def test_what_may_be_listed_can_be_given_and_no_variable_is_read(cache, checkpoint, monkeypatch):
    folder, put = cache
    for name in ("a/one", "a/two"):
        put(checkpoint, name)
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    monkeypatch.setenv("COLBERT_EXPLAIN_MODELS", "a/two")
    monkeypatch.setenv("COLBERT_EXPLAIN_IDLE_MINUTES", "soon")
    assert cached_checkpoints(folder) == ("a/one", "a/two")
    for allowed, listed in [
        ((), ()),
        (("a/two", "b/three"), ("a/two",)),
        (("*",), ("a/one", "a/two")),
    ]:
        assert cached_checkpoints(folder, allowed=allowed) == listed, allowed


@pytest.mark.parametrize("kind", ["absent", "file", "empty"])
def test_no_cache_is_no_error(tmp_path, kind):
    place = tmp_path / "hub"
    if kind == "file":
        place.touch()
    if kind == "empty":
        place.mkdir()
    assert cached_checkpoints(place) == ()
