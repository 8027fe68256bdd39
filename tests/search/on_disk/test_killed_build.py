"""A build that is killed at any moment is continued, and nobody can tell."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from colbert_explain.search import Collection, CollectionError, open_collection
from tests import patience
from tests.search.on_disk.made_collections import assert_equal, make_segments_small, texts

#: Builds in forked processes, each of which kills itself at one of its steps: before it opens,
#: moves or removes a file of its folder, or encodes a document.
KILLED_BUILDS = """
import json, os, random, signal, sys
import pytest
from colbert_explain.search import Collection
from tests.conftest import ToyEncoder
from tests.search.on_disk.made_collections import make_segments_small, texts

folder = sys.argv[1]
make_segments_small(pytest.MonkeyPatch())
steps, last = 0, None

def step(*_):
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), signal.SIGKILL)

def audit(event, arguments):
    named = arguments and isinstance(arguments[0], str | os.PathLike)
    if named and event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"):
        if os.fspath(arguments[0]).startswith(folder):
            step()

class Encoder(ToyEncoder):
    def embed_document(self, text, *, progress=None):
        step()
        return super().embed_document(text, progress=progress)

def build(number):
    Collection.build(texts(), Encoder(), f"{folder}/{number}")

sys.addaudithook(audit)
build("peace")
n_steps, random = steps, random.Random(0)
moments = sorted(random.sample(range(1, n_steps - 5), 20))  # the last steps are after the end
print(json.dumps([n_steps, moments]), flush=True)
for number, moment in enumerate(moments):
    child = os.fork()
    if not child:
        steps, last = 0, moment
        build(number)
        os._exit(0)
    ended = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL, (moment, ended)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_killed_build_continues_to_the_collection_of_one_that_was_not(
    tmp_path, toy_encoder, monkeypatch
):
    make_segments_small(monkeypatch)
    run = subprocess.run(
        [sys.executable, "-c", KILLED_BUILDS, str(tmp_path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=patience.seconds(120),
    )
    assert run.returncode == 0, run.stderr
    n_steps, moments = json.loads(run.stdout)
    assert n_steps > 100
    expected = open_collection(tmp_path / "peace", toy_encoder)
    names = sorted(path.name for path in (tmp_path / "peace").glob("segments/*"))
    n_began_anew = 0
    for number, moment in enumerate(moments):
        folder = tmp_path / str(number)
        with pytest.raises(CollectionError, match=r"not finished|no manifest") as refused:
            open_collection(folder)
        n_began_anew += "not finished: 0 documents" in str(refused.value)
        encoded = []
        toy_encoder.embed_document = lambda text, *, progress=None, kept=encoded: (
            kept.append(text) or type(toy_encoder).embed_document(toy_encoder, text)
        )
        continued = Collection.build(texts(), toy_encoder, folder)
        assert continued.left_out == (), moment
        assert_equal(open_collection(folder, toy_encoder), expected)
        found = sorted(path.name for path in folder.glob("segments/*"))
        assert len(found) == len(names), moment
        assert not any(name.endswith(".part") for name in found), moment
        if moment > n_steps / 2:
            assert len(encoded) < len(texts()), moment
    assert n_began_anew < len(moments) / 2


def test_a_build_continues_only_with_the_same_documents_encoder_and_compression(
    tmp_path, toy_encoder, monkeypatch
):
    make_segments_small(monkeypatch)

    class StoppedError(Exception):
        pass

    def half():
        yield from texts(12)
        raise StoppedError

    with pytest.raises(StoppedError):
        Collection.build(half(), toy_encoder, tmp_path / "c")
    with pytest.raises(CollectionError, match=r"not finished: 12 documents so far.*To continue"):
        open_collection(tmp_path / "c")
    with pytest.raises(CollectionError, match="document 'd3' has a different text"):
        Collection.build(
            [(id_, text + " now" if id_ == "d3" else text) for id_, text in texts()],
            toy_encoder,
            tmp_path / "c",
        )
    for name, others in (
        ("other ids", [(f"e{i}", text) for i, (_, text) in enumerate(texts())]),
        ("fewer", texts()[:5]),
        ("a new one first", [("new", "cats eat"), *texts()]),
        ("one left out", [*texts()[:3], *texts()[4:]]),
    ):
        with pytest.raises(CollectionError, match="12 documents of an interrupted build"):
            pytest.fail(f"{name}: {Collection.build(others, toy_encoder, tmp_path / 'c')}")
    with pytest.raises(CollectionError, match="with compression None, got int8"):
        Collection.build(texts(), toy_encoder, tmp_path / "c", compression="int8")

    class Other(type(toy_encoder)):
        dim = 16

    with pytest.raises(CollectionError, match="got dim 16 instead of 32"):
        Collection.build(texts(), Other(), tmp_path / "c")
    doubled = [*texts(), ("d1", "cats"), ("d23", "dogs")]
    collection = Collection.build(doubled, toy_encoder, tmp_path / "c")
    assert [one.position for one in collection.left_out] == [24, 25]
    assert_equal(collection, Collection.build(doubled, toy_encoder))


def test_a_build_that_kept_no_document_may_begin_with_another_compression(tmp_path, toy_encoder):
    with pytest.raises(ValueError, match='compression="map" needs vectors of all-MiniLM'):
        Collection.build(texts(), toy_encoder, tmp_path / "c", compression="map")
    collection = Collection.build(texts(), toy_encoder, tmp_path / "c", compression="int8")
    assert open_collection(tmp_path / "c").engine.compression == "int8"
    assert len(collection) == 24
