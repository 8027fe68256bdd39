import pytest

from colbert_explain.analysis import rank
from colbert_explain.app.export.exported_files import exported_file, file_kinds
from colbert_explain.app.export.save_section import save_section
from colbert_explain.explanation import explain


@pytest.fixture
def ranking(toy_encoder):
    return rank("cats eat", {"one": "dogs", "two": "cats"}, toy_encoder)


def test_every_kind_on_offer_can_be_written(ranking):
    for given in (None, ranking):
        for kind in save_section(ranking.explanations[0], ranking=given)["kinds"]:
            file = exported_file(kind, ranking.explanations[0], given)
            assert file.content
            assert file.name.startswith("cats-eat")
    assert set(file_kinds(ranking)) > set(file_kinds(None))


@pytest.mark.parametrize(
    ("options", "call"),
    [
        ({}, "ce.heatmap(x, level='word', rows='scored')"),
        ({"level": "token", "unscored": True}, "ce.heatmap(x)"),
        (
            {"order": "contribution", "pinned": (1, 2)},
            "ce.heatmap(x, level='word', rows='scored', sort='contribution', pinned=(1, 2))",
        ),
    ],
)
def test_the_code_has_the_options_of_the_page(toy_encoder, options, call):
    x = explain("cats eat", "dogs eat", toy_encoder)
    assert save_section(x, **options)["code"].endswith(f"{call}\n")


def test_the_code_chooses_the_document_on_show(ranking):
    section = save_section(ranking.explanations[1], ranking=ranking, position=1)
    assert "x = ranking.explanations[1]  # 'two'" in section["code"]
