"""Files that are dropped onto a page."""

import gzip
from dataclasses import replace

import pytest

from colbert_explain.app.collections import dropped_files
from colbert_explain.app.collections.dropped_files import DroppedFiles
from colbert_explain.operator_settings import OperatorSettings


@pytest.fixture
def begun():
    """Return a function that begins a first set of files, with a limit on bytes."""
    made = []

    def begin(most=100):
        made.append(DroppedFiles(replace(OperatorSettings(), largest_collection=most)))
        made[-1].begin()
        return made[-1]

    yield begin
    for one in made:
        one._place.cleanup()


@pytest.fixture
def dropped(begun):
    return begun()


def contents(dropped):
    folder, called = dropped.finish()
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file()), called


def test_files_of_the_same_name_are_all_kept(dropped):
    name = "1-" * 50
    dropped.add([name, name, "a/b.txt", "a/b.txt"], [b"1", b"2", b"3", b"4"])
    assert contents(dropped) == ([b"1", b"2", b"3", b"4"], "4 dropped files")


def test_a_file_may_have_the_name_of_a_folder(dropped):
    dropped.add(["a.txt", "a.txt/b.txt", "c/d.txt", "c"], [b"1", b"2", b"3", b"4"])
    assert contents(dropped)[0] == [b"1", b"2", b"3", b"4"]


def test_all_sets_together_have_a_limit(dropped, begun, monkeypatch):
    for _ in range(dropped_files.MOST_SETS):
        dropped.add(["a.txt"], [b"x" * 100])
        dropped.begin()
    with pytest.raises(ValueError, match="load it again to drop others"):
        dropped.add(["a.txt"], [b"x"])
    monkeypatch.setattr(dropped_files, "MOST_FILES", 10)
    other = begun(10**6)
    with pytest.raises(ValueError, match="can keep at most 10 dropped files"):
        other.add([f"{n}.txt" for n in range(11)], [b""] * 11)


def test_what_a_compressed_file_holds_is_counted(begun):
    packed = gzip.compress(b"x" * 600)
    dropped = begun(1_000)
    dropped.add(["a.jsonl.gz", "b.csv.GZ"], [packed, packed[:20]])
    dropped.add(["a.txt"], [b"x" * 300])
    assert len(contents(dropped)[0]) == 3
    for names in (["a.jsonl.gz", "b.txt"], ["b.txt", "folder/a.csv.GZ "]):
        dropped.begin()
        held = {"b.txt": b"x" * 500}
        with pytest.raises(ValueError, match=r"at most 1,000 bytes in total when .* decompressed"):
            dropped.add(names, [held.get(name, packed) for name in names])
        assert contents(dropped)[0] == []


def test_a_compressed_file_is_decompressed_no_further_than_the_limit(begun, monkeypatch):
    read, piece = [], gzip.GzipFile.read

    def noted(file, size):
        read.append(size)
        return piece(file, size)

    monkeypatch.setattr(gzip.GzipFile, "read", noted)
    with pytest.raises(ValueError, match="decompressed"):
        begun(200_000).add(["a.csv.gz"], [gzip.compress(bytes(50_000_000))])
    assert 200_000 < sum(read) < 500_000
