from colbert_explain.app.passage_list import PassageList


def test_a_click_in_the_page_picks_a_sentence():
    picked = []
    PassageList(lambda *tokens: picked.append(tokens))._receive(
        None, {"event": "pick", "first": 4, "stop": 9}, []
    )
    assert picked == [(4, 9)]
