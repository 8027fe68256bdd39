import pytest

from colbert_explain.storage.atomic_write import write_whole


def test_a_file_is_written_and_replaced_and_nothing_else_stays(tmp_path):
    path = tmp_path / "x.bin"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "x.bin"
    write_whole(path, b"one")

    def full_disk(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_and_a_place_in_none_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "x.bin"):
        with pytest.raises(OSError, match="path must name a file in an existing folder"):
            write_whole(path, b"")
