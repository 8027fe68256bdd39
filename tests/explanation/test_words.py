import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation
from colbert_explain.explanation.words import words_of
from colbert_explain.tokens import Token, TokenSequence

PROVENANCE = Provenance("hand-made")


def tokens_of(text, pieces, **flags):
    """A token per piece, found in the text from left to right."""
    tokens, position = [], 0
    for number, piece in enumerate(pieces):
        start = text.index(piece, position)
        position = start + len(piece)
        tokens.append(Token(None, piece, piece, start, position, **flags.get(f"t{number}", {})))
    return TokenSequence(text, tuple(tokens))


def grouped(sequence):
    return ["|".join(sequence[p].text for p in word.positions) for word in words_of(sequence)]


@pytest.mark.parametrize(
    "groups",
    [
        ["Ele|phants", "eat"],
        ["don|'|t", "eat", "well|-|known", "3|.|5", "kg", "."],
        ["$|5|.|5|0", "10|%", "150", "kg", "150|kg"],
        ["大", "象吃", "草", "。"],
        ["e|.|g|.", "caf|é"],
    ],
)
def test_pieces_of_a_word_are_put_together(groups):
    joined = [group.replace("|", "") for group in groups]
    text = " ".join(joined) if joined[0].isascii() else "".join(joined)
    sequence = tokens_of(text, [piece for group in groups for piece in group.split("|")])
    assert grouped(sequence) == groups
    assert [word.text for word in words_of(sequence)] == joined
    assert all(text[word.start : word.end] == word.text for word in words_of(sequence))


def test_byte_pieces_of_one_character_are_one_word():
    pieces = (Token(1, "ð", "🐘", 4, 5), Token(2, "Ł", "🐘", 4, 5), Token(3, "ĺ", "🐘", 4, 5))
    sequence = TokenSequence("see 🐘🐘", (Token(0, "see", "see", 0, 3), *pieces))
    first, second = words_of(sequence)
    assert (second.text, second.positions) == ("🐘", (1, 2, 3))
    assert first.positions == (0,)


def test_a_token_over_several_words_joins_them():
    sequence = tokens_of("New York's", ["New Yo", "rk", "'s"])
    (word,) = words_of(sequence)
    assert (word.text, word.positions) == ("New York's", (0, 1, 2))


def test_a_piece_may_hold_the_space_before_its_word():
    sequence = TokenSequence(
        "the  cats ", tuple(Token(0, "", "", a, b) for a, b in [(0, 3), (3, 7), (7, 9), (9, 10)])
    )
    assert [(word.text, word.start, word.end) for word in words_of(sequence)] == [
        ("the", 0, 3),
        ("cats", 5, 9),
        (" ", 9, 10),
    ]


def test_tokens_without_text_and_of_other_roles_stay_their_own_words():
    tokens = (
        Token(0, "[Q]", "[Q]", None, None, "marker"),
        Token(1, "ca", "ca", 0, 2),
        Token(2, "[SEP]", "[SEP]", None, None, "special", scored=False),
        Token(3, "ts", "ts", 2, 4),
        Token(4, "[MASK]", "[MASK]", None, None, "expansion"),
        Token(4, "[MASK]", "[MASK]", None, None, "expansion"),
        Token(5, "!", "!", 4, 5, "marker"),
        Token(6, "", "", 5, 5),
    )
    words = words_of(TokenSequence("cats!", tokens))
    assert [word.positions for word in words] == [(i,) for i in range(8)]
    assert [word.role for word in words] == [token.role for token in tokens]
    assert [word.text for word in words] == [token.text for token in tokens]
    assert words[2].scored is False


def test_an_unscored_or_unknown_piece_is_carried_by_its_word():
    flags = {"t1": {"scored": False}, "t2": {"unknown": True, "scored": False}}
    word, other = words_of(tokens_of("a-b c", ["a", "-", "b", "c"], **flags))
    assert (word.scored, word.unknown) == (True, True)
    assert (other.scored, other.unknown) == (True, False)


def explanation(query, document, similarity):
    return Explanation(query, document, np.array(similarity, dtype=np.float32), PROVENANCE)


def test_a_query_word_sums_and_a_document_word_takes_the_largest():
    query = tokens_of("3.5 kg", ["3", ".", "5", "kg"], t1={"scored": False})
    document = tokens_of("cats!", ["ca", "ts", "!"], t2={"scored": False})
    x = explanation(
        query, document, [[0.9, 0.1, 1], [0.8, 0.7, 1], [0.2, 0.4, 1], [-0.5, -0.3, 0.6]]
    )
    words = x.words()
    assert words.similarity.tolist() == [
        pytest.approx([0.65, 1]),
        pytest.approx([-0.3, 0.6]),
    ]
    assert words.contributions.tolist() == pytest.approx([1.3, -0.3])
    assert words.alignment.tolist() == [0, 0]
    assert words.score == x.score
    assert "2 query x 2 document words" in repr(words)


