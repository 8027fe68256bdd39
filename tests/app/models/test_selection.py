import threading

import pytest

from colbert_explain.app import Workbench
from colbert_explain.app.jobs.job import Watch
from colbert_explain.app.models.selection import BUNDLED, GIVEN
from colbert_explain.encoders import CheckpointError
from colbert_explain.operator_settings import OperatorSettings
from tests.toy_pipeline import text_encoder


class NamedEncoder:
    """Reads like another, under a name of its own."""

    def __init__(self, inner, name):
        self.inner, self.name = inner, name
        self.dim, self.document_length = inner.dim, inner.document_length
        self.embed_query, self.embed_document = inner.embed_query, inner.embed_document


@pytest.fixture
def loads(monkeypatch, toy_encoder):
    """What was asked of ``load_encoder``; loading waits for ``go_on`` where it is not set."""

    class Loads(list):
        go_on = threading.Event()
        reached = threading.Event()

    loads = Loads()
    loads.go_on.set()

    def load(model=None, *, layers=None, settings=None):
        loads.append((model, layers))
        loads.reached.set()
        loads.go_on.wait(120.0)
        if model == "org/damaged":
            raise CheckpointError("weights must be whole, got half of them")
        if model == "org/unforeseen":
            raise KeyError("x")
        name = f"{model or 'bundled'} {layers}"
        return text_encoder(toy_encoder, name, warnings=("it is a toy",))

    monkeypatch.setattr("colbert_explain.encoders.load_encoder", load)
    yield loads
    loads.go_on.set()


@pytest.fixture
def bench(toy_encoder, loads):
    made = Workbench(
        NamedEncoder(toy_encoder, "mine"),
        query="cats",
        documents="cats",
        settings=OperatorSettings(models=("*",)),
    )
    made.wait(120.0)
    yield made
    loads.go_on.set()
    made.models.wait(120.0)
    made.wait(120.0)


def send(bench, event, **fields):
    bench.page._receive(None, {"event": f"model_{event}", **fields}, [])


def in_use(bench):
    return bench.models.holder.encoder


def choose(bench, **message):
    send(bench, **message)
    bench.models.wait(120.0)
    bench.wait(120.0)


def test_a_given_encoder_is_the_first_choice_and_in_use(bench, loads):
    shown = bench.page.models
    assert (shown["choices"][0]["key"], shown["choices"][0]["label"]) == (GIVEN, "mine")
    assert shown["chosen"] == GIVEN
    assert shown["description"]["name"] == "mine"
    assert loads == []


def test_layers_of_the_bundled_encoder_are_loaded_and_what_was_asked_is_read_again(bench, loads):
    before = bench.explanation
    choose(bench, event="choose", key=BUNDLED, layers=[6])
    shown = bench.page.models
    assert loads == [(None, (6,))]
    assert (shown["chosen"], shown["layers"], shown["loading"]) == (BUNDLED, [6], False)
    assert shown["description"]["warnings"] == ["Warning: it is a toy."]
    assert bench.explanation is not before
    assert in_use(bench).name == "bundled (6,)"
    choose(bench, event="choose", key=GIVEN, layers=[3, 6])
    assert in_use(bench).name == "mine"


def test_a_model_named_in_the_field_is_loaded_and_listed(bench, loads):
    choose(bench, event="name", name=" org/model ")
    shown = bench.page.models
    assert loads == [("org/model", None)]
    assert (shown["chosen"], shown["choices"][-1]["label"]) == ("org/model", "org/model")
    choose(bench, event="choose", key=GIVEN, layers=[3, 6])
    choose(bench, event="choose", key="org/model", layers=[3, 6])
    assert loads[1:] == [("org/model", None)]
    assert [c["key"] for c in bench.page.models["choices"]].count("org/model") == 1


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"event": "name", "name": "org/damaged"}, "Weights must be whole, got half of them."),
        ({"event": "name", "name": "org/unforeseen"}, "Something went wrong: KeyError: 'x'"),
        ({"event": "name", "name": "/etc"}, "Model '/etc' is not inside a folder"),
        ({"event": "name", "name": ""}, "Model must be a hub id such as"),
        ({"event": "choose", "key": BUNDLED, "layers": [9]}, "Layers must be one of 3 + 6, 0, 1"),
        ({"event": "choose", "key": "org/x", "layers": []}, "Model must be one of the choices"),
    ],
)
def test_a_refused_model_gets_a_sentence_and_the_one_in_use_stays(bench, message, sentence):
    before, on_show = in_use(bench), bench.explanation
    for _ in range(2):
        choose(bench, **message)
        shown = bench.page.models
        assert shown["problem"].startswith(sentence)
        assert (shown["chosen"], shown["loading"], shown["status"]) == (GIVEN, False, "")
    assert in_use(bench) is before
    assert bench.explanation is on_show
    choose(bench, event="choose", key=BUNDLED, layers=[6])
    assert bench.page.models["problem"] == ""


def test_what_the_operator_does_not_allow_is_never_asked_for(toy_encoder, loads):
    bench = Workbench(toy_encoder, query="", documents="", settings=OperatorSettings())
    choose(bench, event="name", name="org/model")
    shown = bench.page.models
    assert "(COLBERT_EXPLAIN_MODELS)" in shown["problem"]
    assert shown["field"] == ""
    assert shown["rule"].startswith("Only the bundled model is enabled here.")
    assert loads == []


