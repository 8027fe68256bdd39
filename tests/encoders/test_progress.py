import io
import threading

import pytest
from jupyter_client.manager import start_new_kernel
from torch import nn
from transformers.utils import logging as transformers_logging

from colbert_explain.encoders import progress_bar
from colbert_explain.encoders.progress import layers_of, quiet_loading, reporting_layers
from colbert_explain.encoders.progress_bar import progress_shown
from tests import patience


class Stack(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.heads = nn.ModuleList([nn.Linear(2, 2), nn.ReLU()])
        self.layers = nn.ModuleList(nn.Identity() for _ in range(layers))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def test_every_layer_of_every_window_is_reported():
    seen, stack = [], Stack(3)
    with reporting_layers(layers_of(stack), 2, lambda *at: seen.append(at)) as next_window:
        for number in range(2):
            next_window(number)
            stack(1)
    assert seen == [(done, 6) for done in range(7)]
    stack(1)
    assert len(seen) == 7  # the hooks are gone


def test_what_a_report_raises_stops_the_work_and_leaves_no_hook():
    stack = Stack(4)

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    def work():
        with reporting_layers(layers_of(stack), 1, stop) as next_window:
            next_window(0)
            stack(1)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert stack(1) == 1


def test_another_thread_with_the_same_network_is_not_reported():
    seen, stack = [], Stack(3)
    with reporting_layers(layers_of(stack), 1, lambda *at: seen.append(at)):
        other = threading.Thread(target=stack, args=(1,))
        other.start()
        other.join()
        assert seen == []
    assert seen == [(3, 3)]


def test_a_network_without_layers_is_reported_by_windows():
    seen = []
    with reporting_layers(layers_of(nn.Identity()), 2, lambda *at: seen.append(at)) as next_window:
        next_window(0)
        next_window(1)
    assert seen == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize("watched", [True, False])
def test_a_bar_is_drawn_where_somebody_sees_it(monkeypatch, watched):
    page = io.StringIO()
    monkeypatch.setattr(progress_bar, "DELAY", 0)
    page.isatty = lambda: watched
    monkeypatch.setattr("sys.stderr", page)
    with progress_shown(None, "Reading the document") as report:
        report(0, 4)
        report(3, 4)
    assert ("Reading the document:   0%" in page.getvalue()) == watched


def test_a_caller_that_reports_itself_gets_no_bar(monkeypatch):
    page, seen = io.StringIO(), []
    monkeypatch.setattr("sys.stderr", page)
    with progress_shown(lambda *at: seen.append(at), "Reading") as report:
        report(1, 2)
    assert seen == [(1, 2)]
    assert page.getvalue() == ""


READ_WITH_A_BAR = """
import colbert_explain as ce
from colbert_explain.encoders import progress_bar

progress_bar.DELAY = 0
progress_bar._PAUSE = 0
encoder = ce.load_encoder()
_ = encoder.embed_document("Cats eat fish.")
"""


def test_a_bar_in_a_notebook_shows_to_a_person_and_leaves_nothing():
    manager, client = start_new_kernel()
    try:
        for watched in (True, False):  # who runs a notebook to save it takes no input
            said = []
            client.execute_interactive(
                READ_WITH_A_BAR,
                timeout=patience.seconds(120),
                allow_stdin=watched,
                output_hook=said.append,
            )
            shown = [m for m in said if m["msg_type"] not in ("status", "execute_input")]
            if not watched:
                assert shown == []
                continue
            kinds = {m["msg_type"] for m in shown}
            assert kinds == {"display_data", "update_display_data"}
            assert [m["msg_type"] for m in shown].count("display_data") == 1  # one place, rewritten
            texts = [m["content"]["data"]["text/plain"] for m in shown]
            assert "Reading the document: 50%" in texts
            assert texts[-1] == ""
            assert shown[-1]["content"]["data"]["text/html"] == ""
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_bars_of_transformers_stay_away_while_any_thread_loads():
    inside, done = threading.Event(), threading.Event()

    def load():
        with quiet_loading():
            inside.set()
            done.wait(10)

    before = transformers_logging.get_verbosity()
    transformers_logging.enable_progress_bar()
    other = threading.Thread(target=load)
    with quiet_loading():
        other.start()
        assert inside.wait(10)
    assert not transformers_logging.is_progress_bar_enabled()  # the other still loads
    done.set()
    other.join()
    assert transformers_logging.is_progress_bar_enabled()
    assert transformers_logging.get_verbosity() == before
