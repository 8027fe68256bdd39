import asyncio
import os
import resource
import subprocess
import sys
from contextlib import AsyncExitStack

import pytest

from colbert_explain.encoder_service.limited_server import most_for_connections
from tests.encoder_service.programs import ROOT

#: Prints its port; stops at the end of its input, and then says how many files it could open.
SERVER = """
import asyncio, os, resource, sys
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from colbert_explain.encoder_service.limited_server import LimitedServer

class Hello(RequestHandler):
    def get(self):
        self.finish("hello")

async def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
    server = LimitedServer(Application([("/", Hello)]))
    listening = bind_sockets(0, "127.0.0.1")
    server.add_sockets(listening)
    print(listening[0].getsockname()[1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        files = [os.open(os.devnull, os.O_RDONLY) for _ in range(40)]
        print("opened", flush=True)
        for each in files:
            os.close(each)

asyncio.run(main())
"""


async def ask(port: int, stack: AsyncExitStack) -> bytes:
    """Send a request and leave the connection open; return the beginning of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    stack.callback(writer.close)
    try:
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return await asyncio.wait_for(reader.read(100), 60)
    except ConnectionError:
        return b""


def test_connections_leave_files_to_the_server_and_new_ones_are_closed():
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:
        port = int(process.stdout.readline())

        async def test():
            async with AsyncExitStack() as stack:
                answers = [await ask(port, stack) for _ in range(250)]
                assert answers[0].startswith(b"HTTP/1.1 200")
                assert 100 <= sum(map(bool, answers)) < 150
                process.stdin.write("open\n")
                process.stdin.flush()
                assert process.stdout.readline() == "opened\n"
            async with AsyncExitStack() as stack:
                for _ in range(500):  # it learns of their end a moment later
                    if await ask(port, stack):
                        break
                    await asyncio.sleep(0.01)
                else:
                    pytest.fail("connections must be accepted again")

        asyncio.run(test())
        process.stdin.close()
        assert process.stderr.read() == ""


def test_the_limit_lies_below_that_of_the_system(monkeypatch):
    for most, expected in ((256, 192), (1024, 896), (65536, 65408)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, most=most: (most, most))
        assert most_for_connections() == expected
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY,) * 2)
    assert most_for_connections() == float("inf")
