"""One writer, any number of readers, folders that cannot be written, disks that are full."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from colbert_explain.search import Collection, CollectionError, open_collection, rebuild_collection
from colbert_explain.search.on_disk import lock, segment_writer
from colbert_explain.search.on_disk.folder import writing_refused
from tests import patience
from tests.search.on_disk.made_collections import (
    assert_equal,
    make_segments_small,
    read_all,
    texts,
)

#: Holds the lock of a collection until its input ends.
WRITER = """
import sys
from colbert_explain.search import open_collection
with open_collection(sys.argv[1]).engine.writing():
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_refused_at_once_and_readers_are_not(tmp_path, toy_encoder):
    folder = tmp_path / "c"
    collection = Collection.build(texts(4), toy_encoder, folder)
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout.readline() == "writing\n"
        for refused in (
            lambda: collection.add([("new", "cats")]),
            lambda: collection.delete("d0"),
            lambda: rebuild_collection(folder, toy_encoder),
        ):
            with pytest.raises(CollectionError, match="another process is writing to") as one:
                refused()
            assert str(folder) in str(one.value)
        read_all(open_collection(folder, toy_encoder))
    finally:
        writer.kill()
        writer.communicate(timeout=patience.seconds())
    collection.add([("new", "cats")])  # the lock ends with its process


def test_a_second_build_is_refused_while_the_first_is_running(tmp_path, toy_encoder, monkeypatch):
    make_segments_small(monkeypatch)
    refused = []

    def given():
        for number, document in enumerate(texts()):
            if number % 8 == 3:
                with pytest.raises(CollectionError, match="another process is writing") as error:
                    Collection.build(texts(), toy_encoder, tmp_path / "c")
                refused.append(str(error.value))
            yield document

    collection = Collection.build(given(), toy_encoder, tmp_path / "c")
    assert len(refused) == 3
    assert_equal(collection, Collection.build(texts(), toy_encoder))


def test_a_reader_keeps_what_it_opened_while_a_writer_changes_everything(
    tmp_path, toy_encoder, monkeypatch
):
    make_segments_small(monkeypatch)
    folder = tmp_path / "c"
    writer = Collection.build(texts(), toy_encoder, folder)
    reader = open_collection(folder, toy_encoder)
    expected = Collection.build(texts(), toy_encoder)
    writer.delete([id_ for id_, _ in texts()[:20]])
    writer.add([(f"new{i}", "red cats") for i in range(30)])
    rebuild_collection(folder, toy_encoder)
    assert_equal(reader, expected)
    with pytest.raises(CollectionError, match="changed by another process since it was opened"):
        reader.add([("more", "cats")])
    with pytest.raises(CollectionError, match="changed by another process since it was opened"):
        writer.delete("new0")
    assert len(open_collection(folder)) == 34


def test_adding_and_deleting_lasts(tmp_path, toy_encoder, monkeypatch):
    make_segments_small(monkeypatch)
    folder = tmp_path / "c"
    disk, memory = Collection.build(texts(), toy_encoder, folder), None
    memory = Collection.build(texts(), toy_encoder)
    n_segments = len(list(folder.glob("segments/*")))
    for number in range(40):  # some segments become empty, many small ones are joined
        for one in (disk, memory):
            one.add([(f"new{number}", f"cats and dogs number {number} in the old house")])
            if number < 20:
                one.delete([f"d{number}", *([f"new{number - 1}"] if number % 3 == 1 else [])])
        if number % 10 == 3:
            disk = open_collection(folder, toy_encoder)
            assert_equal(disk, memory)
    assert_equal(disk, memory)
    assert_equal(open_collection(folder, toy_encoder), memory)
    assert [
        one.place for one in disk.engine.search(toy_encoder.embed_query("cats").vectors, 9)
    ] == [one.place for one in memory.engine.search(toy_encoder.embed_query("cats").vectors, 9)]
    assert len(list(folder.glob("segments/*"))) < n_segments + 4
    disk.delete([document.id for document in disk])
    assert len(open_collection(folder)) == 0
    disk.add([("again", "cats")])
    assert [document.id for document in open_collection(folder)] == ["again"]
    with pytest.raises(KeyError):
        disk.delete(["again", "missing"])
    assert len(disk) == 1


