import ast
import errno
import os
from pathlib import Path

import pytest

import colbert_explain as ce
from colbert_explain.storage.atomic_write import write_whole


def test_a_file_is_written_and_replaced_and_nothing_else_stays(tmp_path):
    path = tmp_path / "x.bin"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("durable", [True, False])
def test_a_failed_write_leaves_the_old_file_whole(tmp_path, monkeypatch, durable):
    path = tmp_path / "x.bin"
    write_whole(path, b"one")

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    monkeypatch.setattr("pathlib.Path.replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"two", durable=durable)
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_and_a_place_in_none_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "x.bin"):
        with pytest.raises(OSError, match="path must name a file in an existing folder"):
            write_whole(path, b"")


def test_a_device_or_pipe_keeps_its_place(tmp_path):
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for path in (pipe, link):
        with pytest.raises(OSError, match="which is a device, pipe or socket"):
            write_whole(path, b"x")
    assert pipe.is_fifo()


def test_a_new_file_has_the_permissions_of_any_other_and_a_replaced_one_keeps_its_own(tmp_path):
    path, other = tmp_path / "x.bin", tmp_path / "other"
    old = os.umask(0o027)
    try:
        write_whole(path, b"")
        other.touch()
    finally:
        os.umask(old)
    assert path.stat().st_mode == other.stat().st_mode
    for mode in (0o600, 0o644, 0o664, 0o640):
        path.chmod(mode)
        write_whole(path, b"")
        assert path.stat().st_mode & 0o777 == mode
    write_whole(path, b"", private=True)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_name_as_long_as_the_system_takes_is_written(tmp_path):
    path = tmp_path / ("x" * 255)
    write_whole(path, b"one")
    assert path.read_bytes() == b"one"


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path):
    victim, folder = tmp_path / "victim", tmp_path / "shared"
    folder.mkdir()
    for leads_to in (victim, tmp_path / "nothing"):
        victim.write_text("dear")
        path = folder / "x.json"
        path.unlink(missing_ok=True)
        path.symlink_to(leads_to)
        write_whole(path, b"new")
        assert not path.is_symlink()
        assert path.read_bytes() == b"new"
        assert victim.read_text() == "dear"
        assert not (tmp_path / "nothing").exists()


def test_no_file_is_written_through_a_link_that_was_planted(tmp_path, monkeypatch):
    """Whatever names are foreseen: what is there already is never opened."""
    victim, folder = tmp_path / "victim", tmp_path / "shared"
    victim.write_text("dear")
    folder.mkdir()
    foreseen = folder / f".x.bin.{os.getpid()}.part"
    foreseen.symlink_to(victim)
    write_whole(folder / "x.bin", b"new")
    assert victim.read_text() == "dear"
    assert set(folder.iterdir()) == {folder / "x.bin", foreseen}

    # Somebody who guesses the name all the same gains nothing.
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    (tmp_path / ".guessed.part").symlink_to(victim)
    with pytest.raises(FileExistsError):
        write_whole(tmp_path / "x.bin", b"new")
    assert (tmp_path / ".guessed.part").is_symlink()
    assert victim.read_text() == "dear"


def test_files_are_written_in_two_places_only():
    package = Path(ce.__file__).parent
    writers = {"write_text", "write_bytes", "mkstemp", "NamedTemporaryFile"}
    found = []
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            modes = [value.value for value in ast.walk(node) if isinstance(value, ast.Constant)]
            opens = name in ("open", "fdopen") and any(
                isinstance(mode, str) and set(mode) & set("wax+") and len(mode) <= 3
                for mode in modes
            )
            if opens or name in writers:
                found.append(f"{path.relative_to(package)}: {name}")
    # A segment's files are written to a folder of a temporary name, which is moved as a whole.
    assert set(found) == {
        "search/on_disk/segment_writer.py: open",
        "storage/atomic_write.py: open",
    }


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device.*hits\.csv"):
        write_whole(tmp_path / "hits.csv", b"1")
    assert list(tmp_path.iterdir()) == []
