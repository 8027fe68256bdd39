import json
from pathlib import Path

import numpy as np
import pytest

from colbert_explain.explanation import explain, load_explanation
from colbert_explain.storage.digests import digest_of

#: Written by version 1 of the format; files like it must stay readable.
VERSION_1 = Path(__file__).parent / "data" / "explanation_version_1.json"


@pytest.fixture
def saved(tmp_path, toy_encoder):
    x = explain("Cats eat <b>fish</b> 🐘 zzz", "Dogs eat\nfish zzz " * 30, toy_encoder)
    path = tmp_path / "x.json"
    x.save(path)
    return x, path


def edit(path, change, *, sign=True):
    envelope = json.loads(path.read_text(encoding="utf-8"))
    change(envelope)
    if sign:
        envelope["sha256"] = digest_of(envelope["content"])
    path.write_text(json.dumps(envelope), encoding="utf-8")


def test_the_round_trip_is_exact(saved):
    x, path = saved
    y = load_explanation(path)
    assert (y.query, y.document, y.provenance) == (x.query, x.document, x.provenance)
    assert y.score == x.score
    for name in ("similarity", "contributions", "alignment", "tied"):
        before, after = getattr(x, name), getattr(y, name)
        np.testing.assert_array_equal(before, after)
        assert before.dtype == after.dtype


def test_a_path_may_be_a_string_and_nothing_else_is_left_behind(saved):
    x, path = saved
    x.save(str(path))
    assert [file.name for file in path.parent.iterdir()] == ["x.json"]


def test_a_failed_write_leaves_the_old_file_whole(saved, monkeypatch):
    x, path = saved
    before = path.read_bytes()

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        x.save(path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["x.json"]


def test_a_file_of_version_1_stays_readable():
    x = load_explanation(VERSION_1)
    assert x.score == pytest.approx(6.7665, abs=1e-4)
    assert x.document[int(x.alignment[2])].text == "consume"
    assert x.provenance.model == "all-MiniLM-L6-v2"


def test_a_file_cut_short_is_refused(saved):
    _, path = saved
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="but is no JSON"):
        load_explanation(path)


def test_a_changed_file_is_refused(saved):
    _, path = saved
    edit(path, lambda e: e["content"].update(score=e["content"]["score"] + 1e-3), sign=False)
    with pytest.raises(ValueError, match="does not match its sha256"):
        load_explanation(path)


@pytest.mark.parametrize("field", ["score", "contributions", "alignment"])
def test_numbers_that_do_not_add_up_are_refused_even_when_signed(saved, field):
    _, path = saved

    def change(envelope):
        content = envelope["content"]
        if field == "score":
            content["score"] += 1e-3
        else:
            content[field][1] += 1

    edit(path, change)
    with pytest.raises(ValueError, match="is damaged: its score is not what"):
        load_explanation(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("query"),
        lambda content: content["document"]["tokens"]["text"].pop(),
        lambda content: content["similarity"].update(shape=[3, 3]),
        lambda content: content["similarity"].update(float32_base64="not base64!"),
        lambda content: content["query"]["tokens"].update(colour=[]),
        lambda content: content["provenance"].update(layers=None),
        lambda content: content.update(similarity=None),
    ],
)
def test_a_file_with_missing_or_wrong_parts_is_refused(saved, change):
    _, path = saved
    edit(path, lambda envelope: change(envelope["content"]))
    with pytest.raises(ValueError, match=r"x\.json is damaged"):
        load_explanation(path)


def test_a_newer_file_is_refused_and_says_so(saved):
    _, path = saved
    edit(path, lambda envelope: envelope.update(version=2))
    with pytest.raises(ValueError, match=r"file version 2; .* up to version 1\. A newer"):
        load_explanation(path)


@pytest.mark.parametrize("version", [[], {}, True, 1.0, "1", None])
def test_a_version_that_is_no_number_of_ours_is_refused(saved, version):
    _, path = saved
    edit(path, lambda envelope: envelope.update(version=version))
    with pytest.raises(ValueError, match="has file version"):
        load_explanation(path)


def test_a_file_nested_without_end_is_refused(tmp_path):
    path = tmp_path / "deep.json"
    path.write_text("[" * 200_000)
    with pytest.raises(ValueError, match="but is no JSON"):
        load_explanation(path)


@pytest.mark.parametrize("place", ["", "missing/x.json"])
def test_a_path_that_cannot_be_a_file_is_refused_and_nothing_left_behind(tmp_path, saved, place):
    x, path = saved
    with pytest.raises(OSError, match="path must name a file in an existing folder"):
        x.save(tmp_path / place)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("text", ["[]", "{}", '{"format": "other"}', "3"])
def test_another_json_file_is_refused(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="must hold a saved explanation"):
        load_explanation(path)


def test_a_missing_file_is_reported_as_such(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_explanation(tmp_path / "none.json")