def test_a_load_can_be_given_up_and_is_then_dropped(bench, loads):
    loads.go_on.clear()
    send(bench, event="name", name="org/model")
    assert loads.reached.wait(120.0)
    assert bench.page.models["loading"]
    bench.start("cats", "dogs")  # with the model in use
    bench.wait(120.0)
    assert bench.explanation.document.text == "dogs"
    send(bench, event="cancel")
    shown = bench.page.models
    assert (shown["loading"], shown["status"]) == (False, "Not loaded.")
    loads.go_on.set()
    bench.models.wait(120.0)
    assert bench.page.models["chosen"] == GIVEN
    assert in_use(bench).name == "mine"


def test_the_latest_wish_wins_and_no_two_models_are_read_at_a_time(bench, loads):
    loads.go_on.clear()
    send(bench, event="name", name="org/first")
    assert loads.reached.wait(120.0)
    send(bench, event="name", name="org/second")
    send(bench, event="name", name="org/third")
    loads.go_on.set()
    bench.models.wait(120.0)
    bench.wait(120.0)
    assert loads == [("org/first", None), ("org/third", None)]
    assert bench.page.models["chosen"] == "org/third"


def test_a_long_load_says_how_long_it_takes_and_how_much_it_has_fetched(
    bench, loads, tmp_path, monkeypatch
):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("colbert_explain.app.models.selection._TELL_EVERY", 0.02)
    notes, noted = [], threading.Event()

    def note(change):
        notes.append(change["new"]["status"])
        if "3 MB fetched" in notes[-1]:
            noted.set()

    bench.page.observe(note, names="models")
    loads.go_on.clear()
    send(bench, event="name", name="org/model")
    assert loads.reached.wait(120.0)
    blobs = tmp_path / "models--org--model" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "half.incomplete").write_bytes(bytes(3_000_000))
    assert noted.wait(120.0)
    loads.go_on.set()
    bench.models.wait(120.0)
    assert bench.page.models["status"] == ""


def test_the_doctor_is_asked_when_the_table_is_opened(bench, encoder):
    choose(bench, event="describe")
    assert bench.page.models["description"]["rows"] == [
        ["dim", "32", "the encoder"],
        ["document_length", "200", "the encoder"],
    ]
    bench.models.holder.use(encoder)
    choose(bench, event="describe")
    found = bench.page.models["description"]
    assert ["layers", "3 + 6", "argument or default"] in found["rows"]
    # Its vocabulary belongs to one release of the weights: letters of many scripts, no emoji.
    sentence = (
        "The model cannot read 13% of the characters of a sample text in many scripts and symbols."
    )
    assert found["reach"] == sentence


def test_the_bundled_encoder_is_loaded_once_and_when_first_needed(loads):
    bench = Workbench(query="", documents="", settings=OperatorSettings())
    assert loads == []
    for _ in range(2):
        bench.start("cats", "cats")
        bench.wait(120.0)
    assert loads == [(None, (3, 6))]
    assert bench.page.models["description"]["name"] == "bundled (3, 6)"


def test_the_field_says_what_it_takes(toy_encoder, tmp_path):
    for models, folders, field in [
        (("*",), (tmp_path,), "Hub id or folder"),
        (("*",), (), "Hub id"),
        ((), (tmp_path,), "Folder"),
        (("org/model",), (), ""),
    ]:
        settings = OperatorSettings(models=models, model_folders=folders)
        bench = Workbench(toy_encoder, query="", documents="", settings=settings)
        assert bench.page.models["field"] == field


def test_what_the_workbench_is_given_says_what_is_kept_and_where(tmp_path, monkeypatch):
    monkeypatch.setenv("COLBERT_EXPLAIN_CACHE_FOLDER", str(tmp_path / "environment"))
    monkeypatch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "0")
    settings = OperatorSettings(keep_embeddings=True, cache_folder=tmp_path / "given")
    bench = Workbench(query="cats", documents="Cats.", settings=settings)
    bench.wait(60.0)
    assert bench.explanation is not None
    assert len(list((tmp_path / "given" / "embeddings").iterdir())) == 2
    assert not (tmp_path / "environment" / "embeddings").exists()


def test_the_bundled_encoder_that_comes_late_does_not_replace_one_that_was_chosen(
    toy_encoder, monkeypatch
):
    asked, go_on = threading.Event(), threading.Event()

    def load(model=None, **_):
        if model is None:
            asked.set()
            go_on.wait(10.0)
        return NamedEncoder(toy_encoder, model or "bundled")

    monkeypatch.setattr("colbert_explain.encoders.load_encoder", load)
    settings = OperatorSettings(models=("*",))
    bench = Workbench(query="", documents="", settings=settings)
    first = threading.Thread(
        target=lambda: bench.models.holder.ready(Watch(lambda text, share: None))
    )
    first.start()
    assert asked.wait(10.0)
    choose(bench, event="name", name="org/model")
    go_on.set()
    first.join(10.0)
    assert in_use(bench).name == "org/model"
    assert bench.page.models["description"]["name"] == "org/model"
