import json
import logging
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save

from colbert_explain.storage import embedding_store
from colbert_explain.storage.digests import digest_of
from colbert_explain.storage.embedding_store import EmbeddingStore
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
        Token(1998, "and", "and", 18, 21),
    ),
    n_unread=1,
    unread_start=22,
)
VECTORS = np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
SPELLED = {token.id: token.piece for token in TOKENS}
ADDRESS = digest_of(["an encoder", "query", TEXT])


@pytest.fixture
def store(tmp_path):
    return EmbeddingStore(tmp_path / "cache" / "embeddings", 10_000_000)


def spelling(ids):
    return [SPELLED[id_] for id_ in ids]


def get(store, address=ADDRESS):
    return store.get(address, TEXT, spelling)


def metadata_of(path):
    with safe_open(path, framework="numpy") as file:
        return file.metadata()


def signed(about, tensors):
    return save(tensors, {"about": about, "sha256": embedding_store._digest(about, tensors)})


def entries(store):
    return sorted(path for path in store.folder.iterdir() if path.suffix == ".embeddings")


def test_what_was_put_is_got_exactly(store):
    assert get(store) is None
    store.put(ADDRESS, TOKENS, VECTORS)
    tokens, vectors = get(store)
    assert tokens == TOKENS
    assert tokens.scored_mask.tolist() == TOKENS.scored_mask.tolist()
    assert vectors.dtype == np.float32
    assert vectors.tobytes() == VECTORS.tobytes()
    vectors[0, 0] = 2  # as fresh ones can be
    assert get(store, digest_of(["an encoder", "document", TEXT])) is None


def test_entries_are_for_this_user_alone_and_nothing_unfinished_is_left(store):
    store.put(ADDRESS, TOKENS, VECTORS)
    (entry,) = store.folder.iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert store.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["cut", "empty", "no digest", "foreign", "older"])
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
            "empty": b"",
            "no digest": save(load_file(path), {"about": metadata_of(path)["about"]}),
            "foreign": good,
            "older": good,
        }[damage]
    )
    address = ADDRESS
    if damage == "foreign":
        address = digest_of("another text")
        path.rename(store._path(address))
    assert get(store, address) is None
    store.put(address, TOKENS, VECTORS)
    assert get(store, address) is not None


def test_an_entry_with_any_bit_changed_is_missing(store):
    store.put(ADDRESS, TOKENS, VECTORS)
    (path,) = entries(store)
    good = path.read_bytes()
    for place, byte in enumerate(good):
        path.write_bytes(good[:place] + bytes([byte ^ 1 << place % 8]) + good[place + 1 :])
        assert get(store) is None, place
    path.write_bytes(good)
    assert get(store) is not None


def test_what_was_not_used_for_longest_goes_first(store):
    size = len(embedding_store._packed(TOKENS, VECTORS, ADDRESS))
    store.size = round(size * 5.5)
    addresses = [digest_of(number) for number in range(6)]
    for age, address in enumerate(addresses[:5]):
        store.put(address, TOKENS, VECTORS)
        os.utime(store._path(address), (0, 1_000_000 + age))
    assert get(store, addresses[0]) is not None  # used just now, so the second is the oldest
    store.put(addresses[5], TOKENS, VECTORS)
    held = [address for address in addresses if store._path(address).is_file()]
    assert held == [addresses[0], *addresses[3:]]
    assert sum(path.stat().st_size for path in entries(store)) <= store.size


def test_a_text_too_long_for_the_store_pushes_nothing_out(store):
    store.put(ADDRESS, TOKENS, VECTORS)
    store.size = 2 * entries(store)[0].stat().st_size
    store.put(digest_of("long"), TOKENS, np.zeros((6, 1000), np.float32))
    assert [path.name.split(".")[0] for path in entries(store)] == [ADDRESS]


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
    assert get(store) is None


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
from colbert_explain.storage.embedding_store import EmbeddingStore
from colbert_explain.storage.digests import digest_of
from colbert_explain.tokens import Token, TokenSequence
store = EmbeddingStore(Path(sys.argv[1]), 60_000)
for number in range(60):
    words = TokenSequence("words", (Token(number % 20, "words", "words", 0, 5),) * 10)
    vectors = np.eye(20, 64, dtype=np.float32)[[number % 20] * 10]
    address = digest_of(number % 20)
    found = store.get(address, "words", lambda ids: ["words"] * len(ids))
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


def test_an_entry_holds_neither_the_text_nor_how_its_tokens_are_spelled(store):
    store.put(ADDRESS, TOKENS, VECTORS)
    (path,) = entries(store)
    content = path.read_bytes()
    for word in ("Café", "cafe", "Caf\\u00e9", "more", "and", "🐘", "\\ud83d"):
        assert word.encode() not in content, word


def test_an_entry_of_an_earlier_format_held_the_text_and_is_removed(store):
    store.folder.mkdir(parents=True)
    earlier = store.folder / f"{ADDRESS}.embeddings"
    earlier.write_bytes(b"what somebody typed")
    store.put(digest_of("another text"), TOKENS, VECTORS)
    assert not earlier.exists()