def test_a_closed_collection_is_not_written(tmp_path, toy_encoder):
    folder = tmp_path / "c"
    collection = Collection.build(texts(4), toy_encoder, folder)
    collection.close()
    with pytest.raises(CollectionError, match="is closed: open it again"):
        collection.add([("d1", "cats")])
    with pytest.raises(ValueError, match="must be open and hold at least one document"):
        collection.search("cats")
    assert [one.id for one in open_collection(folder)] == ["d0", "d1", "d2", "d3"]


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions")
def test_a_read_only_folder_is_searched_and_not_written(toy_encoder):
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "c"
        Path(above).chmod(0o755)
        expected = Collection.build(texts(4), toy_encoder, folder)
        (folder / lock.LOCK).unlink(missing_ok=True)
        folder.chmod(0o555)
        user = os.geteuid()
        if user == 0:  # who may write everything
            os.seteuid(65534)
        try:
            collection = open_collection(folder, toy_encoder)
            assert_equal(collection, expected)
            for refused in (
                lambda: collection.add([("new", "cats")]),
                lambda: collection.delete("d0"),
                lambda: rebuild_collection(folder, toy_encoder),
            ):
                with pytest.raises(CollectionError, match=r"cannot be written to \(Permission"):
                    refused()
            with pytest.raises(CollectionError, match=r"cannot be written to \(Permission"):
                Collection.build(["cats"], toy_encoder, folder / "new")
            assert_equal(collection, expected)
        finally:
            os.seteuid(user)
            folder.chmod(0o755)


class FullDisk:
    """Lets some writes pass, then none, as a disk does that gets full."""

    def __init__(self, patch):
        self.left = None
        for owner, name in ((os, "fsync"), (segment_writer._GrowingArray, "append")):
            patch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, write):
        def write_if_there_is_room(*arguments):
            if self.left is not None:
                self.left -= 1
                if self.left < 0:
                    raise OSError(errno.ENOSPC, "No space left on device")
            return write(*arguments)

        return write_if_there_is_room


def refusal(call, *arguments):
    """Return what an error says, or None if there was none."""
    try:
        call(*arguments)
    except CollectionError as error:
        return str(error)
    return None


def test_a_sentence_about_a_full_disk_counts_the_documents_that_are_kept(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    for n_kept, said in (
        (None, "is full. Free"),
        (0, "is full. 0 documents were written before and are kept. Free"),
        (1, "is full. 1 document was written before and is kept. Free"),
        (2, "is full. 2 documents were written before and are kept. Free"),
    ):
        assert said in str(writing_refused(tmp_path, full, n_kept)), n_kept


def test_a_full_disk_gets_a_sentence_and_what_was_there_is_there(
    tmp_path, toy_encoder, monkeypatch
):
    make_segments_small(monkeypatch)
    disk = FullDisk(monkeypatch)
    monkeypatch.setattr(segment_writer, "sync_folder", lambda folder: None)
    folder, n_full = tmp_path / "c", 0
    for n_writes in range(1, 2000, 7):
        disk.left = n_writes
        said = refusal(Collection.build, texts(), toy_encoder, folder)
        disk.left = None
        if said is None:
            break
        n_full += 1
        assert "is full" in said
        assert "Free some space and repeat" in said
        assert not list(folder.glob("segments/*.part"))
    assert n_full > 5
    expected = Collection.build(texts(), toy_encoder)
    assert_equal(open_collection(folder, toy_encoder), expected)

    for change in (
        lambda one: one.add([("new", "cats eat")]),
        lambda one: one.delete([id_ for id_, _ in texts()[1:]]),
    ):
        before = (folder / "manifest.json").read_bytes()
        for n_writes in range(1000):
            collection = open_collection(folder, toy_encoder)
            disk.left = n_writes
            said = refusal(change, collection)
            disk.left = None
            if said is None:
                break
            assert "is full" in said
            assert (folder / "manifest.json").read_bytes() == before
            read_all(collection)
        assert n_writes > 0
        assert (folder / "manifest.json").read_bytes() != before
    assert [one.id for one in open_collection(folder)] == ["d0", "new"]
