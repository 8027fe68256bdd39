from hypothesis import given
from hypothesis import strategies as st

from colbert_explain.tokens import Token, TokenSequence
from colbert_explain.views.html.highlight.notes import Note, text_items
from colbert_explain.views.html.highlight.segments import (
    FOLD_FROM,
    Fold,
    Segment,
    cut_into_segments,
    fold,
)


def unfolded(runs):
    return [s for run in runs for s in (run.segments if isinstance(run, Fold) else (run,))]


#: Texts with states; made to segments in the tests, whose types are checked by random samples.
PARTS = st.lists(
    st.tuples(
        st.text("ab ", min_size=1, max_size=20),
        st.sampled_from(["plain", "plain", "weak", "match", "unscored", "unread"]),
    ),
    max_size=8,
)


def segments_of(parts):
    return [
        Segment(
            *(text * 40, state),
            value=0.5 if state in ("match", "weak") else None,
            evident=state == "match",
        )
        for text, state in parts
    ]


@given(PARTS)
def test_folding_loses_no_character_and_hides_no_evidence(parts):
    segments = segments_of(parts)
    runs = list(fold(segments))
    assert "".join(s.text for s in unfolded(runs)) == "".join(s.text for s in segments)
    for run in runs:
        if isinstance(run, Fold):
            assert run.n_characters > 0
            assert not any(s.evident for s in run.segments)
            assert len({s.state == "unread" for s in run.segments}) == 1
            assert run.read == (run.segments[0].state != "unread")


@given(PARTS)
def test_a_coloured_word_is_never_cut(parts):
    segments = segments_of(parts)
    boxes = [s.text for s in segments if s.value is not None]
    assert [s.text for s in unfolded(fold(segments)) if s.value is not None] == boxes


def test_a_stretch_of_the_limit_stays_open_and_one_character_more_does_not():
    assert list(fold([Segment("a" * FOLD_FROM)])) == [Segment("a" * FOLD_FROM)]
    assert any(isinstance(run, Fold) for run in fold([Segment("a" * (FOLD_FROM + 1))]))
    weak = Segment("a" * (FOLD_FROM + 1), "weak", value=0.1)
    assert list(fold([weak])) == [weak]  # one long word


def test_neighbours_that_are_not_scored_are_one_run():
    words = ["cats", "(", "!", ")", "eat"]
    text = "cats ( ! ) eat"
    tokens, at = [], 0
    for word in words:
        at = text.index(word, at)
        tokens.append(Token(0, word, word, at, at + len(word), scored=word.isalpha()))
    sequence = TokenSequence(text, tuple(tokens))
    notes = {0: Note(0.5, "t", (0,))}
    found = cut_into_segments(sequence, text_items(sequence), notes, None)
    assert [(s.text, s.state) for s in found] == [
        ("cats", "match"),
        (" ", "plain"),
        ("( ! )", "unscored"),
        (" eat", "plain"),
    ]
    pinned = cut_into_segments(sequence, text_items(sequence), notes, 2)
    assert [s.text for s in pinned if s.pinned] == ["!"]
