from colbert_explain.text.function_words import (
    FUNCTION_WORDS,
    NEGATIONS,
    is_content_word,
    is_function_word,
    is_negated,
)


def test_words_of_grammar_are_function_words_in_any_case_and_with_any_apostrophe():
    for word in ("the", "The", "WHAT", "don't", "don\N{RIGHT SINGLE QUOTATION MARK}t", "between"):
        assert is_function_word(word), word
        assert not is_content_word(word), word


def test_numbers_names_and_words_of_other_languages_are_content_words():
    for word in ("1969", "3.5", "Curie", "cats", "słoń", "象", "ice-cream"):
        assert is_content_word(word), word
    for mark in ("?", "...", "$", ""):
        assert not is_content_word(mark), mark


def test_a_denial_is_found_as_a_word_and_not_within_one():
    for text in ("It is NOT so.", "I don’t know", "without salt", "No!", "They can't"):  # noqa: RUF001
        assert is_negated(text), text
    for text in ("Nothingham knots", "a note on notes", "cant", ""):
        assert not is_negated(text), text


def test_lists_are_in_lower_case_and_denials_of_things_are_content():
    assert {word.lower() for word in FUNCTION_WORDS | NEGATIONS} == FUNCTION_WORDS | NEGATIONS
