import threading
from contextlib import closing

import pytest

from colbert_explain.app import Workbench
from colbert_explain.app.models.selection import BUNDLED
from colbert_explain.encoders.remote import connection
from colbert_explain.operator_settings import OperatorSettings
from tests.encoder_service.programs import Program, wait_for

LONG = 60.0


@pytest.fixture(scope="module")
def shared():
    """A service with toys that no test stops or fills."""
    with closing(Program()) as program:
        yield program


@pytest.fixture
def start():
    """Start a service that ends with the test; its variables are given."""
    programs = []

    def start_one(**variables):
        named = {f"COLBERT_EXPLAIN_{name}": value for name, value in variables.items()}
        programs.append(Program(environment=named))
        return programs[-1]

    yield start_one
    for program in programs:
        program.close()


def bench_of(program):
    settings = OperatorSettings(encoder=program.address, models=("*",))
    return Workbench(query="", documents="", settings=settings)


def explained(bench, query="cats", document="Cats eat."):
    bench.start(query, document)
    bench.wait(LONG)
    return bench


def choose(bench, event, **fields):
    bench.page._receive(None, {"event": f"model_{event}", **fields}, [])
    bench.models.wait(LONG)
    bench.wait(LONG)


def statuses(bench):
    said = []
    bench.page.observe(lambda change: said.append(change["new"]["status"]), names="work")
    return said


def test_a_pair_is_explained_by_the_service_and_its_model_is_described(shared):
    bench = explained(bench_of(shared))
    assert bench.page.problem == ""
    assert bench.explanation.provenance.model == "toy"
    assert bench.page.models["description"]["name"] == "toy"
    assert bench.page.models["description"]["kind"] == "a vector per word"


def test_progress_comes_from_the_service_and_cancel_goes_there(shared):
    bench = bench_of(shared)
    shares = []
    bench.page.observe(lambda change: shares.append(change["new"]["progress"]), names="work")
    bench.start("cats", "wait never")
    wait_for(lambda: 0.0 in shares, "the share must be shown")
    wait_for(lambda: shared.health()["requests"] == 1, "the service must encode")
    bench.cancel()
    bench.wait(LONG)
    assert bench.page.work["status"] == "Cancelled."
    shared.wait_until(requests=0, waiting=0)


def test_a_short_text_does_not_wait_for_the_long_one_of_another_page(shared):
    other, bench = bench_of(shared), bench_of(shared)
    other.start("cats", f"wait first {'word ' * 1000}")
    wait_for(lambda: shared.health()["requests"] == 1, "the service must encode")
    assert explained(bench).explanation.document.text == "Cats eat."
    assert other.page.work["busy"]
    other.cancel()
    other.wait(LONG)


def test_a_killed_service_is_a_sentence_and_the_next_try_works(start):
    program = start()
    bench = explained(bench_of(program))
    before = bench.explanation
    bench.start("cats", "wait here")
    wait_for(lambda: program.health()["requests"] == 1, "the service must encode")
    program.kill()
    bench.wait(LONG)
    assert bench.page.problem == (
        "The encoder service ended the connection before the result arrived: it was stopped or "
        "killed; try again."
    )
    assert bench.page.texts["documents"] == [{"name": "", "text": "wait here"}]
    assert bench.explanation is before
    said = statuses(bench)
    bench.start("cats", "wait here")  # before the service is there again
    wait_for(lambda: connection.STARTING in said, f"the page must say what it waits for: {said}")
    program.let("here")
    program.start()
    bench.wait(LONG)
    assert bench.page.problem == ""
    assert bench.explanation.document.text == "wait here"


def test_what_the_service_refuses_is_a_sentence_in_the_page_without_its_address(
    start, shared, monkeypatch
):
    def problem(bench, query="cats", document="Cats eat."):
        bench = explained(bench, query, document)
        assert (bench.page.work["busy"], bench.explanation) == (False, None)
        assert str(bench.settings.encoder) not in bench.page.problem
        return bench.page.problem

    full = start(ENCODER_QUEUE="1")
    held = [bench_of(full), bench_of(full)]
    for number, bench in enumerate(held):
        bench.start("cats", "wait never")
        wait_for(lambda n=number: full.health()["requests"] == n + 1, "the queue must fill")
    assert problem(bench_of(full)).startswith("The encoder service is busy with 2 requests")
    for bench in held:
        bench.cancel()
        bench.wait(LONG)

    short = start(ENCODER_MINUTES="0.01", LARGEST_TEXT="100")
    assert problem(bench_of(short), document="wait never") == (
        "A text may take at most 0.01 min here (COLBERT_EXPLAIN_ENCODER_MINUTES)."
    )
    assert problem(bench_of(short), document="word " * 30) == (
        "Document must have at most 100 characters for the encoder service, got 150."
    )
    assert problem(bench_of(shared), document="fail now").startswith(
        "Encoding failed: RuntimeError"
    )
    monkeypatch.setattr(connection, "TO_START", 0.0)
    gone = start()
    gone.kill()
    assert problem(bench_of(gone)).startswith("The encoder service does not answer (")
    monkeypatch.setattr(connection, "VERSION", 7)
    assert "has an older version (protocol '1', here 7)" in problem(bench_of(shared))


def test_choices_of_the_page_become_settings_of_the_service(shared):
    bench = explained(bench_of(shared))

    def in_use():
        return bench.models.holder.encoder

    choose(bench, event="name", name="org/model")
    shown = bench.page.models
    assert (shown["chosen"], shown["problem"]) == ("org/model", "")
    assert shown["description"]["name"] == "org/model"
    assert bench.explanation.provenance.model == "org/model"  # what was asked is read again
    choose(bench, event="choose", key=BUNDLED, layers=[6])
    assert bench.page.models["layers"] == [6]
    assert in_use()._named.arguments == {"layers": [6]}
    before = in_use()
    choose(bench, event="name", name="damaged")
    assert bench.page.models["problem"] == "Model must be whole, but its weights are damaged."
    assert in_use() is before
    choose(bench, event="describe")
    assert bench.page.models["description"]["rows"]


def test_the_progress_of_a_load_comes_from_the_service_and_it_can_be_cancelled(shared):
    bench = explained(bench_of(shared))
    noted = threading.Event()

    def hear(change):
        if change["new"]["status"].startswith("Loading slow: "):
            noted.set()

    bench.page.observe(hear, names="models")
    bench.page._receive(None, {"event": "model_name", "name": "slow"}, [])
    assert noted.wait(LONG)
    bench.page._receive(None, {"event": "model_cancel"}, [])
    bench.models.wait(LONG)
    assert (bench.page.models["loading"], bench.page.models["status"]) == (False, "Not loaded.")
    shared.wait_until(requests=0)
    shared.let("slow")
