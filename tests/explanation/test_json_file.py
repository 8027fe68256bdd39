import base64
import copy
import json
import os
import random
from pathlib import Path

import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain, load_explanation
from colbert_explain.storage.json_values import digest_of
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views import heatmap, highlight, report
from tests.conftest import ToyEncoder

#: Written by version 1 of the format; files like it must stay readable.
VERSION_1 = Path(__file__).parents[1] / "data" / "explanation_version_1.json"


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
    with pytest.raises(ValueError, match="but is not JSON"):
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


def test_a_file_of_a_machine_that_chose_another_of_tied_tokens_is_read(tmp_path):
    """A last bit decides there; here the first of equals wins, as in every other explanation."""
    words = TokenSequence.from_strings(["cats", "eat", "fish", "now"])
    tie = np.array([[0.5, 0.5 + 9e-6, 0.4, 0.5]] + [[0.1, 0.2, 0.9, 0.3]] * 3, dtype=np.float32)
    x = Explanation(words, words, tie, Provenance("mine"))
    path = tmp_path / "x.json"
    for position in range(4):
        x.save(path)

        def change(envelope, position=position):
            content = envelope["content"]
            content["alignment"][0] = position
            content["contributions"][0] = float(tie[0, position])
            content["score"] = sum(content["contributions"])

        edit(path, change)
        if position == 2:
            with pytest.raises(ValueError, match=r"query token 0 adds 0\.50.* from 2"):
                load_explanation(path)
        else:
            y = load_explanation(path)
            assert y.score == x.score, position
            np.testing.assert_array_equal(y.alignment, x.alignment)
            np.testing.assert_array_equal(y.contributions, x.contributions)


def matrix(values):
    data = np.asarray(values, dtype="<f4")
    return {"shape": list(data.shape), "float32_base64": base64.b64encode(data).decode()}


#: Where in a file (names and positions), what is put there, and what is said of it.
WRONG = [
    ("query", None, "query must be an object"),
    ("query text", 5, "query text must be a string, got 5"),
    ("query text", "\ud800", "query text must be valid Unicode"),
    ("query n_unread", -5, "query n_unread must be a whole number"),
    ("query n_unread", True, "query n_unread must be a whole number"),
    ("query n_unread", 1, "unread_start must be given exactly when"),
    ("document unread_start", 1.5, "document unread_start must be a whole number"),
    ("document unread_start", 9, "document unread_start must be a whole number"),
    ("document tokens", [], "document tokens must be an object"),
    ("document tokens role", {}, "'role', must be a list"),
    ("document tokens role", ["text"], "'role', must have 122 entries, got 1"),
    ("document tokens id 1", -1, "document token 1: id must be a whole number"),
    ("document tokens id 1", True, "document token 1: id must be a whole number"),
    ("document tokens id 1", 2.0, "document token 1: id must be a whole number"),
    ("document tokens id 1", 2**31, "document token 1: id must be a whole number"),
    ("document tokens piece 1", None, "document token 1: piece must be a string"),
    ("document tokens text 1", "Cats", "text must be the characters 0:4, 'Dogs', got 'Cats'"),
    ("document tokens text 1", "dogs", "text must be the characters 0:4, 'Dogs', got 'dogs'"),
    ("document tokens text 0", ["[CLS]"], "document token 0: text must be a string"),
    ("document tokens text 0", "\udc00", "document token 0: text must be valid Unicode"),
    ("document tokens start 1", 1.5, "document token 1: start must be a whole number"),
    ("document tokens start 1", False, "document token 1: start must be a whole number"),
    ("document tokens start 1", -1, "document token 1: start must be a whole number"),
    ("document tokens start 1", None, "document token 1: start and end must both be given"),
    ("document tokens end 1", "4", "document token 1: end must be a whole number"),
    ("document tokens end 1", 10**6, "document token 1: end must be a whole number"),
    ("document tokens end 2", 4, "document token 2: start and end must both be given"),
    ("document tokens role 1", "root", "document token 1: role must be one of text, special"),
    ("document tokens role 1", [], "document token 1: role must be one of text, special"),
    ("document tokens scored 1", "no", "document token 1: scored must be true or false"),
    ("document tokens scored 1", 0, "document token 1: scored must be true or false"),
    ("document tokens unknown 1", None, "document token 1: unknown must be true or false"),
    ("document tokens window 1", -1, "document token 1: window must be a whole number"),
    ("document tokens window 1", 10**9, "document token 1: window must be a whole number"),
    ("document tokens window 1", 0.0, "document token 1: window must be a whole number"),
    ("similarity", [], "similarity must be an object"),
    ("similarity shape", [1708, 1], "similarity must have one row per query token"),
    ("similarity shape", [-1, 122], "similarity shape must be a whole number"),
    ("similarity shape", [14.0, 122], "similarity shape must be a whole number"),
    ("similarity shape", [14, True], "similarity shape must be a whole number"),
    ("similarity shape", "14x122", "similarity shape must be a list"),
    ("similarity float32_base64", "", "must hold 6,832 bytes"),
    ("similarity float32_base64", "not base64!", "must be base64"),
    ("similarity float32_base64", "é", "must be base64"),
    ("similarity float32_base64", 5, "float32_base64 must be a string"),
    ("similarity", matrix(np.full((14, 122), 5.0)), "within [-1, 1], got 5.0 for query token 0"),
    ("similarity", matrix(np.full((14, 122), -1.1)), "within [-1, 1], got -1.1"),
    ("similarity", matrix(np.full((14, 122), np.nan)), "within [-1, 1], got nan"),
    ("similarity", matrix(np.full((14, 122), -np.inf)), "within [-1, 1], got -inf"),
    ("score", "6", "score must be a finite number, got '6'"),
    ("score", True, "score must be a finite number, got True"),
    ("score", 10**18, "score must be a finite number"),
    ("contributions", None, "contributions must be a list"),
    ("contributions 1", None, "contribution 1 must be a finite number"),
    ("contributions 0", 0.5, "its score is not what its similarity matrix gives"),
    ("alignment", [1], "alignment must have 14 entries, got 1"),
    ("alignment 1", 1.0, "alignment 1 must be a whole number"),
    ("alignment 1", True, "alignment 1 must be a whole number"),
    ("alignment 1", 122, "alignment 1 must be a whole number"),
    ("alignment 1", -1, "its score is not what its similarity matrix gives"),
    ("alignment 0", 3, "its score is not what its similarity matrix gives"),
    ("provenance", [], "provenance must be an object"),
    ("provenance model", None, "provenance model must be a string"),
    ("provenance kind", 3, "provenance kind must be a string"),
    ("provenance revision", 3, "provenance revision must be a string"),
    ("provenance sha256", ["a"], "provenance sha256 must be a string"),
    ("provenance dtype", "\ud800", "provenance dtype must be valid Unicode"),
    ("provenance layers", None, "provenance layers must be a list"),
    ("provenance layers", "36", "provenance layers must be a list"),
    ("provenance layers", [3, "6"], "provenance layers must be a whole number"),
    ("provenance layers", [3, 6.0], "provenance layers must be a whole number"),
    ("provenance dim", -1, "provenance dim must be a whole number"),
    ("provenance dim", "32", "provenance dim must be a whole number"),
    ("provenance versions", [], "provenance versions must be an object"),
    ("provenance versions", {"torch": 2}, "provenance versions 'torch' must be a string"),
    ("provenance settings", {"marker": None}, "provenance settings 'marker' must be a string"),
    ("provenance settings", "x", "provenance settings must be an object"),
    ("provenance overridden", None, "provenance overridden must be an object"),
    ("provenance overridden", {"a": {"b": 1}}, "provenance overridden 'a' must be"),
    ("provenance overridden", {"a": [[1]]}, "provenance overridden 'a' must be"),
    ("provenance overridden", {"\ud800": 1}, "provenance overridden must be valid Unicode"),
]


