import pytest

from colbert_explain.app.export import file_sender
from colbert_explain.app.export.exported_files import ExportedFile
from colbert_explain.app.export.file_sender import FileSender


class Page:
    def __init__(self):
        self.messages = []

    def send(self, content, buffers=None):
        self.messages.append((content, buffers))


@pytest.mark.parametrize(("content", "n_parts"), [(b"", 1), (b"a" * 10, 1), (b"0123456789a", 2)])
def test_the_parts_of_a_file_are_the_file(monkeypatch, content, n_parts):
    monkeypatch.setattr(file_sender, "PART", 10)
    page = Page()
    FileSender(page).send(ExportedFile("a.csv", "text/csv", content))
    assert b"".join(buffer for _, [buffer] in page.messages) == content
    assert [message["index"] for message, _ in page.messages] == list(range(n_parts))
    for message, _ in page.messages:
        assert message["count"] == n_parts
        assert (message["name"], message["mime"]) == ("a.csv", "text/csv")


def test_parts_of_two_files_are_told_apart():
    page = Page()
    sender = FileSender(page)
    for name in ("a.csv", "b.csv"):
        sender.send(ExportedFile(name, "text/csv", b"1"))
    one, other = (message["number"] for message, _ in page.messages)
    assert one != other
