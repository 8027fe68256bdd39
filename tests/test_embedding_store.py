import os
import subprocess
import sys
import time

import numpy as np
import pytest

from colbert_explain.encoders import embedding_store
from colbert_explain.encoders.embedding_store import EmbeddingStore
from colbert_explain.storage.digests import digest_of
from colbert_explain.tokens import Token, TokenSequence

TEXT = 'Café "x"\n🐘 [MASK] and more'
TOKENS = TokenSequence(
    TEXT,
    (
        Token(101, "[CLS]", "[CLS]", None, None, "special", scored=False),
        Token(0, "[unused0]", "[Q]", None, None, "marker"),
        Token(7668, "cafe", "Café", 0, 4),
        Token(100, "[UNK]", "🐘", 9, 10, unknown=True, scored=False, window=1),
        Token(103, "[MASK]", "[MASK]", None, None, "expansion"),
        Token(None, "and", "and", 18, 21),
    ),
    n_unread=1,
    unread_start=22,
)
VECTORS = np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)
ADDRESS = digest_of(["an encoder", "query", TEXT])


@pytest.fixture
def store(tmp_path):
    return EmbeddingStore(tmp_path / "cache" / "embeddings", 10_000_000)


def entries(store):
    return sorted(path for path in store.folder.iterdir() if path.suffix == ".embeddings")


def test_what_was_put_is_got_exactly(store):
    assert store.get(ADDRESS) is None
    store.put(ADDRESS, TOKENS, VECTORS)
    tokens, vectors = store.get(ADDRESS)
    assert tokens == TOKENS
    assert tokens.scored_mask.tolist() == TOKENS.scored_mask.tolist()
    assert vectors.dtype == np.float32
    assert vectors.tobytes() == VECTORS.tobytes()
    vectors[0, 0] = 2  # as fresh ones can be
    assert store.get(digest_of(["an encoder", "document", TEXT])) is None


def test_entries_are_for_this_user_alone_and_nothing_unfinished_is_left(store):
    store.put(ADDRESS, TOKENS, VECTORS)
    (entry,) = store.folder.iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert store.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["cut", "one bit", "empty", "no digest", "foreign", "older"])
def test_an_entry_that_is_not_whole_and_its_own_is_missing_and_made_anew(
    store, damage, monkeypatch
):
    if damage == "older":
        with monkeypatch.context() as patch:
            patch.setattr(embedding_store, "FORMAT", 0)
            store.put(ADDRESS, TOKENS, VECTORS)
    else:
        store.put(ADDRESS, TOKENS, VECTORS)
    (path,) = entries(store)
    good = path.read_bytes()
    path.write_bytes(
        {
            "cut": good[:-4],
            "one bit": good[:-1] + bytes([good[-1] ^ 1]),
            "empty": b"",
            "no digest": good[32:],
            "foreign": good,
            "older": good,
        }[damage]
    )
    address = ADDRESS
    if damage == "foreign":
        address = digest_of("another text")
        path.rename(path.with_name(f"{address}.embeddings"))
    assert store.get(address) is None
    store.put(address, TOKENS, VECTORS)
    assert store.get(address) is not None


def test_what_was_not_used_for_longest_goes_first(store):
    size = len(embedding_store._packed(TOKENS, VECTORS, ADDRESS))
    store.size = round(size * 5.5)
    addresses = [digest_of(number) for number in range(6)]
    for age, address in enumerate(addresses[:5]):
        store.put(address, TOKENS, VECTORS)
        os.utime(store._path(address), (0, 1_000_000 + age))
    assert store.get(addresses[0]) is not None  # used just now, so the second is the oldest
    store.put(addresses[5], TOKENS, VECTORS)
    held = [address for address in addresses if store._path(address).is_file()]
    assert held == [addresses[0], *addresses[3:]]
    assert sum(path.stat().st_size for path in entries(store)) <= store.size


def test_a_text_too_long_for_the_store_pushes_nothing_out(store):
    store.put(ADDRESS, TOKENS, VECTORS)
    store.size = 2 * entries(store)[0].stat().st_size
    store.put(digest_of("long"), TOKENS, np.zeros((6, 1000), np.float32))
    assert [path.stem for path in entries(store)] == [ADDRESS]


def test_what_a_dead_process_left_unfinished_is_cleared_away(store):
    store.folder.mkdir(parents=True)
    old, new = store.folder / "old.part", store.folder / "new.part"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    store.put(ADDRESS, TOKENS, VECTORS)
    assert not old.exists()
    assert new.exists()


def test_a_folder_that_cannot_be_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    store = EmbeddingStore(tmp_path / "file" / "embeddings", 1000)
    store.put(ADDRESS, TOKENS, VECTORS)
    assert store.get(ADDRESS) is None


def test_a_full_disk_is_no_error_and_leaves_nothing(store, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(embedding_store.Path, "replace", full)
        store.put(ADDRESS, TOKENS, VECTORS)
    assert list(store.folder.iterdir()) == []


MANY = """
import sys
import numpy as np
from pathlib import Path
from colbert_explain.encoders.embedding_store import EmbeddingStore
from colbert_explain.storage.digests import digest_of
from colbert_explain.tokens import TokenSequence
store = EmbeddingStore(Path(sys.argv[1]), 60_000)
for number in range(60):
    words = TokenSequence.from_strings([f"word {number % 20}"] * 10)
    vectors = np.full((10, 64), number % 20, np.float32)
    address = digest_of(number % 20)
    found = store.get(address)
    if found is not None:
        assert found[0] == words and (found[1] == vectors).all()
    store.put(address, words, vectors)
"""


def test_several_processes_share_a_store_within_its_size(tmp_path):
    command = [sys.executable, "-c", MANY, str(tmp_path)]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == [""] * 3
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert 30_000 < sum(sizes) <= 60_000
    assert all(path.suffix == ".embeddings" for path in tmp_path.iterdir())
