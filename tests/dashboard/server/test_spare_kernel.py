import ast
import asyncio
import os
import signal
from types import SimpleNamespace

import pytest
from jupyter_server import CallContext
from traitlets.config import Config

from colbert_explain.dashboard.server import kernels as visitor_kernels
from colbert_explain.dashboard.server import spare_kernel
from colbert_explain.dashboard.server.kernels import SamePython, VisitorKernels
from tests import patience
from tests.served_page import UNUSED, served


@pytest.fixture
def with_spare(tmp_path, monkeypatch):
    """Run a function with kernels, of which one waits for a page, and its id."""

    def run(use, imports="pass", **options):
        monkeypatch.setattr(visitor_kernels, "IMPORTS", imports)

        async def prepare_and_use():
            kernels = VisitorKernels(
                kernel_spec_manager=SamePython(),
                keeps_spare=True,
                root_dir=str(tmp_path),
                connection_dir=str(tmp_path),
                config=Config(KernelRestarter={"restart_limit": 0}),  # as a server's
                **options,
            )
            kernels.keep_spare()
            spare = await kernels._spare
            try:
                await use(kernels, spare)
            finally:
                await kernels.stop_preparing()
                await kernels.shutdown_all(now=True)

        asyncio.run(prepare_and_use())

    return run


async def values_in(kernels, kernel_id, *expressions):
    """Return the values of expressions in a kernel, and the number of its first cell."""
    client = kernels.get_kernel(kernel_id).client()
    client.start_channels()
    try:
        numbered = {str(i): expression for i, expression in enumerate(expressions)}
        waited = client.execute(
            "pass", user_expressions=numbered, reply=True, timeout=patience.seconds(60)
        )
        content = (await waited)["content"]
    finally:
        client.stop_channels()
    values = [
        ast.literal_eval(content["user_expressions"][i]["data"]["text/plain"]) for i in numbered
    ]
    return values, content["execution_count"]


async def until_removed(kernels, kernel_id):
    """Wait for the server, which looks every three seconds."""
    async with asyncio.timeout(patience.seconds(30)):
        while kernel_id in kernels:
            await asyncio.sleep(0.05)


def test_a_page_gets_the_kernel_that_waits_with_the_imports_done_and_the_pages_variables(
    with_spare,
):
    query = "a='b'&c=\\n \u00fc \"\n"
    modules = "colbert_explain.app.workbench", "pandas", "httpcore", "plotly.io", "torch"

    async def use(kernels, spare):
        variables = os.environ | {"QUERY_STRING": query}
        kernel_id = await kernels.start_kernel(kernel_name="python3", path="", env=variables)
        assert kernel_id == spare
        (imported, asked, names), first_cell = await values_in(
            kernels,
            spare,
            f"[name in __import__('sys').modules for name in {modules}]",
            "__import__('os').environ['QUERY_STRING']",
            "[name for name in globals() if name[0] != '_']",
        )
        assert imported == [True, True, True, True, False], "torch would take 400 MB"
        assert asked == query
        assert first_cell == 1
        assert set(names) <= {"In", "Out", "get_ipython", "exit", "quit", "open"}
        assert await kernels.start_kernel(path="", env=variables) != spare

    with_spare(use, imports=spare_kernel.IMPORTS)


def test_the_kernel_that_waits_is_not_idle_and_takes_no_pages_place(with_spare):
    async def use(kernels, spare):
        kernels.get_kernel(spare).last_activity = kernels.get_kernel(spare).last_activity.replace(
            year=2020
        )
        await kernels.cull_kernel_if_idle(spare)
        assert spare in kernels
        kernels.check_room()
        assert await kernels.start_kernel(path="") == spare
        with pytest.raises(visitor_kernels.Refusal):
            await kernels.start_kernel(path="")
        kernels.keep_spare()
        assert kernels._spare is None, "it would take the place of the next page"
        assert len(kernels) == 1

    with_spare(use, most_kernels=1)


def test_a_kernel_that_ended_by_itself_leaves_no_socket_open(with_spare):
    async def use(kernels, spare):
        kernel = kernels.get_kernel(spare)
        sockets = kernel._control_socket, kernel._activity_stream.socket
        os.kill(kernel.provisioner.pid, signal.SIGKILL)
        await until_removed(kernels, spare)
        assert [socket.closed for socket in sockets] == [True, True]

    with_spare(use)


