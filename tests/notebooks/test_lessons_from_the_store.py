import json
import subprocess
import sys
from pathlib import Path

import pytest

from colbert_explain.dashboard.warm_up import start_warming_up
from colbert_explain.encoder_service.child import EncoderChild
from tests import patience
from tests.notebooks import cells

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]
#: What a page does: runs a notebook's cells.
PAGE = """
import json, runpy, sys
from pathlib import Path
import colbert_explain as ce
folder, program, *notebooks = map(Path, sys.argv[1:])
run_cells = runpy.run_path(str(program))["run_cells"]
def tell(name):
    heavy = ("torch", "transformers", "sentence_transformers")
    loaded = [module for module in heavy if module in sys.modules]
    (folder / f"{name}.modules").write_text(json.dumps(loaded))
for notebook in notebooks:
    try:
        for _ in run_cells(notebook):
            pass
        tell(notebook.stem)
    except Exception as error:  # of this lesson; the others run
        (folder / f"{notebook.stem}.modules").write_text(json.dumps(repr(error)))
for sample in ce.load_samples():
    ce.explain(sample.query, sample.document)
ce.calibrate()
tell("samples")
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory, calibration):
    """Run every notebook in a Python that encodes as a kernel of a dashboard does."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
        with EncoderChild() as child:
            patch.setenv("COLBERT_EXPLAIN_ENCODER", child.address)
            with start_warming_up(True, len) as warming_up:
                assert warming_up.wait(timeout=patience.seconds(300)) == 0
            subprocess.run(
                [sys.executable, "-c", PAGE, str(folder), cells.__file__, *map(str, NOTEBOOKS)],
                check=True,
                timeout=patience.seconds(300),
                stdout=subprocess.DEVNULL,
            )
            yield folder


@pytest.mark.parametrize("name", [*NAMES, "samples"])
def test_a_page_never_needs_torch(pages, name):
    assert json.loads((pages / f"{name}.modules").read_text()) == []
