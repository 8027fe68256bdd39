import numpy as np
import pytest

import colbert_explain as ce
from colbert_explain.views.html.tables import token_table

PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title><body>{}'
LOOK = """rows => rows.map(row => [...row.children].map(cell => {
  const style = getComputedStyle(cell);
  return [style.backgroundColor, style.color];
}))"""


@pytest.fixture(scope="module")
def table():
    query = ce.TokenSequence(
        "cats , eat",
        (
            ce.Token(1, "cats", "cats", 0, 4),
            ce.Token(2, ",", ",", 5, 6, scored=False),
            ce.Token(3, "eat", "eat", 7, 10),
        ),
    )
    mine = ce.TokenEmbeddings(query, np.eye(3, dtype=np.float32))
    return token_table(ce.explain_embeddings(mine, mine))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pinned_row_is_tinted_and_an_unscored_one_only_grey(new_context, table, scheme):
    page = new_context(color_scheme=scheme).new_page()
    page.set_content(PAGE.format(table))
    # What the page does to the row of a pinned pair.
    page.locator("tr[data-tokens='2']").evaluate("row => row.classList.add('ce-pin')")
    plain, unscored, pinned = page.locator("tbody tr").evaluate_all(LOOK)
    clear = "rgba(0, 0, 0, 0)"
    assert {ground for ground, _ in plain} == {clear}
    assert {ground for ground, _ in unscored} == {clear}
    assert clear not in {ground for ground, _ in pinned}
    inks = [{ink for _, ink in row} for row in (plain, unscored, pinned)]
    assert [len(ink) for ink in inks] == [1, 1, 1]
    assert inks[0] == inks[2] != inks[1]