@pytest.mark.parametrize("ends", ["it ended", "it does not answer"])
def test_a_page_gets_another_kernel_if_the_one_that_waits_is_of_no_use(
    with_spare, monkeypatch, ends
):
    async def use(kernels, spare):
        process = kernels.get_kernel(spare).provisioner.pid
        if ends == "it ended":
            os.kill(process, signal.SIGKILL)
            await until_removed(kernels, spare)
        else:
            os.kill(process, signal.SIGSTOP)
        with monkeypatch.context() as patch:
            patch.setattr(spare_kernel, "ANSWER_SECONDS", 0.5)
            kernel_id = await kernels.start_kernel(path="")
        assert kernel_id != spare
        assert len(kernels) == 1
        assert (await values_in(kernels, kernel_id, "1 + 1"))[0] == [2]
        kernels.keep_spare()
        assert await kernels._spare in kernels

    with_spare(use)


def test_a_page_of_another_folder_gets_a_kernel_that_runs_there(with_spare, tmp_path):
    (tmp_path / "inner").mkdir()

    async def use(kernels, spare):
        kernel_id = await kernels.start_kernel(path="inner")
        assert kernel_id != spare
        assert (await values_in(kernels, kernel_id, "__import__('os').getcwd()"))[0] == [
            str(tmp_path / "inner")
        ]
        assert await kernels.start_kernel(path="") == spare

    with_spare(use)


def test_a_kernel_that_fails_in_its_imports_does_not_wait_and_the_log_says_so(
    monkeypatch, caplog, tmp_path
):
    monkeypatch.setattr(visitor_kernels, "IMPORTS", "raise ImportError('no such module: x')")

    async def prepare():
        kernels = VisitorKernels(
            kernel_spec_manager=SamePython(), keeps_spare=True, connection_dir=str(tmp_path)
        )
        kernels.keep_spare()
        await kernels._spare
        assert kernels._spare is None
        assert len(kernels) == 0

    asyncio.run(prepare())
    assert "No kernel is waiting for the next page: ImportError: no such module: x" in caplog.text


def test_no_kernel_is_prepared_while_a_page_is_being_made(with_spare):
    async def use(kernels, spare):
        CallContext.set(CallContext.JUPYTER_HANDLER, SimpleNamespace(kernel_id=None))
        kernel_id = await kernels.start_kernel(path="")
        kernels.keep_spare()
        assert kernels._spare is None
        kernels.page_was_sent(kernel_id)
        kernels.keep_spare()
        assert await kernels._spare in kernels

    with_spare(use)


def test_no_kernel_waits_where_none_is_wanted():
    async def prepare():
        kernels = VisitorKernels(keeps_spare=False)
        kernels.keep_spare()
        assert kernels._spare is None

    asyncio.run(prepare())


def test_a_server_that_stops_leaves_a_kernel_unprepared_without_a_complaint(caplog, tmp_path):
    async def stop():
        kernels = VisitorKernels(
            kernel_spec_manager=SamePython(), keeps_spare=True, connection_dir=str(tmp_path)
        )
        kernels.keep_spare()
        await asyncio.sleep(0.2)
        await kernels.stop_preparing()
        kernels.keep_spare()
        await kernels.shutdown_all(now=True)
        assert len(kernels) == 0

    asyncio.run(stop())
    assert caplog.text == ""


def test_what_runs_silently_says_why_it_failed(with_spare):
    async def use(kernels, spare):
        with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
            await spare_kernel.run_silently(kernels.get_kernel(spare), "1 / 0")

    with_spare(use)


def test_the_page_of_a_server_runs_in_the_kernel_that_waited(tmp_path):
    tell = "import os, sys; print('told', 'pandas' in sys.modules, os.environ['QUERY_STRING'])"
    environment = UNUSED | {"COLBERT_EXPLAIN_SPARE_KERNEL": "1"}
    with served(tmp_path, environment=environment, told=[tell]) as server:
        for query in ("a=1", "a=2"):  # the first page waits for the kernel, the second has its own
            page = server.get(f"voila/render/told.ipynb?{query}").text
            assert f"told {query == 'a=1'} {query}" in page
        assert server.log() == []
