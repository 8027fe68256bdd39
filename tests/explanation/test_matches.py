import numpy as np
import pytest

from colbert_explain.embeddings import Provenance
from colbert_explain.explanation import Explanation, explain
from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views import contribution_chart, heatmap, report
from colbert_explain.views.page_data.result import page_result

#: "hay" in two pieces, a comma that is not scored, "bark".
DOCUMENT = TokenSequence(
    "hay, bark",
    (
        Token(1, "h", "h", 0, 1),
        Token(2, "##ay", "ay", 1, 3),
        Token(3, ",", ",", 3, 4, scored=False),
        Token(4, "bark", "bark", 5, 9),
        Token(5, "[SEP]", "[SEP]", None, None, "special"),
    ),
)


def firmness_in_the_grid(x, level):
    return [row["firm"] for row in page_result(x, level=level).data["grid"]["rows"]]


def runners_up(*rows, document=DOCUMENT):
    query = TokenSequence.from_strings([f"q{i}" for i in range(len(rows))])
    similarity = np.array(rows, dtype=np.float32)
    x = Explanation(query, document, similarity, Provenance("mine"))
    return [match.runner_up_position for match in x.token_matches]


def test_another_piece_of_the_winners_word_is_no_runner_up():
    assert runners_up([0.9, 0.8, 0.0, 0.3, 0.1]) == [3]
    assert runners_up([0.2, 0.9, 0.0, 0.1, 0.15]) == [4]
    assert runners_up([0.7, 0.8, 0.9, 0.9, 0.1]) == [1]  # the comma is not scored


def test_the_first_of_equal_runners_up_counts_and_a_tie_stays_a_tie():
    assert runners_up([0.9, 0.1, 0.0, 0.4, 0.4], [0.9, 0.1, 0.0, 0.9, 0.4]) == [3, 3]


def test_there_is_no_runner_up_in_a_document_of_one_word():
    one = TokenSequence("hay,", DOCUMENT.tokens[:3])
    assert runners_up([0.9, 0.8, 0.7], document=one) == [-1]


def test_a_query_token_that_is_not_scored_has_no_runner_up(toy_encoder):
    x = explain("cats, eat", "dogs eat fish", toy_encoder)
    found = [match is not None and match.runner_up_position >= 0 for match in x.token_matches]
    assert found == x.query.scored_mask.tolist()


def explanation(query, document, similarity):
    sides = [TokenSequence.from_strings(side.split()) for side in (query, document)]
    return Explanation(*sides, np.array(similarity, np.float32), Provenance("hand-made"))


def test_a_match_is_tied_close_or_firm():
    x = explanation("a b c", "one two three", [[0.5, 0.5, 0.1], [0.5, 0.49, 0.1], [0.5, 0.4, 0.1]])
    tied, close, firm = x.word_matches
    assert [match.firmness for match in (tied, close, firm)] == ["tied", "close", "firm"]
    assert [word.text for word in tied.pieces[0].tied_with] == ["two"]
    assert close.pieces[0].runner_up.text == "two"
    assert close.pieces[0].runner_up_similarity == pytest.approx(0.49)
    assert x.tied.tolist() == [True, False, False]
    assert x.close.tolist() == [False, True, False]


def test_what_is_exactly_the_limit_behind_is_a_close_call_whatever_the_last_bit():
    for best, near in ((0.7, 0.68), (0.6, 0.58), (0.5, 0.48), (0.3, 0.28), (0.8, 0.78)):
        x = explanation("a", "one two", [[best, near]])
        assert x.close.tolist() == [True], (best, near)


def test_the_pieces_of_a_document_word_are_one_place():
    pieces = (Token(1, "ele", "ele", 0, 3), Token(2, "##phant", "phant", 3, 8))
    document = TokenSequence("elephant", pieces)
    one = TokenSequence.from_strings(["a"])
    for similarity, firmness in (([0.5, 0.5], "tied"), ([0.5, 0.49], "firm")):
        x = Explanation(one, document, np.array([similarity], np.float32), Provenance("mine"))
        (match,) = x.word_matches
        assert match.firmness == firmness
        assert match.pieces[0].tied_with == ()
        assert match.pieces[0].runner_up is None


def close_in_one_piece() -> Explanation:
    """A query word of two pieces: one is a close call at .60 to .59, one is firm at .70."""
    pieces = (Token(1, "ele", "ele", 0, 3), Token(2, "##phant", "phant", 3, 8))
    return Explanation(
        TokenSequence("elephant", pieces),
        TokenSequence.from_strings(["cats", "dogs"]),
        np.array([[0.6, 0.59], [0.7, 0.3]], np.float32),
        Provenance("hand-made"),
    )


def test_every_view_says_the_same_of_how_firm_a_match_is():
    """Of the word, the chart, the list, the report and the tables."""
    x = close_in_one_piece()
    assert [match.firmness for match in x.word_matches] == ["close"]
    assert firmness_in_the_grid(x, "word") == ["close"]
    assert "(close: ele 0.600, dogs 0.590)" in contribution_chart(x, level="word").data[0].text[0]
    assert "“elephant” is a close call" in report(x)
    assert "A close call for “ele”: “dogs”" in report(x)
    assert x.to_frame()["close"].tolist() == [True, False]
    assert firmness_in_the_grid(x, "token") == ["close", ""]
    texts = contribution_chart(x).data[0].text
    assert ["close" in text for text in texts] == [True, False]


