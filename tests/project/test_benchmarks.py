import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "benchmarks").glob("[!_]*.py"))
#: What can be run; the others hold what these share.
RUNNABLE = [path.stem for path in FILES if "def main(" in path.read_text(encoding="utf-8")]


def from_the_root(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_name_every_benchmark_is_listed_with_a_sentence():
    listed = from_the_root()
    assert listed.returncode == 0, listed.stderr
    rows = [line.split(maxsplit=1) for line in listed.stdout.splitlines() if line.startswith("  ")]
    assert [name for name, _ in rows] == RUNNABLE
    assert len(RUNNABLE) >= 6
    for name, sentence in rows:
        first = (ROOT / "benchmarks" / f"{name}.py").read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith(f'"""{sentence}'), name


def test_a_name_that_there_is_not_is_refused_with_those_that_there_are():
    refused = from_the_root("views")
    assert refused.returncode == 1
    assert refused.stderr == f"NAME must be one of {', '.join(RUNNABLE)}, got 'views'.\n"


def start(way):
    if way.endswith(".py"):
        runpy.run_path(str(ROOT / way), run_name="__main__")
    else:
        runpy.run_module(way, run_name="__main__")


def test_every_benchmark_starts_as_a_module_as_a_file_and_by_its_name(monkeypatch, capsys):
    for name in RUNNABLE:
        for way in ([f"benchmarks.{name}"], [f"benchmarks/{name}.py"], ["benchmarks", name]):
            monkeypatch.setattr(sys, "argv", [*way, "--help"])
            with pytest.raises(SystemExit) as end:
                start(way[0])
            said = capsys.readouterr().out
            assert not end.value.code, (way, end.value.code)
            assert said.startswith("usage: "), (way, said)
            assert "show this help message and exit" in said, (way, said)
