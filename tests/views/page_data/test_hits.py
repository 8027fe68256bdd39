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
