import json
import re

import nbclient
import nbformat
import pytest
from nbconvert import HTMLExporter

from tests import patience

CODE = """
import numpy as np
import colbert_explain as ce
tokens = ce.TokenSequence.from_strings(["cats", "<eat>", "$fish$"])
mine = ce.TokenEmbeddings(tokens, np.eye(3, dtype=np.float32))
ce.explain_embeddings(mine, mine)
"""


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "x.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    nbclient.NotebookClient(
        notebook, timeout=None, startup_timeout=int(patience.seconds()), kernel_name="python3"
    ).execute()
    nbformat.write(notebook, path)
    return nbformat.read(path, as_version=4)


def test_a_saved_cell_holds_the_explanation_in_three_forms_without_a_script(notebook):
    (output,) = notebook.cells[0].outputs
    assert set(output.data) == {"application/vnd.plotly.v1+json", "text/html", "text/plain"}
    figure = output.data["application/vnd.plotly.v1+json"]
    assert figure["data"][0]["name"] == "similarity"
    assert "<script" not in output.data["text/html"]
    assert output.data["text/plain"].startswith("MaxSim score 3.0000")
    assert len(json.dumps(output)) < 200_000


def test_a_notebook_exported_as_html_shows_heatmap_and_texts(notebook):
    body, _ = HTMLExporter().from_notebook_node(notebook)
    shown = body[body.index('class="ce-notices') :]
    assert "MaxSim score 3.000" in shown
    assert shown.count("ce-best") >= 3  # the heatmap with its three framed cells
    assert re.search(r'<th [^>]*scope="row"[^>]*>&lt;eat&gt;</th>', shown)
    assert "What each query token adds to the score" in shown
