import pytest

from colbert_explain.app.models.allowed import LAYERS, ModelRefused, bundled_choice, named_choice
from colbert_explain.operator_settings import OperatorSettings

ANY = OperatorSettings(models=("*",))
ONE = OperatorSettings(models=("jinaai/jina-colbert-v1-en",))


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """An allowed folder with a model, a forbidden one beside it, links from one to the other."""
    allowed, forbidden = tmp_path / "allowed", tmp_path / "forbidden"
    for folder in (allowed / "mine", allowed / "deep" / "mine", forbidden / "secret"):
        folder.mkdir(parents=True)
    (allowed / "way_out").symlink_to(forbidden / "secret")
    (forbidden / "way_in").symlink_to(allowed / "mine")
    (allowed / "circle").symlink_to(allowed / "circle")
    monkeypatch.chdir(forbidden)
    return allowed


@pytest.fixture
def settings(shelf):
    return OperatorSettings(model_folders=(shelf,))


def test_the_layers_offered_can_be_chosen_and_no_others():
    for layers in LAYERS:
        assert bundled_choice("bundled", list(layers)).layers == layers
    for wrong in ([], [7], [-1], [6, 3], [0, 1, 2], ["3"], [True], [1.0], "36", None, {}, [[3]]):
        with pytest.raises(ModelRefused, match=r"layers must be one of 3 \+ 6, 0, 1, 2.*got "):
            bundled_choice("bundled", wrong)


def test_by_default_nothing_may_be_loaded(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(ModelRefused, match=r"must allow it first \(COLBERT_EXPLAIN_MODELS\)"):
        named_choice("jinaai/jina-colbert-v1-en", OperatorSettings())
    with pytest.raises(ModelRefused, match=r"allow its folder first \(COLBERT_EXPLAIN_MODEL_FOLD"):
        named_choice(str(tmp_path / "model"), OperatorSettings())


def test_an_allowed_hub_id_may_be_loaded_and_another_one_not():
    for settings in (ANY, ONE):
        choice = named_choice(" jinaai/jina-colbert-v1-en ", settings)
        assert choice.model == choice.key == "jinaai/jina-colbert-v1-en"
    for name in ("jinaai/other", "jina-colbert-v1-en", "JINAAI/jina-colbert-v1-en"):
        with pytest.raises(ModelRefused, match="must allow it first"):
            named_choice(name, ONE)


@pytest.mark.parametrize("name", ["", "  ", "x" * 301])
def test_what_is_no_name_is_said_to_be_none(name):
    with pytest.raises(ModelRefused, match=r"must be a hub id such as .* or a folder, got"):
        named_choice(name, ANY)


@pytest.mark.parametrize("name", ["{}/mine", "mine", "deep/mine", "{}/deep/../mine", "./mine"])
def test_a_folder_below_an_allowed_one_may_be_loaded(shelf, settings, name):
    choice = named_choice(name.format(shelf), settings)
    assert choice.model.is_relative_to(shelf.resolve())
    assert choice.model.name == "mine"


def test_a_link_from_outside_leads_to_the_real_place(shelf, settings):
    link = shelf.parent / "forbidden" / "way_in"
    assert named_choice(str(link), settings).model == (shelf / "mine").resolve()


@pytest.mark.parametrize(
    "name",
    [
        "{}/../forbidden/secret",
        "{}/../forbidden/not_there",
        "../forbidden/secret",
        "{}/way_out",
        "way_out",
        "secret",  # there in the working folder
        "/",
        "/etc",
        "~",
        "~/x",
        "~nobody_of_this_name/x",
        "{}_too",
        "..",
        ".",
        "a\0b",
        "a/b/c/../../../../../../etc",
    ],
)
@pytest.mark.parametrize("hub", [(), ("*",)])
def test_a_place_outside_is_refused_whether_or_not_it_is_there(shelf, name, hub):
    settings = OperatorSettings(model_folders=(shelf,), models=hub)
    if name == ".":  # the allowed folder itself
        assert named_choice(name, settings).model == shelf.resolve()
        return
    if name == "way_out" and hub:  # a hub id by its form, and no folder is read
        assert named_choice(name, settings).model == name
        return
    with pytest.raises(ModelRefused) as refused:
        named_choice(name.format(shelf), settings)
    sentence = str(refused.value).replace(repr(name.format(shelf)), "X")
    assert sentence in (
        "model X is not inside a folder that may be read here: whoever runs this workbench must "
        "allow its folder first (COLBERT_EXPLAIN_MODEL_FOLDERS)",
        "model X may not be loaded here: whoever runs this workbench must allow it first "
        "(COLBERT_EXPLAIN_MODELS)",
    )


def test_a_hub_id_never_reaches_a_folder_of_its_name(shelf):
    (shelf.parent / "forbidden" / "org" / "model").mkdir(parents=True)
    with pytest.raises(ModelRefused, match="not inside a folder"):
        named_choice("org/model", ANY)


@pytest.mark.parametrize(
    "name", ["{}/absent", "{}/mine/../absent", "y" * 299 + "/", "C:\\models", "https://x.org/y"]
)
def test_an_absent_folder_below_an_allowed_one_is_said_to_be_absent(shelf, settings, name):
    with pytest.raises(
        ModelRefused, match="was not found: no folder that may be read here has this name"
    ):
        named_choice(name.format(shelf), settings)
