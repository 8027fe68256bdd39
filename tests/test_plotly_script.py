"""Plotly's script: what it is, what it needs, and that Jupyter servers find the way to it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import plotly
from jupyter_core.paths import jupyter_config_path

from colbert_explain.plotly_script import server_extension
from colbert_explain.plotly_script.script import compressed_script, script_address

OURS = Path(server_extension.__file__).with_name("jupyter_server_config.json")


def test_the_script_is_that_of_the_installed_package():
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    hint, _, rest = gzip.decompress(compressed_script()).partition(b"\n")
    assert hint.startswith(b"//# ")  # a comment
    assert rest == script.read_bytes()
    assert len(compressed_script()) < 1_700_000
    assert script_address() == f"colbert_explain/static/plotly-{plotly.__version__}.min.js"


def test_a_server_need_not_import_plotly_or_a_widget_for_it():
    code = (
        "import sys; from colbert_explain.plotly_script.server_extension import "
        "_load_jupyter_server_extension; from colbert_explain.plotly_script.script import "
        "compressed_script; from colbert_explain.app.web.bundle import bundle; "
        "bundle('figure/cell_figure.js'); compressed_script(); "
        "print({'plotly', 'torch', 'numpy', 'anywidget', 'ipywidgets'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_installing_the_package_tells_jupyter_servers():
    (module,) = json.loads(OURS.read_text("utf-8"))["ServerApp"]["jpserver_extensions"]
    assert server_extension._jupyter_server_extension_points() == [{"module": module}]
    folders = [Path(place) / "jupyter_server_config.d" for place in jupyter_config_path()]
    found = [place / "colbert_explain.json" for place in folders]
    assert OURS.read_text("utf-8") in [path.read_text("utf-8") for path in found if path.is_file()]
