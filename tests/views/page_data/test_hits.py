from dataclasses import replace

import numpy as np

from colbert_explain.explanation import explain
from colbert_explain.views.page_data.hits import best_sentence, snippet_parts


def emphasised(encoder, query, document):
    x = explain(query, document, encoder)
    sentence = best_sentence(x, "")
    return sentence.text, [text for text, is_match in snippet_parts(x, sentence) if is_match]


def test_only_the_matches_that_count_are_emphasised(encoder):
    sentence, words = emphasised(
        encoder,
        "birds that cannot fly",
        "Many birds that can fly live by the sea. In calm weather some cannot start at all.",
    )
    assert "can fly" in sentence
    assert "birds" in words
    assert "fly" in words
    assert "can" not in words  # the match of "cannot" is in the other sentence


def test_the_words_of_a_copy_are_emphasised(encoder):
    _, words = emphasised(encoder, "cats eat fish", "Cats eat fish.")
    assert words == ["Cats", "eat", "fish"]


def test_a_long_sentence_is_cut_around_the_first_of_equal_matches_on_every_processor(toy_encoder):
    far = "leaves " + "of rivers and stones in winter " * 10 + "are golden"
    x = explain("golden leaves", far, toy_encoder)
    sentence = best_sentence(x, "")
    golden = next(i for i, token in enumerate(x.query) if token.text == "golden")
    for sign in (-1, 1):
        contributions = sentence.contributions.copy()
        contributions[golden] += np.float32(sign * 3e-7)
        parts = snippet_parts(x, replace(sentence, contributions=contributions))
        assert [text for text, is_match in parts if is_match] == ["golden"], sign
