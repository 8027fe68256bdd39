"""What the tests of the panels share: a panel, and explanations shown in it."""

import threading

import pytest

from colbert_explain.app.results_panel import ResultsPanel
from colbert_explain.explanation import explain
from colbert_explain.views.charts.heatmap.figure import draw_heatmap
from tests.conftest import ToyEncoder

LONG = " ".join(f"Word {n} of many." for n in range(60)) + " Cats eat fish. " + "Dogs bark. " * 9


@pytest.fixture
def panel():
    return ResultsPanel()


@pytest.fixture
def long_encoder(toy_encoder):
    return type(toy_encoder)(document_length=2000)


def show(panel, query, document, encoder):
    x = explain(query, document, encoder)
    panel.show(x, draw_heatmap(x))
    return x


class GatedEncoder(ToyEncoder):
    """Waits before it reads a document, until the test lets it go on."""

    def __init__(self):
        super().__init__()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def embed_document(self, text, *, progress=None):
        self.reached.set()
        self.go_on.wait(120.0)
        return super().embed_document(text, progress=progress)