def test_an_entry_that_somebody_made_up_is_encoded_again(store):
    """Whoever could write the folder could sign what they put there, too."""
    store.put(ADDRESS, TOKENS, VECTORS)
    (path,) = entries(store)
    about, tensors = json.loads(metadata_of(path)["about"]), load_file(path)

    def with_column(name, value):
        return {**about, "tokens": {**about["tokens"], name: value}}

    def with_first(name, value):
        return with_column(name, [value, *about["tokens"][name][1:]])

    def numbers(name, *first, dtype=np.int32):
        changed = tensors[name].astype(dtype)
        changed[: len(first)] = first
        return name, changed

    heads = [
        [],
        {},
        {**about, "more": 1},
        {**about, "n_unread": 10**400},
        {**about, "unread_start": 1.5},
        {**about, "unread_start": 10**6},
        {**about, "tokens": None},
        with_column("piece", ["cafe"] * 6),
        with_column("role", ["text"] * 5),
        with_column("text", None),
        with_first("text", None),
        with_first("role", "root"),
        with_first("scored", "no"),
        with_first("unknown", 0),
        with_column("scored", [False] * 6),
        with_first("window", 10**9),
        with_column("text", ["[CLS]", "[Q]", "Coffee", None, "[MASK]", None]),
    ]
    bad_tensors = [
        numbers("ids", -1),
        numbers("ids", 5),
        numbers("ids", 101, dtype=np.int64),
        numbers("spans", (0, 1)),
        numbers("spans", (-1, 4)),
        numbers("spans", (-1, -1), (-1, -1), (0, 2**31 - 1)),
        numbers("spans", (-1, -1), (-1, -1), (4, 0)),
        numbers("spans", (-1, -1), dtype=np.float32),
        ("ids", tensors["ids"][:5]),
        ("ids", tensors["ids"].reshape(2, 3)),
        ("spans", tensors["spans"].reshape(4, 3)),
        ("spans", tensors["spans"].reshape(12)),
        ("vectors", VECTORS.reshape(3, 16)),
        ("vectors", VECTORS.ravel()),
        ("vectors", VECTORS.astype(np.float64)),
        ("vectors", VECTORS[:5]),
        *(("vectors", np.full((6, 8), bad, np.float32)) for bad in (np.nan, np.inf, 0, 1, 3e38)),
    ]
    line = json.dumps(about)
    made_up = [signed(json.dumps(head), tensors) for head in heads]
    made_up += [signed(text, tensors) for text in ("", "[" * 100_000)]
    made_up += [signed(line, {**tensors, name: tensor}) for name, tensor in bad_tensors]
    made_up += [
        b"",
        b"{}",
        save(tensors),
        save(tensors, {"about": "é", "sha256": ""}),
        save({"vectors": VECTORS}, {"about": line, "sha256": ""}),
    ]
    for number, body in enumerate(made_up):
        path.write_bytes(body)
        assert get(store) is None, (number, body[:300])
        store.put(ADDRESS, TOKENS, VECTORS)
        assert get(store) is not None


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o755, 0o1777])
def test_a_folder_that_was_open_to_others_is_closed(store, mode):
    store.folder.mkdir(parents=True)
    store.folder.chmod(mode)
    store.folder.parent.chmod(0o777)
    store.put(ADDRESS, TOKENS, VECTORS)
    assert get(store) is not None
    assert store.folder.stat().st_mode & 0o077 == 0
    assert store.folder.parent.stat().st_mode & 0o022 == 0
    store.folder.chmod(mode)
    assert get(store) is not None
    assert store.folder.stat().st_mode & 0o077 == 0


def test_a_folder_above_that_keeps_what_is_others_stays_open(store):
    store.folder.parent.mkdir(parents=True)
    store.folder.parent.chmod(0o1777)  # as /tmp
    store.put(ADDRESS, TOKENS, VECTORS)
    assert get(store) is not None
    assert store.folder.parent.stat().st_mode & 0o7777 == 0o1777


@pytest.mark.parametrize("what", ["owned by another", "stays open"])
def test_a_folder_that_cannot_be_closed_is_not_used_and_said_once(store, what, monkeypatch, caplog):
    store.put(ADDRESS, TOKENS, VECTORS)
    if what == "owned by another":
        user = os.geteuid()
        monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    else:
        store.folder.chmod(0o777)
        monkeypatch.setattr(embedding_store.Path, "chmod", lambda *_: None)
    caplog.set_level(logging.WARNING)
    for _ in range(2):
        assert get(store) is None
        store.put(digest_of("another text"), TOKENS, VECTORS)
    assert len(entries(store)) == 1
    (said,) = caplog.messages
    assert said.startswith(f"token embeddings are not kept: {store.folder} ")
    assert "COLBERT_EXPLAIN_CACHE_FOLDER must name a folder" in said


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_what_is_no_file_of_this_user_is_never_opened(store, what, tmp_path):
    store.put(ADDRESS, TOKENS, VECTORS)
    (path,) = entries(store)
    victim = tmp_path / "victim"
    path.rename(victim)
    before = victim.read_bytes()
    {
        "link": lambda: path.symlink_to(victim),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[what]()
    assert get(store) is None
    store.put(ADDRESS, TOKENS, VECTORS)
    assert (get(store) is not None) == (what != "folder")
    assert victim.read_bytes() == before
