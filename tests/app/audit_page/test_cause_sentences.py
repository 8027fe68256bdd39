from colbert_explain.app.audit_page.cause_sentences import CAUSE_SENTENCES
from colbert_explain.evaluation.audit.causes import CAUSES, OTHER


def test_every_cause_has_a_sentence():
    assert list(CAUSE_SENTENCES) == [*CAUSES, OTHER]
    assert all(said.endswith(".") for said in CAUSE_SENTENCES.values())