def test_a_value_that_cannot_be_is_named_even_when_signed(saved):
    x, path = saved
    assert x.similarity.shape == (14, 122)
    good = path.read_text(encoding="utf-8")
    for place, value, sentence in WRONG:
        *way, last = [int(step) if step.isdigit() else step for step in place.split()]
        envelope = json.loads(good)
        parent = envelope["content"]
        for step in way:
            parent = parent[step]
        parent[last] = value
        envelope["sha256"] = digest_of(envelope["content"])
        path.write_text(json.dumps(envelope), encoding="utf-8")
        with pytest.raises(ValueError, match=r"x\.json is damaged: ") as caught:
            load_explanation(path)
        assert sentence in str(caught.value), (place, value)
        assert len(str(caught.value)) < 500, place


def test_a_missing_or_unknown_entry_is_named(saved):
    _, path = saved
    good = path.read_text(encoding="utf-8")

    def objects(node):
        if isinstance(node, dict):
            yield node
            for value in node.values():
                yield from objects(value)

    n_objects = len(list(objects(json.loads(good))))
    free = {"versions", "settings", "overridden"}
    for number in range(2, n_objects):  # after the envelope and its content
        for name in ("text", "unheard-of"):
            envelope = json.loads(good)
            node = list(objects(envelope))[number]
            if node in [envelope["content"]["provenance"][key] for key in free]:
                continue
            if name in node:
                del node[name]
            else:
                node[name] = [1]
            envelope["sha256"] = digest_of(envelope["content"])
            path.write_text(json.dumps(envelope), encoding="utf-8")
            with pytest.raises(
                ValueError, match=rf"is damaged: .*must have (an|no) entry '{name}'"
            ):
                load_explanation(path)


