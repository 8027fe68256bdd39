"""What the tests of the pages share."""

import threading

from tests.conftest import ToyEncoder


class GatedEncoder(ToyEncoder):
    """Waits before it reads a document, until the test lets it go on."""

    def __init__(self):
        super().__init__()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def embed_document(self, text, *, progress=None):
        self.reached.set()
        self.go_on.wait(120.0)
        return super().embed_document(text, progress=progress)
