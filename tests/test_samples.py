import pytest

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
