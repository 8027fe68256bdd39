import hashlib

import httpx
import pytest
from huggingface_hub.errors import (
    GatedRepoError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from colbert_explain.encoders.checkpoint import repository
from colbert_explain.encoders.checkpoint.error import CheckpointError
from colbert_explain.encoders.checkpoint.repository import digest, find_repository

RESPONSE = httpx.Response(404, request=httpx.Request("GET", "http://127.0.0.1/"))


@pytest.fixture
def hub(monkeypatch):
    """Stands in for the hub: remembers what was asked for, answers or raises as told."""

    class Hub:
        answer = None
        asked = None

        def __call__(self, name, **arguments):
            self.asked = {"name": name, **arguments}
            if isinstance(self.answer, Exception):
                raise self.answer
            return str(self.answer)

    hub = Hub()
    monkeypatch.setattr(repository, "snapshot_download", hub)
    return hub


def test_a_folder_is_taken_without_asking_the_hub(tmp_path, hub):
    found = find_repository(tmp_path)
    assert (found.name, found.folder, found.revision) == (tmp_path.name, tmp_path.resolve(), None)
    assert hub.asked is None


def test_a_repository_is_fetched_at_its_revision_without_code_or_pickles(tmp_path, hub):
    commit = "0123456789abcdef0123456789abcdef01234567"
    hub.answer = tmp_path / "snapshots" / commit
    found = find_repository("someone/some-model", "v1")
    assert (found.name, found.revision) == ("someone/some-model", commit)
    assert hub.asked["revision"] == "v1"
    patterns = hub.asked["allow_patterns"]
    assert "*.safetensors" in patterns
    assert not [pattern for pattern in patterns if pattern.endswith((".py", ".bin", ".pt", "*"))]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RepositoryNotFoundError("x", response=RESPONSE), "neither a folder nor a repository"),
        (RevisionNotFoundError("x", response=RESPONSE), "has no revision 'v9'"),
        (GatedRepoError("x", response=RESPONSE), "asks its users to accept terms"),
        (LocalEntryNotFoundError("x"), "the hub cannot be reached: connect once"),
        (OSError("no route"), "the hub cannot be reached: connect once"),
    ],
)
def test_what_the_hub_cannot_give_is_said_in_one_sentence(hub, error, sentence):
    hub.answer = error
    with pytest.raises(CheckpointError, match=sentence):
        find_repository("someone/some-model", "v9")


@pytest.mark.parametrize("name", ["a/b/c", "./nowhere/at/all", "", "two words"])
def test_what_is_neither_a_folder_nor_an_id_is_refused(hub, name):
    with pytest.raises(CheckpointError, match="model must be a folder or the id"):
        find_repository(name)
    assert hub.asked is None


def test_a_file_is_no_checkpoint(tmp_path, hub):
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(CheckpointError, match="which is a file"):
        find_repository(tmp_path / "model.safetensors")


def test_the_hub_is_not_asked_where_there_is_no_network(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match="nor in the cache of this computer"):
        find_repository("someone/never-fetched")


def test_the_digest_of_one_file_is_its_sha256(tmp_path):
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"two")
    assert digest([tmp_path / "a"]) == hashlib.sha256(b"one").hexdigest()
    assert digest([tmp_path / "a", tmp_path / "b"]) == hashlib.sha256(b"onetwo").hexdigest()
