from colbert_explain.explanation import explain
from colbert_explain.views import highlight
from colbert_explain.views.text.plain_text import plain_text


def test_it_says_what_the_html_says(toy_encoder):
    toy_encoder.document_length = 8
    x = explain("cats eat", "dogs eat, zzz mice and more", toy_encoder)
    text = repr(highlight(x, threshold=0.5, pinned=(2, 2)))
    assert plain_text(x) in text
    assert "Pinned: query token 2 “eat” and document token 2 “eat”" in text
    assert "  [cats 0.216, no match] [eat 1.000, pinned]" in text
    assert "[eat 1.000, pinned], [zzz, unknown] mice and [... 4 characters not read ...]" in text
    assert "no match: best cosine similarity below 0.500" in text


def test_folds_are_named_and_the_direction_is_said(toy_encoder):
    toy_encoder.document_length = 3000
    x = explain("cats", "cats " + "word\n" * 1000, toy_encoder)
    text = repr(highlight(x))
    assert "characters without a match ...]" in text
    assert "these add up to the score" in text
    other = repr(highlight(x, direction="document_to_query"))
    assert "characters without a query token's best match ...]" in other
    assert "[word " in other
    assert "this is not the score" in other
