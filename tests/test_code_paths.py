"""The same input gives the same choices, orders and sentences on every processor.

Matrix products and the model's arithmetic take another code path on another processor, and end
in other last bits. Here one processor is made to take several of them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

#: Kernels of OpenBLAS, with what a processor must be able to do for each.
KERNELS = (
    ("Prescott", set()),
    ("Sandybridge", {"avx"}),
    ("Haswell", {"avx2", "fma"}),
    ("SkylakeX", {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"}),
)
#: The same of PyTorch's own kernels and of oneDNN's, and the number of threads, in turn.
ATEN = ("default", "avx2", None)
ONEDNN = ("SSE41", "AVX2", None)
THREADS = ("1", "2")

NUMBER = re.compile(r"[-+±\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?")


def processor_flags() -> set[str]:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^flags\s*:(.*)$", info.read_text(), re.M) if info.is_file() else None
    return set(found[1].split()) if found else set()


def code_paths() -> list[dict[str, str]]:
    flags = processor_flags()
    kernels = [name for name, needed in KERNELS if needed <= flags]
    paths = []
    for k, kernel in enumerate(kernels):
        path = {"OPENBLAS_CORETYPE": kernel}
        path |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), THREADS[k % 2])
        aten = ATEN[k % len(ATEN)]
        if aten != "avx2" or "avx2" in flags:
            path |= {"ATEN_CPU_CAPABILITY": aten} if aten else {}
        onednn = ONEDNN[k % len(ONEDNN)]
        path |= {"ONEDNN_MAX_CPU_ISA": onednn} if onednn else {}
        paths.append(path)
    return paths


def facts(path: dict[str, str]) -> dict[str, Any]:
    steered = ("OPENBLAS_", "ATEN_", "ONEDNN_", "OMP_", "MKL_")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(steered)}
    command = [sys.executable, "-m", "tests.code_path_facts"]
    root = Path(__file__).parent.parent
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=root,
        env=inherited | {"PYTHONPATH": str(root), "COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "0"} | path,
    )
    assert done.returncode == 0, f"{path}: {done.stderr}"
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def on_every_path() -> list[tuple[str, dict[str, Any]]]:
    return [(str(path), facts(path)) for path in code_paths()]


def compared(paths):
    """Give what was found for each sample on the first path and on each of the others."""
    first_path, first = paths[0]
    for path, found in paths[1:]:
        for name, expected in first["facts"].items():
            yield f"{name} on {path} and on {first_path}", expected, found["facts"][name]


def test_the_processor_takes_several_code_paths(on_every_path):
    kernels = {kernel for _, found in on_every_path for kernel in found["blas"]}
    assert len(kernels) >= min(3, len(code_paths())), kernels


def test_choices_and_orders_are_the_same_on_every_code_path(on_every_path):
    for where, expected, found in compared(on_every_path):
        for what, choice in expected["choices"].items():
            assert found["choices"][what] == choice, f"{what} of {where}"


def test_numbers_agree_to_two_millionths(on_every_path):
    for where, expected, found in compared(on_every_path):
        for what, numbers in expected["numbers"].items():
            tolerance = 2e-6 * (12 if what in ("score", "scores") else 1)
            same = pytest.approx(numbers, rel=0, abs=tolerance)
            assert found["numbers"][what] == same, f"{what} of {where}"


def test_sentences_are_the_same_and_their_numbers_to_one_unit_of_the_last_digit(on_every_path):
    for where, expected, found in compared(on_every_path):
        assert len(found["texts"]) == len(expected["texts"]), where
        for one, other in zip(expected["texts"], found["texts"], strict=True):
            both = f"{where}:\n{one[:500]}\n{other[:500]}"
            assert NUMBER.sub("0", one) == NUMBER.sub("0", other), both
            for a, b in zip(NUMBER.findall(one), NUMBER.findall(other), strict=True):
                assert abs(value(a) - value(b)) <= 1.001 * last_digit(a), both


def value(number: str) -> float:
    return float(number.lstrip("±").replace("\N{MINUS SIGN}", "-").replace(",", ""))


def last_digit(number: str) -> float:
    return 10.0 ** -len(number.partition(".")[2])


def test_ties_go_to_the_first(on_every_path):
    """What `argmax` instead of the first within the tolerance would not give."""
    for path, found in on_every_path:
        of = {name: facts["choices"] for name, facts in found["facts"].items()}
        assert of["the same vector at 200 places"]["alignment"][3] == 1, path
        assert len(of["the same vector at 200 places"]["winners"][3]) == 200, path
        assert of["a ranking with equal documents"]["order"] == [4, 2, 1, 3, 5, 0], path
        assert of["a ranking with equal documents"]["ranks"] == [6, 3, 2, 3, 1, 3], path


def test_no_sample_lies_near_a_threshold(on_every_path):
    """There a last bit would rightly decide, and the tests above would prove nothing."""
    for path, found in on_every_path:
        for name, facts_found in found["facts"].items():
            assert not facts_found["near_a_threshold"], f"{name}: {path}"
