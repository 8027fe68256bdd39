import json
from dataclasses import replace

import numpy as np
import pytest

from colbert_explain.calibration import Calibration
from colbert_explain.calibration import cache as cache_module
from colbert_explain.calibration.cache import data_digest, read_cache, write_cache
from colbert_explain.embeddings import Provenance

PINNED = Provenance("pinned", sha256="0" * 64, layers=(3, 6), versions={"torch": "2"})
CALIBRATION = Calibration(
    np.array([8.0, 16.0]), np.array([[0.1, 1 / 3], [0.2, 0.7]]), provenance=PINNED
)
DIGEST = data_digest(["text"], 3)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    path = tmp_path / "cache" / "calibration"
    monkeypatch.setattr(cache_module, "cache_folder", lambda: path)
    return path


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
    foreign["sha256"] = cache_module._sha256(foreign["content"])
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

    monkeypatch.setattr(cache_module.json, "dump", full)
    write_cache(CALIBRATION, DIGEST)
    assert list(folder.iterdir()) == []
