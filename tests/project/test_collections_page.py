"""What docs/collections.md says is so: its code runs, and its figures are those of the package."""

import re
from pathlib import Path

import pytest

import colbert_explain as ce
from colbert_explain.evaluation.audit.causes import CAUSES, MOST, NEAR_TIE, OTHER
from colbert_explain.search.compression import COMPRESSIONS
from tests.search.qdrant.over_http import qdrant_server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "collections.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
QDRANT = "http://localhost:6333"


def table_below(heading):
    """Return the rows of the first table below a heading, cell by cell."""
    found = PAGE.split(f"{heading}\n", 1)[1].split("\n|---", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found.split("\n")[1:]]


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Run all code of the page, from the first line to the last, and return what it names."""
    found = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, qdrant_server() as server:
        patch.chdir(tmp_path_factory.mktemp("page"))
        for number, code in enumerate(CODE, start=1):
            assert QDRANT not in code or server.startswith("http://")
            exec(compile(code.replace(QDRANT, server), f"block {number}", "exec"), found)
        yield found


def test_all_its_code_runs(names):
    assert len(CODE) > 12
    assert len(names["collection"]) == 161
    assert [document.id for document in names["small"]] == ["0", "dogs", "rain"]
    assert names["small"]["rain"].metadata == {"year": 2020}


def test_what_it_says_of_rank_six_is_so(names):
    hits = names["hits"]
    assert hits.names[5] == "autumn-leaves"
    [quoted] = re.findall(r"It prints: \*(.+?)\* So", PAGE, flags=re.DOTALL)
    assert names["contrast"].sentence() == " ".join(quoted.split())


def test_its_figures_of_compression_are_those_that_were_measured():
    measured = (ROOT / "benchmarks" / "compression_map.py").read_text(encoding="utf-8")
    rows = {
        '`"map"`': "128, unit length",
        '`"map+int8"`': "128, unit length, int8",
        '`"int8"`': "768, int8",
    }
    found = {row[0]: row for row in table_below("### Compression")}
    assert set(found) == {"none", *rows} == {"none", *(f'`"{name}"`' for name in COMPRESSIONS)}
    for name, label in rows.items():
        [line] = re.findall(rf"(?m)^    {re.escape(label)}  +(\..*)$", measured)
        ndcg, recall, less, _, error, in_20, _, of_20, of_50 = line.split()
        assert found[name][3:] == [ndcg, recall, f"{less} ± {error[-4:]}", in_20, of_20, of_50]
    [line] = re.findall(r"(?m)^    exact  +(\..*)$", measured)
    assert found["none"][3:5] == line.split()


def test_it_lists_every_cause_in_order_with_its_thresholds():
    rules = dict(table_below("The main cause is the first of these that holds:"))
    assert list(rules) == [*CAUSES, OTHER]
    assert f"at most {NEAR_TIE} per scored query token" in rules["near tie"]
    assert MOST == 0.5
    assert sum("more than half of the lead" in rule for rule in rules.values()) == 4


def test_its_limits_are_those_of_the_package():
    from colbert_explain.analysis.calibration.convincing import CONVINCING, CONVINCING_COSINE
    from colbert_explain.search.qdrant.points import MULTIVECTOR_LIMIT

    assert f"per token is at least {CONVINCING_COSINE}. This threshold" in PAGE
    assert f"it beats {CONVINCING}% of" in PAGE
    assert f"fewer than {MULTIVECTOR_LIMIT:,} numbers per document" in PAGE
    for dim, tokens in ((768, "1,365"), (128, "8,191")):
        assert f"{(MULTIVECTOR_LIMIT - 1) // dim:,}" == tokens
        assert tokens in PAGE


def test_it_names_the_columns_of_parquet_files(names):
    import pyarrow.parquet as pq

    pages = re.search(r"One row is one document\. (.+?)A folder of", PAGE, flags=re.DOTALL)[1]
    ce.write_token_vectors(names["small"], "again.parquet")
    columns = pq.read_schema("again.parquet").names
    assert set(re.findall(r"`(\w+)`", pages)) == set(columns)
