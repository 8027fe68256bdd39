import contextlib
import io
from dataclasses import replace

import pytest

from colbert_explain.analysis import rank
from colbert_explain.app.export.reproducing_code import reproducing_code
from colbert_explain.encoders import load_encoder
from colbert_explain.explanation import explain
from tests.tiny_checkpoints import make_checkpoint

HOSTILE = "cats \"eat\" 'fish' \\n \n\r\t {x} \u2028 🐘 \"\"\" '''"


def run(code, **names):
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, "view.py", "exec"), names)
    return names["x"]


@pytest.mark.parametrize("document", ["Cats eat fish.", HOSTILE])
def test_the_code_gives_the_same_score(encoder, document):
    x = explain(HOSTILE, document, encoder)
    code = reproducing_code(x, {"theme": "light", "level": "token", "rows": "all", "sort": "text"})
    assert code.endswith("ce.heatmap(x)\n")
    again = run(code)
    assert again.document.text == document
    assert again.score == pytest.approx(x.score, abs=1e-6)


def test_what_was_overridden_is_given_again(tmp_path, monkeypatch):
    make_checkpoint(tmp_path / "m", "stanford", "wordpiece")
    monkeypatch.chdir(tmp_path)
    usual = explain("Cats eat.", "Dogs eat, too.", load_encoder("m"))
    other = load_encoder("m", query_expansion=False, skiplist=["eat"], document_prompt="fish ")
    x = explain("Cats eat.", "Dogs eat, too.", other)
    assert x.score != pytest.approx(usual.score, abs=1e-3)
    code = reproducing_code(x, {})
    assert "# 'm' was read from a folder: put its path here." in code
    assert run(code).score == pytest.approx(x.score, abs=1e-6)
    assert "ce.load_encoder('m')" in reproducing_code(usual, {})


def test_a_file_cannot_put_python_into_the_code(toy_encoder):
    x = explain("cats", "dogs", toy_encoder)
    overridden = {"x=print(1), y": 2, "skiplist": ["') or print(1) #"]}
    provenance = replace(x.provenance, sha256="0", overridden=overridden)
    code = reproducing_code(type(x)(x.query, x.document, x.similarity, provenance), {})
    assert "y=" not in code
    assert """skiplist=["') or print(1) #"])""" in code


def test_layers_and_a_shorter_reading_are_named(encoder):
    text = "Cats eat fish. Dogs bark at night. " * 30
    other = load_encoder(layers=[0], document_length=40)
    x = explain("cats", text, other)
    code = reproducing_code(x, {"level": "word", "rows": "scored"}, pinned=(1, 3))
    assert "ce.load_encoder(layers=(0,), document_length=40)" in code
    assert "ce.heatmap(x, level='word', rows='scored', pinned=(1, 3))" in code
    again = run(code)
    assert again.score == pytest.approx(x.score, abs=1e-6)
    assert again.document.n_unread == x.document.n_unread
    older = replace(x.provenance, settings={}, overridden={})
    x = type(x)(x.query, x.document, x.similarity, older)
    assert "ce.load_encoder(layers=(0,), document_length=40)" in reproducing_code(x, {})


def test_a_ranking_is_made_again_with_its_document_chosen(encoder):
    ranking = rank("cats", {"A": "Dogs bark.", "it's\n": "Cats eat."}, encoder)
    x = ranking.explanations[1]
    again = run(reproducing_code(x, {}, ranking=ranking, position=1))
    assert again.document.text == "Cats eat."
    assert again.score == pytest.approx(x.score, abs=1e-6)


def test_an_encoder_of_ones_own_is_named_and_not_made_up(toy_encoder):
    x = explain("cats", "dogs", toy_encoder)
    code = reproducing_code(x, {})
    assert "load_encoder" not in code
    assert run(code, encoder=toy_encoder).score == pytest.approx(x.score, abs=1e-6)


def test_a_checkpoint_is_named_with_its_revision(encoder):
    x = explain("cats", "dogs", encoder)
    provenance = replace(
        x.provenance, model="some/model", layers=(), revision="abc", dtype="float16"
    )
    changed = type(x)(x.query, x.document, x.similarity, provenance)
    assert "ce.load_encoder('some/model', revision='abc', dtype='float16')" in reproducing_code(
        changed, {}
    )
