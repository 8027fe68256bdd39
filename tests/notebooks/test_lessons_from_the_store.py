import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colbert_explain.dashboard import warm_up
from colbert_explain.encoders import load_encoder
from colbert_explain.explanation import Explanation, explain, explain_embeddings, load_explanation
from tests import patience

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]
#: What a page does: runs a notebook's cells; the first explanation that they give is saved.
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
        shown = [value for cell in run_cells(notebook) for value in
                 (cell, getattr(cell, "explanation", None)) if isinstance(value, ce.Explanation)]
        shown[0].save(folder / f"{notebook.stem}.json")
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
    """Run every notebook in a Python that finds what a server has encoded when it started."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_KEEP_EMBEDDINGS", "1")
        with warm_up.start_warming_up(NOTEBOOKS[0].parent) as warming_up:
            assert warming_up.wait(timeout=patience.seconds(300)) == 0
        subprocess.run(
            [sys.executable, "-c", PAGE, str(folder), warm_up.__file__, *map(str, NOTEBOOKS)],
            check=True,
            timeout=patience.seconds(300),
            stdout=subprocess.DEVNULL,
        )
        yield folder


@pytest.mark.parametrize("name", [*NAMES, "samples"])
def test_a_lesson_needs_no_torch_before_somebody_types(pages, name):
    assert json.loads((pages / f"{name}.modules").read_text()) == []


def check(saved, fresh):
    """Compare a saved explanation with one that was computed anew, number by number."""
    assert saved.provenance == fresh.provenance
    assert (saved.query, saved.document) == (fresh.query, fresh.document)
    np.testing.assert_allclose(saved.similarity, fresh.similarity, rtol=0, atol=1e-5)
    np.testing.assert_allclose(saved.contributions, fresh.contributions, rtol=0, atol=1e-5)
    assert saved.score == pytest.approx(fresh.score, abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_explanation_of_a_lesson_is_what_the_model_gives_today(pages, encoder, name):
    saved = load_explanation(pages / f"{name}.json")
    fresh = explain(saved.query.text, saved.document.text, encoder)
    check(saved, fresh)
    # The check itself: any number that is off by a thousandth is seen.
    generator = np.random.default_rng(0)
    for row, column in [
        *zip(range(len(saved.query)), saved.alignment.tolist(), strict=True),
        *generator.integers(0, saved.similarity.shape, (10, 2)).tolist(),
    ]:
        similarity = saved.similarity.copy()
        similarity[row, column] -= 1e-3
        changed = Explanation(saved.query, saved.document, similarity, saved.provenance)
        with pytest.raises(AssertionError):
            check(changed, fresh)


def test_a_kept_vector_that_is_off_by_a_thousandth_is_seen(pages, encoder):
    saved = load_explanation(pages / f"{NAMES[0]}.json")
    kept = load_encoder()
    query, document = kept.embed_query(saved.query.text), kept.embed_document(saved.document.text)
    assert not kept.is_loaded
    fresh = encoder.embed_query(saved.query.text)
    check(
        explain_embeddings(query, document), explain(saved.query.text, saved.document.text, encoder)
    )
    np.testing.assert_allclose(query.vectors, fresh.vectors, rtol=0, atol=1e-5)
    changed = query.vectors.copy()
    changed[3, 5] += 1e-3
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(changed, fresh.vectors, rtol=0, atol=1e-5)
