"""When a pair is explained while somebody types. Time is a number that a test moves on."""

import pytest

from tests.browser.javascript.modules import blank_page

#: Each act happens at its time in milliseconds; the answer lists when something was explained.
PLAY = """
async ([acts, { text = "cats", document = "dogs", more = [] }]) => {
  const { liveRule } = await import("/inputs/live.js");
  let time = 0;
  const timers = [];
  const explained = [];
  const texts = { query: text, documents: [document, ...more].map((one) => ({ text: one })) };
  const rule = liveRule({
    texts: () => texts,
    explain() { explained.push(time); rule.sent(); return true; },
    now: () => time,
    later(act, wait) {
      const timer = { at: time + wait, act };
      timers.push(timer);
      return () => (timer.at = Infinity);
    },
  });
  const run = (until) => {
    for (;;) {
      const next = timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      time = next.at;
      next.at = Infinity;
      next.act();
    }
    time = until;
  };
  for (const [at, name, ...given] of acts) { run(at); rule[name](...given); }
  run(1e6);
  return { explained, isPaused: rule.isPaused };
}
"""


@pytest.fixture
def play(shared, browser):
    page = shared.get("blank page", lambda: blank_page(browser))
    return lambda *acts, **texts: page.evaluate(PLAY, [[list(act) for act in acts], texts])


def test_a_pause_explains_once_for_all_that_was_typed(play):
    assert play((0, "typed"), (100, "typed"), (450, "typed"))["explained"] == [850]


def test_nothing_is_explained_without_text_or_when_it_is_long_or_one_of_several(play):
    for texts in (
        {"text": " "},
        {"document": ""},
        {"document": "x" * 597},
        {"more": ["another"]},
    ):
        assert play((0, "typed"), **texts)["explained"] == [], texts
    assert play((0, "typed"), document="🐼" * 596)["explained"] == [400]  # as Python counts


def test_the_switch_turns_it_off_at_once_and_on_again(play):
    assert play((0, "typed"), (100, "turn", False), (200, "typed"))["explained"] == []
    assert play((0, "turn", False), (10, "turn", True), (20, "typed"))["explained"] == [420]


#: An answer that is not counted: it is the first of the page.
FIRST = ((0, "sent"), (0, "answered"))


def test_one_slow_answer_pauses_it_until_a_quick_one_came(play):
    slow = [*FIRST, (0, "typed"), (901, "answered"), (1000, "typed")]
    assert play(*slow) == {"explained": [400], "isPaused": True}
    # The reader explains by hand; after one quick answer it goes on.
    quick = [(2000, "sent"), (2100, "answered")]
    assert play(*slow, *quick, (4000, "typed")) == {"explained": [400, 4400], "isPaused": False}
    assert play(*slow, (2000, "sent"), (2501, "answered"))["isPaused"]
    # Or when it is turned on again.
    assert play(*slow, (2000, "turn", True), (2001, "typed"))["explained"] == [400, 2401]


def test_the_first_answer_of_a_page_may_be_slow(play):
    first = [(0, "typed"), (9000, "answered")]
    assert play(*first, (9001, "typed"))["explained"] == [400, 9401]
    again = [(10000, "sent"), (10501, "answered")]
    assert play(*first, *again)["isPaused"]


def test_the_answer_to_longer_texts_may_be_slow(play):
    slow = [*FIRST, (1000, "sent"), (9000, "answered")]
    assert not play(*slow, document="x" * 597)["isPaused"]


def test_an_answer_of_half_a_second_is_quick_enough(play):
    acts = [*FIRST, (0, "typed"), (900, "answered"), (1000, "typed")]
    assert play(*acts)["explained"] == [400, 1400]


def test_what_is_typed_before_an_answer_waits_for_it(play):
    acts = [(0, "typed"), (450, "typed"), (890, "answered")]
    assert play(*acts)["explained"] == [400, 890]


def test_work_that_was_cancelled_is_not_timed(play):
    acts = [(0, "typed"), (5000, "answered", False), (6000, "typed")]
    assert play(*acts) == {"explained": [400, 6400], "isPaused": False}


def test_explaining_by_hand_takes_the_place_of_the_pause(play):
    assert play((0, "typed"), (100, "sent"), (200, "answered"))["explained"] == []