def test_what_is_no_json_or_more_than_json_is_refused(saved):
    _, path = saved
    good = path.read_text(encoding="utf-8")
    score = f'"score": {json.loads(good)["content"]["score"]!r}'
    assert good.count(score) == 1
    wrong = {
        "numbers must be finite, got NaN": good.replace(score, '"score": NaN'),
        "numbers must be finite, got -Infinity": good.replace(score, '"score": -Infinity'),
        "'1e999' is too large a number": good.replace(score, '"score": 1e999'),
        "of 400 digits is too large": good.replace(score, f'"score": {"9" * 400}'),
        "of 5,000 digits is too large": good.replace(score, f'"score": {"9" * 5000}'),
        "entry 'score' occurs more than once": good.replace(score, f"{score}, {score}"),
        "entry 'version' occurs more than once": good.replace(
            '"version"', '"version": 1, "version"'
        ),
        "BOM": "\ufeff" + good,
        "can't decode": good.encode("utf-16"),
        "recursion": good.replace(score, f'"score": {"[" * 100_000}'),
        "Extra data": good + "{}",
        "Expecting value": "",
    }
    for sentence, content in wrong.items():
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(
            ValueError, match="must hold a saved explanation, but is not JSON"
        ) as caught:
            load_explanation(path)
        assert sentence in str(caught.value), sentence
        assert len(str(caught.value)) < 500


def test_a_value_nested_as_deep_as_json_is_read_is_refused_in_a_sentence(saved):
    """What can be parsed may be too deep to be written again, as its digest asks."""
    _, path = saved
    good = json.loads(path.read_text(encoding="utf-8"))
    for depth in range(100, 1000, 50):
        good["content"]["provenance"]["overridden"] = {"a": "deep"}
        # Written by hand: how deep a list the writer can take depends on who calls it.
        path.write_text(json.dumps(good).replace('"deep"', "[" * depth + "1" + "]" * depth))
        with pytest.raises(ValueError, match=r"x\.json"):
            load_explanation(path)


def test_a_file_too_large_or_without_end_is_refused_without_being_read(saved, tmp_path):
    _, path = saved
    with path.open("r+b") as file:
        file.truncate(2 * 1024**3)  # takes no room on the disk
    with pytest.raises(ValueError, match="it has 2,147,483,648 bytes, more than 536,870,912"):
        load_explanation(path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, "/dev/zero"):
        with pytest.raises(ValueError, match="it is a device, pipe or socket"):
            load_explanation(place)


def test_whatever_is_changed_in_a_file_it_is_refused_or_every_view_shows_it(saved, tmp_path):
    """Random values in random places, always the same ones, each file signed anew."""
    _, path = saved
    x = explain("Cats eat", "Fish, cats zzz", ToyEncoder())
    x.save(path)
    good = path.read_text(encoding="utf-8")
    chance = random.Random(0)
    values = [
        None,
        True,
        0,
        -1,
        1,
        2,
        1.5,
        10**18,
        "",
        "no",
        "text",
        "é\n",
        [],
        {},
        [1],
        {"a": "b"},
    ]

    def places(node):
        items = node.items() if isinstance(node, dict) else enumerate(node)
        for key, value in items:
            yield node, key
            if isinstance(value, dict | list):
                yield from places(value)

    sentences, n_shown = [], 0
    for _ in range(250):
        envelope = json.loads(good)
        node, key = chance.choice(list(places(envelope["content"])))
        was, node[key] = node[key], copy.deepcopy(chance.choice(values))
        envelope["sha256"] = digest_of(envelope["content"])
        path.write_text(json.dumps(envelope), encoding="utf-8")
        try:
            y = load_explanation(path)
        except ValueError as error:
            sentences.append(str(error))
            continue
        n_shown += 1
        views = [y.to_frame, y.words, y.passages, lambda y=y: report(y), lambda y=y: highlight(y)]
        try:
            for view in [*views, lambda y=y: heatmap(y), lambda y=y: y.save(tmp_path / "again")]:
                view()
        except Exception as error:
            raise AssertionError(f"{key}: {was!r} became {node[key]!r}") from error
    assert all(sentence.startswith(f"{path} is damaged: ") for sentence in sentences)
    assert len(sentences) > 150
    assert n_shown > 10


@pytest.mark.parametrize(
    ("token", "similarity", "provenance", "sentence"),
    [
        (Token(1, "a", "b", 0, 1), 0.5, {}, "query token 0: text must be the characters 0:1, 'a'"),
        (Token(-1, "a", "a", 0, 1), 0.5, {}, "query token 0: id must be a whole number"),
        (Token(1, "a", "a", 0, 1), 0.5, {"settings": {"a": 1}}, "settings 'a' must be a string"),
    ],
)
def test_what_could_not_be_loaded_again_is_not_saved(
    tmp_path, unchecked, token, similarity, provenance, sentence
):
    tokens = TokenSequence("a", (token,))
    x = Explanation(
        tokens, tokens, np.array([[similarity]], np.float32), Provenance("mine", **provenance)
    )
    with pytest.raises(ValueError, match=r"^explanation must be one that can be loaded") as caught:
        x.save(tmp_path / "x.json")
    assert sentence in str(caught.value)
    assert list(tmp_path.iterdir()) == []


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
    with pytest.raises(ValueError, match="but is not JSON"):
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
