import io
import threading

import pytest
from torch import nn

from colbert_explain.encoders import progress
from colbert_explain.encoders.progress import progress_shown, reporting_layers


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
    with reporting_layers(stack, 2, lambda *at: seen.append(at)) as next_window:
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
        with reporting_layers(stack, 1, stop) as next_window:
            next_window(0)
            stack(1)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert stack(1) == 1


def test_another_thread_with_the_same_network_is_not_reported():
    seen, stack = [], Stack(3)
    with reporting_layers(stack, 1, lambda *at: seen.append(at)):
        other = threading.Thread(target=stack, args=(1,))
        other.start()
        other.join()
        assert seen == []
    assert seen == [(3, 3)]


def test_a_network_without_layers_is_reported_by_windows():
    seen = []
    with reporting_layers(nn.Identity(), 2, lambda *at: seen.append(at)) as next_window:
        next_window(0)
        next_window(1)
    assert seen == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize("watched", [True, False])
def test_a_bar_is_drawn_where_somebody_sees_it(monkeypatch, watched):
    page = io.StringIO()
    monkeypatch.setattr(progress, "DELAY", 0)
    monkeypatch.setattr(progress, "watcher", lambda: "terminal" if watched else None)
    monkeypatch.setattr("sys.stderr", page)
    with progress_shown(None, "Reading the document") as report:
        report(0, 4)
        report(3, 4)
    assert ("Reading the document:   0%" in page.getvalue()) == watched


def test_a_dashboard_gets_no_bar(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stderr", terminal)
    assert progress.watcher() == "terminal"
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5")
    assert progress.watcher() is None


def test_a_caller_that_reports_itself_gets_no_bar(monkeypatch):
    page, seen = io.StringIO(), []
    monkeypatch.setattr("sys.stderr", page)
    with progress_shown(lambda *at: seen.append(at), "Reading") as report:
        report(1, 2)
    assert seen == [(1, 2)]
    assert page.getvalue() == ""