def test_every_view_says_the_same_of_a_tie():
    x = explanation("a b", "one two", [[0.5, 0.499995], [0.5, 0.4]])
    assert [match.firmness for match in x.word_matches] == ["tied", "firm"]
    assert x.alignment.tolist() == [0, 0]
    assert firmness_in_the_grid(x, "token") == ["tie", ""]
    assert ["(tie)" in text for text in contribution_chart(x, level="word").data[0].text] == [
        True,
        False,
    ]
    assert ["(tie)" in text for text in contribution_chart(x).data[0].text] == [True, False]
    assert "A tie: 1 other place is equal" in report(x)
    assert "tied with 1 other" in str(heatmap(x).to_dict())
    assert x.to_frame()["tied"].tolist() == [True, False]


ELEPHANT = TokenSequence(
    "elephant", (Token(1, "ele", "ele", 0, 3), Token(2, "##phant", "phant", 3, 8))
)
CATS = TokenSequence.from_strings(["cats"])
HAY = TokenSequence("hay bark", (*DOCUMENT.tokens[:2], Token(4, "bark", "bark", 4, 8)))
TWO = TokenSequence.from_strings(["cats", "dogs"])


def said_of_a_word(x):
    """Return what each view says of the only query word: tied, close or nothing; and where."""
    (row,) = page_result(x, level="word").data["grid"]["rows"]
    chart, drawn, written = contribution_chart(x, level="word"), heatmap(x, level="word"), report(x)
    bars = chart.data[0]
    frames = {trace.name: trace for trace in drawn.data}
    dashed = [place for place in frames["tie"].x or () if place is not None]
    return {
        "list": {"tie": "tied", "close": "close", "": "firm"}[row["firm"]],
        "chart": firmness_in(bars.text[0], "(tie)", "(close"),
        "chart's hover": firmness_in(bars.customdata[0], "A tie", "A close call"),
        "heatmap's hover": firmness_in(
            str(drawn.to_dict()), ("A tie", "tied with 1 other"), "A close call"
        ),
        "frames": "tied" if dashed else "not tied",
        "report": firmness_in(written, "A tie", "A close call"),
        "summary": firmness_in(written, "is matched equally well", "is a close call"),
    }


def firmness_in(text, tied, close):
    tied = (tied,) if isinstance(tied, str) else tied
    found = [word for word in tied if word in text], close in text
    assert not all(found), text  # never both
    return "tied" if found[0] else "close" if found[1] else "firm"


def test_every_view_says_the_same_of_words_of_several_pieces_and_of_ties_within_a_word():
    word = "another piece of the same word is equal within numerical error"
    place = "1 other place is equal within numerical error"
    cases = {
        "the weaker piece is tied": (ELEPHANT, TWO, [[0.7, 0.3], [0.6, 0.6]], "tied", place),
        "the stronger is tied": (ELEPHANT, TWO, [[0.7, 0.7], [0.6, 0.3]], "tied", place),
        "one is tied, one close": (ELEPHANT, TWO, [[0.7, 0.69], [0.6, 0.6]], "tied", place),
        "one is close": (ELEPHANT, TWO, [[0.7, 0.3], [0.6, 0.59]], "close", "is 0.010 behind"),
        "none is": (ELEPHANT, TWO, [[0.7, 0.3], [0.6, 0.3]], "firm", ""),
        "a tie within a word": (CATS, HAY, [[0.5, 0.5, 0.1]], "tied", word),
        "a tie within a word and near another": (CATS, HAY, [[0.5, 0.5, 0.49]], "tied", word),
        "a piece is tied within a word": (
            *(ELEPHANT, HAY),
            *([[0.7, 0.3, 0.1], [0.5, 0.5, 0.1]], "tied", word),
        ),
        "near within a word": (CATS, HAY, [[0.5, 0.49, 0.1]], "firm", ""),
    }
    for name, (query, document, similarity, firmness, where) in cases.items():
        x = Explanation(query, document, np.array(similarity, np.float32), Provenance("mine"))
        (match,) = x.word_matches
        assert match.firmness == firmness, name
        said = said_of_a_word(x)
        frames = said.pop("frames")
        assert said == dict.fromkeys(said, firmness), name
        assert frames == ("tied" if firmness == "tied" else "not tied"), name
        assert where in report(x), name
        assert where in contribution_chart(x, level="word").data[0].customdata[0], name
        if firmness == "tied":
            elsewhere = where == place
            assert ("elsewhere in the document" in report(x)) is elsewhere, name
            assert ("in other pieces of the same word" in report(x)) is not elsewhere, name
            for level in ("token", "word"):
                texts = " ".join(contribution_chart(x, level=level).data[0].text)
                assert "(tie)" in texts, (name, level)
                assert "within the word" not in texts, (name, level)


def test_the_heatmap_of_tokens_names_a_close_call_as_the_chart_does():
    x = explanation("a b", "one two", [[0.5, 0.49], [0.5, 0.4]])
    (sentence,) = [hover for hover in hovers(heatmap(x)) if "A close call" in hover]
    assert "“two” in “one two” is 0.010 behind." in sentence
    assert "“two” in “one two” is 0.010 behind." in contribution_chart(x).data[0].customdata[0]


def hovers(figure):
    return list(figure.layout.yaxis.labelalias.values())


def test_the_strongest_piece_comes_first_and_all_add_up(encoder):
    x = explain(
        "What don't pachydermatous elephants eat?", "Elephants do not eat hydrogen.", encoder
    )
    matches = x.word_matches
    assert sum(match.contribution for match in matches) == pytest.approx(x.score, abs=1e-5)
    for match in matches:
        values = [piece.similarity for piece in match.pieces]
        assert values == sorted(values, reverse=True)
        assert sum(values) == pytest.approx(match.contribution, abs=1e-5)
