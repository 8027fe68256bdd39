import json
import os
import subprocess
import sys
import weakref

import pytest

from colbert_explain.dashboard.server_memory import give_memory_back

PAGES_IN_THREADS = """
import sys, threading
import psutil
from colbert_explain.dashboard.server_memory import give_memory_back, keep_memory_together

def unshared():
    return psutil.Process().memory_full_info().uss / 1e6

def hold_pages():
    pages = [b"x" * 5_000_000 for _ in range(2)]
    all_hold.wait()  # so that each thread has a heap of its own
    del pages

if sys.argv[1] == "together":
    keep_memory_together()
b"x" * 6_000_000  # a large block that was freed teaches glibc to keep the next ones in heaps
before = unshared()
all_hold = threading.Barrier(4)
threads = [threading.Thread(target=hold_pages) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
give_memory_back()
print(unshared() - before)
"""


def growth(how):
    code = [sys.executable, "-c", PAGES_IN_THREADS, how]
    return float(subprocess.run(code, check=True, capture_output=True, text=True).stdout)


A_TEXT_IN_EVERY_MEGABYTE = """
import json, os, sys
import psutil
from colbert_explain.dashboard import server_memory

if sys.argv[1] == "system":
    server_memory.use_the_system_allocator()

def unshared():
    return psutil.Process().memory_full_info().uss / 1e6

before = unshared()
texts = [str(number) * 4 for number in range(500_000)]
left = texts[::5_000]
del texts
server_memory.give_memory_back()
print(json.dumps([unshared() - before, sys.argv[1:], os.environ.get("PYTHONMALLOC")]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc")
def test_a_few_short_texts_keep_no_megabytes():
    code, env = [sys.executable, "-c", A_TEXT_IN_EVERY_MEGABYTE], dict(os.environ)
    env.pop("PYTHONMALLOC", None)
    grown = {}
    for how in ("python's", "system"):
        run = subprocess.run(
            [*code, how, "x y"], check=True, capture_output=True, text=True, env=env
        )
        grown[how], arguments, inherited = json.loads(run.stdout)
        assert arguments == [how, "x y"]
        assert inherited is None  # kernels have Python's own
    assert grown["python's"] > 20  # else this would prove nothing
    assert grown["system"] < grown["python's"] / 4


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc")
def test_threads_leave_no_heaps_behind():
    apart = growth("apart")
    assert apart > 20  # else this would prove nothing
    assert growth("together") < apart / 4


def test_what_refers_only_to_itself_is_freed():
    class Page:
        pass

    page = Page()
    page.itself, gone = page, weakref.ref(page)
    del page
    give_memory_back()
    assert gone() is None
