"""A page may send anything: what is wrong changes nothing, and what is right still works."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ipywidgets
import pytest

from colbert_explain.app import Exercise, MaxSimStepper, Workbench
from colbert_explain.explanation import explain
from colbert_explain.operator_settings import OperatorSettings

CATS = "Cats eat fish. Dogs bark at them. Birds sing in the trees."
HUGE = 10**400
NOTHING_OF_THE_KIND = (None, True, 5, -1, 1.5, float("nan"), HUGE, "x", [], [[]], {}, {"a": 1})
BAD_VALUES = (*NOTHING_OF_THE_KIND, ["x"], [1], [True, False], [1, "x"], [0, HUGE])
#: Right messages of all widgets; each field is then spoilt in turn.
MESSAGES: tuple[dict[str, Any], ...] = (
    {
        "event": "explain",
        "query": "a",
        "documents": [["A", "b"], ["B", "c"]],
        "live": False,
        "request": 1,
    },
    {"event": "choose", "position": 1},
    {"event": "pin", "row": 0, "column": 1},
    {"event": "section", "name": "table"},
    {"event": "compare", "first": 0, "second": 1},
    {"event": "what_if", "first": 0, "stop": 1},
    {"event": "file", "to": "1", "name": "a.txt"},
    {
        "event": "rows",
        "to": "1",
        "mode": "add",
        "text_column": 0,
        "name_column": 1,
        "has_header": True,
        "most_documents": 5,
        "most_characters": 100,
    },
    {"event": "save", "kind": "html"},
    {"event": "model_choose", "key": "bundled", "layers": [3, 6]},
    {"event": "model_name", "name": "a/b"},
    {"event": "answer", "given": "per"},
)


def all_widgets(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """List a widget, its layout and style, and all that is in it."""
    yield widget
    for name in ("layout", "style"):
        if isinstance(getattr(widget, name, None), ipywidgets.Widget):
            yield getattr(widget, name)
    for child in getattr(widget, "children", ()):
        yield from all_widgets(child)


def send(widget: ipywidgets.Widget, data: Any, buffers: tuple[bytes, ...] = ()) -> None:
    """Let a message arrive as a page sends it."""
    widget.comm.handle_msg({"content": {"data": data}, "buffers": list(buffers)})


def tell(widget: ipywidgets.Widget, content: Any, buffers: tuple[bytes, ...] = ()) -> None:
    send(widget, {"method": "custom", "content": content}, buffers)


@contextmanager
def surviving(widget: ipywidgets.Widget, message: Any) -> Iterator[None]:
    """Name the widget and the message where one makes the other raise."""
    try:
        yield
    except Exception as error:
        pytest.fail(f"{type(widget).__name__}, {message!r:.200}: {error!r}")


def state_of(widgets: list[ipywidgets.Widget]) -> str:
    scripts = {"_esm", "_css"}
    states = [widget.get_state([k for k in widget.keys if k not in scripts]) for widget in widgets]
    written = json.dumps(
        states, ensure_ascii=False, default=lambda value: repr(getattr(value, "obj", value))
    )
    written.encode()  # as the kernel does: half a character would keep the page from its message
    return written


@pytest.fixture
def workbench(toy_encoder) -> Workbench:
    documents = {"A": CATS, "B": "Dogs eat fish."}
    made = Workbench(toy_encoder, query="What do cats eat?", documents=documents)
    made.wait(30.0)
    assert made.explanation is not None
    return made


@pytest.fixture
def exercise() -> Exercise:
    return Exercise("Which word?", right="per", options=["per", "day"])


@pytest.fixture
def stepper(toy_encoder) -> MaxSimStepper:
    return MaxSimStepper(explain("What do cats eat?", CATS, toy_encoder))


@pytest.fixture
def pages(workbench, exercise, stepper) -> list[ipywidgets.Widget]:
    found = [w for page in (workbench, exercise, stepper) for w in all_widgets(page)]
    assert len(found) > 15
    return found


def wrong_contents() -> Iterator[Any]:
    yield from BAD_VALUES
    for event in (*BAD_VALUES, "nonsense", "__init__", "received"):
        yield {"event": event}
    asked = {"event": "explain", "query": "a", "live": False, "request": 1}
    for documents in ([1], [["a", "b"], ["c"]], {"A": "b"}, "b"):
        yield {**asked, "documents": documents}
    yield {"event": "file", "to": "1", "name": "a.txt"}  # without its bytes
    for message in MESSAGES:
        for field, right in message.items():
            if field != "event":
                yield {name: value for name, value in message.items() if name != field}
                for value in wrong_values(field, right):
                    yield {**message, field: value}


def wrong_values(field: str, right: object) -> list[Any]:
    """List values of a kind other than the right one."""
    kinds = {float: (int, float)}.get(type(right), (type(right),))
    wrong = [value for value in BAD_VALUES if type(value) not in kinds]
    if field == "name_column":
        wrong.remove(None)
    if isinstance(right, float):
        wrong += [float("nan"), float("inf"), HUGE]
    if isinstance(right, list):
        wrong += [[*right, {}], [*right, None], [*right, True], [*right, 1.5]]
    return wrong


def test_messages_of_the_wrong_kind_change_nothing(pages, workbench, exercise):
    before, shown = state_of(pages), workbench.explanation
    for widget in pages:
        for content in wrong_contents():
            with surviving(widget, content):
                tell(widget, content)
        assert state_of(pages) == before, type(widget).__name__
    assert workbench.explanation is shown
    assert not exercise.solved


def test_damaged_envelopes_change_nothing(pages):
    before = state_of(pages)
    envelopes = [
        *BAD_VALUES,
        *({"method": method} for method in (*BAD_VALUES, "update", "custom", "nonsense")),
        *({"method": "update", "state": state} for state in BAD_VALUES if state != {"a": 1}),
        {"method": "update", "state": {"theme": "dark"}, "buffer_paths": [["theme"]]},
        {"method": "update", "state": {"theme": "dark"}, "buffer_paths": [5]},
    ]
    for widget in pages:
        for data in envelopes:
            with surviving(widget, data):
                send(widget, data)
        assert state_of(pages) == before, type(widget).__name__


def test_a_page_sets_only_what_it_may_and_only_to_what_it_may_be(pages):
    before = state_of(pages)
    for widget in pages:
        for name in (*widget.keys, "keys", "comm", "nonsense"):
            for value in BAD_VALUES:
                with surviving(widget, {name: value}):
                    send(widget, {"method": "update", "state": {name: value}})
        assert state_of(pages) == before, type(widget).__name__


def test_the_page_still_works_after_wrong_messages(pages, workbench, exercise, caplog):
    with caplog.at_level(logging.WARNING):
        for widget in pages:
            for content in ({"event": "explain", "query": "a", "documents": [1]}, 5):
                tell(widget, content)
    lines = [record.getMessage() for record in caplog.records]
    assert lines
    assert all(
        record.exc_info is None and "\n" not in record.getMessage() for record in caplog.records
    )
    assert all(len(line) < 100 for line in lines)

    page = workbench.page
    send(page, {"method": "update", "state": {"theme": "dark"}})
    assert workbench.state.theme == "dark"
    options = {"level": "token", "order": "text", "unscored": True}
    send(page, {"method": "update", "state": {"options": options}})
    workbench.wait(30.0)
    assert page.result["grid"]["unit"] == "token"
    tell(page, {"event": "choose", "position": 1 - workbench.state.position})
    workbench.wait(30.0)
    tell(page, {"event": "pin", "row": 1, "column": 1})
    assert workbench.state.pinned == (1, 1)
    tell(page, {"event": "what_if", "first": 1, "stop": 2})
    workbench.wait(30.0)
    assert page.what_if["masked"] is not None
    asked = {"event": "explain", "query": "Who barks?", "live": False, "request": 7}
    tell(page, {**asked, "documents": [["", CATS]]})
    workbench.wait(30.0)
    assert workbench.explanation.query.text == "Who barks?"
    assert (page.result["request"], page.problem) == (7, "")
    form_of_exercise = exercise.children[1]
    tell(form_of_exercise, {"event": "answer", "given": "per"})
    assert exercise.solved


def test_no_log_line_holds_what_the_visitor_wrote(workbench, caplog):
    secret, page = "my secret question", workbench.page
    with caplog.at_level(logging.INFO):
        tell(page, {"event": secret, "query": secret, "documents": [secret]})
        tell(page, {"event": "explain", "query": secret, "documents": [secret]})
        send(page, {"method": "update", "state": {"query": secret, "theme": secret}})
        send(page, {"method": secret})
    assert len(caplog.records) == 4
    assert secret not in caplog.text


def test_limits_are_those_of_the_settings_whatever_the_page_sets(toy_encoder):
    settings = OperatorSettings(largest_text=100, largest_file=50, most_documents=2)
    workbench = Workbench(toy_encoder, query="a", documents="b", settings=settings)
    workbench.wait(30.0)
    page, answers = workbench.page, []
    page.send = lambda content, buffers=None: answers.append(content)  # what the page hears
    limits = {"limits": dict.fromkeys(page.limits, 10**9)}
    send(page, {"method": "update", "state": limits})
    page.set_state(limits)
    page.limits = limits["limits"]  # and if ever it could set them

    tell(page, {"event": "file", "to": "1", "name": "a.txt"}, (b"x" * 51,))
    assert "51 bytes, more than 50" in answers[-1]["sentence"]
    asked = {"event": "explain", "query": "a", "live": False, "request": 1}
    tell(page, {**asked, "documents": [["", "b" * 100]]})
    assert page.problem == (
        "Query and documents must have at most 100 characters in total, got 101."
    )
    tell(page, {**asked, "documents": [[n, n] for n in "bcd"]})
    assert page.problem == "The number of documents must be at most 2, got 3."
    tell(page, {"event": "file", "to": "1", "name": "a.csv"}, (b"text\nab\ncd\nef\n",))
    assert answers[-1]["event"] == "table", answers
    rows = {"text_column": 0, "name_column": None, "has_header": True, "mode": "replace", "to": "1"}
    tell(page, {"event": "rows", "most_documents": 10**9, "most_characters": 10**9, **rows})
    assert len(answers[-1]["documents"]) == 2


def test_absurd_values_of_the_right_kind_raise_nothing(pages):
    half = "a \ud800 b"
    asked = {"event": "explain", "query": "a", "live": False, "request": HUGE}
    absurd = [
        {**asked, "query": half, "documents": [["", "b"]]},
        {**asked, "documents": [["A", half], ["B", "c d"]]},
        {**asked, "documents": []},
        {**asked, "query": "", "documents": [["", ""]]},
        {"event": "file", "to": "1", "name": "../../a\0.csv"},
        {"event": "compare", "first": HUGE, "second": -HUGE},
        {"event": "choose", "position": -HUGE},
        {"event": "pin", "row": HUGE, "column": -HUGE},
        {"event": "what_if", "first": -HUGE, "stop": HUGE},
        {"event": "what_if", "first": 5, "stop": 4},
        {"event": "what_if_reencode"},
        {"event": "save", "kind": "9" * 100_000},
        {"event": "model_choose", "key": half, "layers": [HUGE]},
        {"event": "model_choose", "key": "bundled", "layers": [HUGE]},
        {"event": "model_name", "name": half},
        {"event": "model_name", "name": "/" * 100_000},
        {"event": "answer", "given": half},
        {"event": "answer", "given": "9" * 100_000},
    ]
    for widget in pages:
        for content in absurd:
            with surviving(widget, content):
                tell(widget, content, (b"a\xff",))
                if hasattr(widget, "wait"):
                    widget.wait(30.0)
                state_of(pages if hasattr(widget, "wait") else [widget])