def test_a_word_finds_its_match_where_its_largest_piece_does():
    query, document = tokens_of("ab", ["a", "b"]), tokens_of("x y", ["x", "y"])
    words = explanation(query, document, [[0.5, 0.1], [0.2, 0.7]]).words()
    assert words.alignment.tolist() == [1]
    assert words.contributions.tolist() == pytest.approx([1.2])
    tied = explanation(query, document, [[0.5, 0.1], [0.2, 0.5]]).words()
    assert tied.alignment.tolist() == [0]


def test_the_frame_has_a_row_per_query_word_and_missing_values_where_nothing_is_scored():
    query = tokens_of("3.5 ?", ["3", ".", "5", "?"], t3={"scored": False})
    document = TokenSequence("", (Token(1, "[D]", "[D]", None, None, "marker"),))
    first, second = (
        explanation(query, document, [[0.4], [0.3], [0.2], [0.9]])
        .words()
        .to_frame()
        .to_dict("records")
    )
    assert (first["word"], first["n_tokens"], first["match"]) == ("3.5", 3, "[D]")
    assert first["contribution"] == pytest.approx(0.9)
    assert first["share"] == pytest.approx(1)
    assert first["match_similarity"] == pytest.approx(0.3)
    assert first["match_number"] == 0
    assert second["contribution"] == 0
    assert second["match_similarity"] != second["match_similarity"]  # NaN
    assert not isinstance(second["match"], str)


@st.composite
def cut_words(draw):
    """Words cut to random pieces; columns of (start, end, role, scored, number of the word)."""
    words = draw(st.lists(st.text("abcdé", min_size=1, max_size=6), min_size=1, max_size=6))
    rows, position = [], 0
    for word in words:
        number = rows[-1][-1] + 1 if rows else 0
        cuts = sorted(draw(st.sets(st.integers(1, len(word)), max_size=4)) | {len(word)})
        for before, cut in zip([0, *cuts], cuts, strict=False):
            span = position + before, position + cut
            rows.append((*span, "text", draw(st.booleans()), number))
        position += len(word) + 1
        if draw(st.booleans()):
            role = draw(st.sampled_from(["special", "marker", "expansion"]))
            rows.append((None, None, role, draw(st.booleans()), number + 1))
    return " ".join(words), rows


def built(text, rows):
    """The tokens, of which at least the first is scored, and the number of each one's word."""
    if not any(scored for *_, scored, _ in rows):
        rows[0] = (*rows[0][:3], True, rows[0][4])
    tokens = [
        Token(None, "", "[X]" if start is None else text[start:end], start, end, role, scored)
        for start, end, role, scored, _ in rows
    ]
    return TokenSequence(text, tuple(tokens)), [number for *_, number in rows]


@given(cut_words(), cut_words(), st.data())
def test_words_equal_plain_loops_over_random_pieces(query, document, data):
    query, query_words = built(*query)
    document, document_words = built(*document)
    shape = (len(query), len(document))
    matrix = data.draw(arrays(np.float32, shape, elements=st.floats(-1, 1, width=32)))
    x = explanation(query, document, matrix)
    words = x.words()

    for side, numbers, found in (
        (query, query_words, words.query),
        (document, document_words, words.document),
    ):
        assert [number for number, word in enumerate(found) for _ in word.positions] == numbers
        assert [p for word in found for p in word.positions] == list(range(len(side)))
        for word in found:
            assert {side[p].role for p in word.positions} == {word.role}

    assert float(words.contributions.sum()) == pytest.approx(x.score, abs=1e-5)
    assert words.to_frame()["contribution"].sum() == pytest.approx(x.score, abs=1e-5)
    assert (np.abs(words.similarity) <= 1 + 1e-6).all()

    def counting(side, word):
        return [p for p in word.positions if side[p].scored] or list(word.positions)

    for i, query_word in enumerate(words.query):
        rows = counting(query, query_word)
        for j, document_word in enumerate(words.document):
            columns = counting(document, document_word)
            cell = sum(max(float(matrix[r, c]) for c in columns) for r in rows) / len(rows)
            assert words.similarity[i, j] == pytest.approx(cell, abs=1e-5)
        if not query_word.scored:
            assert words.alignment[i] == -1
            assert words.contributions[i] == 0
            continue
        assert words.contributions[i] == pytest.approx(
            sum(float(x.contributions[r]) for r in rows), abs=1e-5
        )
        largest = max(float(x.contributions[r]) for r in rows)
        winner = next(r for r in rows if float(x.contributions[r]) == largest)
        assert x.alignment[winner] in words.document[words.alignment[i]].positions


def test_the_arrays_cannot_be_written_to():
    words = explanation(tokens_of("a", ["a"]), tokens_of("b", ["b"]), [[0.5]]).words()
    with pytest.raises(ValueError, match="read-only"):
        words.contributions[0] = 1
