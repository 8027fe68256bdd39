from colbert_explain.views import report
from colbert_explain.views.text.report.sections import report_sections
from tests.example_explanations import example


def test_a_report_is_its_sections_with_headings_and_lists():
    x = example(12, 14)
    blocks = report(x).split("\n\n")
    sections = report_sections(x)
    assert len(blocks) == len(sections) >= 7
    for block, section in zip(blocks, sections, strict=True):
        heading, *lines = block.split("\n")
        n_sentences = len(section.sentences)
        assert heading == section.heading
        assert tuple(lines[:n_sentences]) == section.sentences
        assert tuple(lines[n_sentences:]) == tuple(f"- {item}" for item in section.items)
