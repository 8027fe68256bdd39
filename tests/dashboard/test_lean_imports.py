import os
import subprocess
import sys

from tests import patience

GRAMMAR = "rfc3987_syntax.syntax_helpers"  # where it is built


def test_addresses_are_not_checked_and_all_else_is():
    code = f"""
import sys
from colbert_explain.dashboard.lean_imports import leave_out_address_grammar
leave_out_address_grammar()
from jsonschema import FormatChecker
assert "{GRAMMAR}" not in sys.modules
assert "iri" not in FormatChecker.checkers
assert not FormatChecker().conforms("no address", "ipv4")
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_server_starts_without_the_grammar(tmp_path):
    command = "-X importtime -m colbert_explain.cli dashboard --port=0 --no-browser"
    started = subprocess.Popen(
        [sys.executable, *command.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "0"},  # nor does it warm up
    )
    imported = []
    for line in started.stdout:
        if line.startswith("colbert_explain dashboards: "):
            break
        imported.append(line.rpartition("|")[2].strip())
    started.terminate()
    started.communicate(timeout=patience.seconds(20))
    assert "jsonschema" in imported  # else this would prove nothing
    assert GRAMMAR not in imported
