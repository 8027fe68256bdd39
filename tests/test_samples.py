import pytest

from colbert_explain.explanation import explain
from colbert_explain.samples import load_samples

GROUPS = ["Identical", "Paraphrased", "Unrelated", "Long document", "Tricky"]


def test_groups_come_in_order_and_every_pair_has_its_texts():
    samples = load_samples()
    assert list(dict.fromkeys(sample.group for sample in samples)) == GROUPS
    assert all(s.query.strip() and s.document.strip() and s.note and s.title for s in samples)
    assert len({sample.title for sample in samples}) == len(samples)


def test_one_group_can_be_asked_for():
    assert {sample.group for sample in load_samples("Tricky")} == {"Tricky"}
    with pytest.raises(ValueError, match=r"group must be one of Identical, .*, got 'Easy'"):
        load_samples("Easy")


def test_the_long_document_holds_its_planted_sentence_once_after_60_percent(encoder):
    (article,) = load_samples("Long document")
    assert article.document.count(article.planted) == 1
    tokens = encoder.model.tokenizer(article.document, add_special_tokens=False, verbose=False)
    n_tokens = len(tokens["input_ids"])
    assert 7_900 <= n_tokens <= 8_190
    place = tokens.char_to_token(article.document.index(article.planted))
    assert 0.6 < place / n_tokens < 0.75


def matches(title, encoder):
    """For each scored word of the query: the word it chose, and how similar the two are."""
    (sample,) = [one for one in load_samples("Tricky") if one.title == title]
    x = explain(sample.query, sample.document, encoder)
    rows = zip(x.query, x.alignment, x.contributions, strict=True)
    return {t.text: (x.document[int(j)].text, float(c)) for t, j, c in rows if j >= 0}, x


def test_what_the_notes_on_tricky_pairs_say_is_so(encoder):
    found, x = matches("A denial and its opposite", encoder)
    assert [word for word, (match, _) in found.items() if match != word] == ["not"]
    assert x.score > 0.8 * len(found)
    found, x = matches("The same words, another meaning", encoder)
    assert all(word.lower() == match.lower() for word, (match, _) in found.items())
    assert 0.85 < x.score / len(found) < 0.95
    found, _ = matches("Only one number differs", encoder)
    assert [word for word, (match, _) in found.items() if match != word] == ["10"]
    found, x = matches("Emoji and Chinese words", encoder)
    assert [t.text for t in x.query if t.unknown] == ["🐼"]
    assert {"🐼", "熊"} <= {t.text for t in x.document if t.unknown}
    found, x = matches("A typed [MASK] that is only text", encoder)
    assert found["MASK"][0] == "MASK"
    assert all(t.role == "text" for t in x.query[1:-1])
    found, x = matches("Markup shown as plain text", encoder)
    assert found["bold"][0] == "bold"
    assert "<b>bold</b>" in x.query.text
