import json
import os
from dataclasses import replace

import numpy as np
import pytest

from colbert_explain.analysis.calibration import Calibration
from colbert_explain.analysis.calibration import cache as cache_module
from colbert_explain.analysis.calibration.cache import data_digest, read_cache, write_cache
from colbert_explain.embeddings import Provenance
from colbert_explain.library_settings import LibrarySettings
from colbert_explain.storage.json_values import digest_of

PINNED = Provenance("pinned", sha256="0" * 64, layers=(3, 6), versions={"torch": "2"})
CALIBRATION = Calibration(
    np.array([8.0, 16.0]), np.array([[0.1, 1 / 3], [0.2, 0.7]]), provenance=PINNED
)
DIGEST = data_digest(["text"], 3)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "cache"))
    return tmp_path / "cache" / "calibration"


def test_what_was_written_is_read_exactly(folder):
    assert read_cache(PINNED, DIGEST) is None
    write_cache(CALIBRATION, DIGEST)
    found = read_cache(PINNED, DIGEST)
    np.testing.assert_array_equal(found.quantiles, CALIBRATION.quantiles)
    np.testing.assert_array_equal(found.lengths, CALIBRATION.lengths)
    assert found.provenance == PINNED
    assert len(list(folder.iterdir())) == 1  # nothing unfinished is left


@pytest.mark.parametrize(
    "change", [{"sha256": "1" * 64}, {"layers": (6,)}, {"dtype": "bfloat16"}, {"scored": "all"}]
)
def test_other_weights_settings_and_texts_have_their_own_file(change):
    write_cache(CALIBRATION, DIGEST)
    assert read_cache(replace(PINNED, **change), DIGEST) is None
    assert read_cache(PINNED, data_digest(["other text"], 3)) is None
    assert read_cache(replace(PINNED, versions={"torch": "3"}), DIGEST) is not None


def test_weights_that_nothing_pins_are_not_cached(folder):
    unpinned = replace(PINNED, sha256=None)
    write_cache(replace(CALIBRATION, provenance=unpinned), DIGEST)
    assert not folder.exists()
    assert read_cache(unpinned, DIGEST) is None


@pytest.mark.parametrize("damage", ["cut", "number", "binary", "list", "empty", "foreign"])
def test_a_damaged_or_foreign_file_is_not_read(folder, damage):
    write_cache(CALIBRATION, DIGEST)
    (path,) = folder.iterdir()
    good = path.read_text(encoding="utf-8")
    foreign = json.loads(good)
    foreign["content"]["provenance"]["model"] = "another"
    foreign["sha256"] = digest_of(foreign["content"])
    bad = {
        "cut": good[: len(good) // 2].encode(),
        "number": good.replace("0.7", "0.8").encode(),
        "binary": b"\xff\xfe\x00",
        "list": b"[1, 2]",
        "empty": b"",
        "foreign": json.dumps(foreign).encode(),
    }[damage]
    path.write_bytes(bad)
    assert read_cache(PINNED, DIGEST) is None
    write_cache(CALIBRATION, DIGEST)
    assert read_cache(PINNED, DIGEST) is not None


def test_a_folder_that_cannot_be_written_is_no_error(folder):
    folder.parent.mkdir()
    folder.write_text("a file where the folder should be", encoding="utf-8")
    write_cache(CALIBRATION, DIGEST)
    assert read_cache(PINNED, DIGEST) is None


def test_a_write_that_fails_leaves_nothing(folder, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", full)
    write_cache(CALIBRATION, DIGEST)
    assert list(folder.iterdir()) == []


def test_a_measurement_that_changed_has_a_file_of_its_own(folder, monkeypatch):
    write_cache(CALIBRATION, data_digest(["text"], 3))
    monkeypatch.setattr(cache_module, "VERSION", cache_module.VERSION + 1)
    assert read_cache(PINNED, data_digest(["text"], 3)) is None
    write_cache(CALIBRATION, data_digest(["text"], 3))
    assert len(list(folder.iterdir())) == 2


def test_where_it_is_kept_can_be_given(folder, tmp_path):
    given = LibrarySettings(cache_folder=tmp_path / "given")
    write_cache(CALIBRATION, DIGEST, given)
    assert not folder.exists()
    assert read_cache(PINNED, DIGEST) is None
    assert read_cache(PINNED, DIGEST, given) is not None


def test_a_file_that_somebody_made_up_is_measured_again(folder):
    """Whoever could write the folder could sign what they put there, too."""
    write_cache(CALIBRATION, DIGEST)
    (path,) = folder.iterdir()
    good = json.loads(path.read_text(encoding="utf-8"))["content"]
    nan, inf = float("nan"), float("inf")
    changes = [
        {"quantiles": [[nan, 0.3], [0.2, 0.7]]},
        {"quantiles": [[0.1, 0.3], [0.2, inf]]},
        {"quantiles": [[0.1, 0.3], [0.2, 5.0]]},
        {"quantiles": [[0.1, 0.3], [0.2, 10**400]]},
        {"quantiles": [[0.1, 0.3], [0.2]]},
        {"quantiles": [[0.1, 0.3], [0.7, 0.2]]},
        {"quantiles": [["0.1", "0.3"], ["0.2", "0.7"]]},
        {"quantiles": [[True, True], [True, True]]},
        {"quantiles": [0.1, 0.3]},
        {"quantiles": []},
        {"quantiles": None},
        {"lengths": [8.0, inf]},
        {"lengths": [8.0, nan]},
        {"lengths": [[8.0], [16.0]]},
        {"lengths": [8.0]},
        {"lengths": [0.0, 16.0]},
        {"lengths": 8.0},
        {"more": 1},
        {"provenance": None},
    ]
    for change in changes:
        content = {**good, **change}
        path.write_text(
            json.dumps({"format": "x", "sha256": digest_of(content), "content": content})
        )
        assert read_cache(PINNED, DIGEST) is None, change
        write_cache(CALIBRATION, DIGEST)
        assert read_cache(PINNED, DIGEST) is not None


def test_the_folder_and_its_files_are_for_this_user_alone(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    write_cache(CALIBRATION, DIGEST)
    (path,) = folder.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_of_another_user_is_not_used_and_said(folder, monkeypatch, caplog):
    write_cache(CALIBRATION, DIGEST)
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert read_cache(PINNED, DIGEST) is None
    write_cache(CALIBRATION, data_digest("more"))
    assert len(list(folder.iterdir())) == 1
    assert caplog.messages[0].startswith(f"the calibration is not kept: {folder} belongs to")


def test_a_file_behind_a_link_is_not_read_and_not_written(folder, tmp_path):
    write_cache(CALIBRATION, DIGEST)
    (path,) = folder.iterdir()
    victim = tmp_path / "victim"
    path.rename(victim)
    before = victim.read_bytes()
    path.symlink_to(victim)
    assert read_cache(PINNED, DIGEST) is None
    write_cache(replace(CALIBRATION, quantiles=CALIBRATION.quantiles / 2), DIGEST)
    assert victim.read_bytes() == before
    assert read_cache(PINNED, DIGEST) is not None
