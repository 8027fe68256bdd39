import pytest

import colbert_explain as ce
from colbert_explain.search import Collection

TEXTS = {"fish": "cats eat fish", "milk": "cats drink milk", "bark": "dogs bark at night"}


@pytest.fixture
def audited(toy_encoder):
    def make(relevant):
        collection = Collection.build(TEXTS, toy_encoder)
        queries = {str(i): "cats eat fish" for i in range(len(relevant))}
        hits = collection.search("cats eat fish", 3)
        scores = dict(zip(hits.names, map(float, hits.scores), strict=True))
        run = dict.fromkeys(queries, scores)
        qrels = {str(i): {id_: 1} for i, id_ in enumerate(relevant)}
        return ce.audit(run, queries, qrels, collection, k=1)

    return make


def test_a_bar_for_each_cause_with_its_number(audited):
    audit = audited(["milk", "nowhere", "nothing", "fish"])
    figure = ce.cause_chart(audit, theme="light")
    [bars] = figure.data
    assert list(bars.x) == [2, 1]
    assert list(bars.text) == ["2", "1"]
    aliases = list(figure.layout.yaxis.labelalias.values())
    assert aliases == audit.counts.index.tolist()
    assert "3 of 4 judged queries lost" in figure.layout.title.text


def test_the_static_form_has_the_same_numbers_and_their_sum(audited):
    text = ce.cause_chart(audited(["milk", "nowhere", "nothing", "fish"])).static_form()
    for words in ("judged document missing", "67%", "sum = lost queries"):
        for form in ("text/plain", "text/html"):
            assert words in text[form]


def test_no_lost_query_is_a_figure_that_says_so(audited):
    figure = ce.cause_chart(audited(["fish"]))
    assert list(figure.data[0].x) == []
    assert "0 of 1 judged query lost" in figure.layout.title.text
    assert "No query is lost" in figure.static_form()["text/plain"]


def test_something_else_than_an_audit_is_refused(audited):
    with pytest.raises(ValueError, match="audit must be an Audit"):
        ce.cause_chart("audit")
    with pytest.raises(ValueError, match="theme"):
        ce.cause_chart(audited(["fish"]), theme="pink")
