import json
import os
import re
import shutil
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from colbert_explain import cli
from colbert_explain.dashboard import index_page
from colbert_explain.dashboard import serve as dashboard_server
from colbert_explain.dashboard.access import LOOPBACK, Access
from colbert_explain.dashboard.index_page import (
    JUPYTER_DATA,
    PICTURES,
    Card,
    groups_of,
    read_cards,
    render_index,
)
from colbert_explain.dashboard.serve import notebooks_folder, serve
from colbert_explain.dashboard.server import app as voila_app
from colbert_explain.dashboard.server.app import configuration
from colbert_explain.dashboard.server.kernels import VisitorKernels
from colbert_explain.explanation import explain
from colbert_explain.operator_settings import OperatorSettings
from colbert_explain.samples import load_samples

TEMPLATES = JUPYTER_DATA / "voila" / "templates" / "colbert_explain"
HOSTILE = '</h2><script>alert("x")</script>&amp;{{ 7 * 7 }}'


def write_notebook(folder, name, *markdown, **about):
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in markdown]
    content = {"cells": cells, "metadata": {"colbert_explain": about}, "nbformat": 4}
    (folder / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")


class TestNotebooksFolder:
    @pytest.fixture
    def package(self, tmp_path, monkeypatch):
        package = tmp_path / "colbert_explain"
        package.mkdir()
        monkeypatch.setattr(dashboard_server, "_PACKAGE", package)
        return package

    def test_it_is_beside_the_package_in_a_clone(self):
        assert notebooks_folder() == Path(__file__).parents[2] / "notebooks"

    def test_it_is_inside_an_installed_package(self, package):
        for folder in (package / "notebooks", package.parent / "notebooks"):
            folder.mkdir()
            (folder / "voila.json").write_text("{}")
        assert notebooks_folder() == package / "notebooks"

    def test_a_neighbour_without_voila_json_is_not_ours(self, package):
        (package.parent / "notebooks").mkdir()
        with pytest.raises(FileNotFoundError, match="in the package or beside it, found none"):
            notebooks_folder()


class TestCards:
    def test_the_workbench_comes_first_and_the_rest_by_file_name(self, tmp_path):
        for name in ("02_b", "workbench", "10_c", "01_a"):
            write_notebook(tmp_path, name, "# Title")
        names = [card.name for card in read_cards(tmp_path)]
        assert names == ["workbench.ipynb", "01_a.ipynb", "02_b.ipynb", "10_c.ipynb"]

    def test_the_title_is_the_first_heading_without_its_markup_or_else_the_file_name(
        self, tmp_path
    ):
        for sources, title in (
            (["no heading here", "text\n\n## The `real` *title* ##\n# Next"], "The real title"),
            ([["intro\n", "# Title\n", "text"]], "Title"),  # a list of lines
            (["text"], "05_plain"),
        ):
            write_notebook(tmp_path, "05_plain", *sources)
            assert read_cards(tmp_path) == [Card("05_plain.ipynb", title, "")]

    def test_the_metadata_say_what_the_page_shows_of_it(self, tmp_path):
        write_notebook(tmp_path, "a", summary="One sentence.", minutes=4, glyph="sum", group="More")
        card = Card("a.ipynb", "a", "One sentence.", 4, "sum", "More")
        assert read_cards(tmp_path) == [card]
        assert card.stem == "a"

    def test_header_and_first_screen_are_stated(self, tmp_path):
        for about, has_header, has_first_screen in (
            ({}, True, False),
            ({"header": False, "first_screen": True}, False, True),
            ({"header": "no", "first_screen": 1}, True, False),
        ):
            write_notebook(tmp_path, "a", **about)
            card = read_cards(tmp_path)[0]
            assert (card.has_header, card.has_first_screen) == (has_header, has_first_screen), about

    def test_the_exercises_of_a_notebook_are_counted(self, tmp_path):
        write_notebook(tmp_path, "01_a", "# Exercise(")
        path = tmp_path / "01_a.ipynb"
        notebook = json.loads(path.read_text())
        for source in (
            "import ce\nce.Exercise('?')",
            "# ce.Exercise('?')",
            ["x = Exercise(\n", ")"],
        ):
            notebook["cells"].append({"cell_type": "code", "source": source})
        path.write_text(json.dumps(notebook))
        assert read_cards(tmp_path)[0].questions == 2

    @pytest.mark.parametrize("content", ["", "not JSON", "[]", '{"cells": 1}', '{"cells": [{}]}'])
    def test_an_unreadable_notebook_leaves_the_others_alone(self, tmp_path, content):
        write_notebook(tmp_path, "a", "# Good")
        (tmp_path / "b.ipynb").write_text(content)
        good, bad = read_cards(tmp_path)
        assert good.title == "Good"
        assert (bad.title, bad.summary) == ("b", "This file is not a readable notebook.")

    def test_the_duration_is_stated_or_read_from_the_text(self, tmp_path):
        for text, about, minutes in (
            ("About 5 minutes.", {}, 5),
            ("About 1 minute.", {}, 1),
            ("About 5 minutes.", {"minutes": 8}, 8),
            ("About 5 minutes.", {"minutes": "<b>"}, 5),
            ("Roundabout 5 minutes old. About some minutes.", {}, None),
        ):
            write_notebook(tmp_path, "a", f"# Title\n\n{text}", **about)
            assert read_cards(tmp_path)[0].minutes == minutes, (text, about)

    def test_a_number_before_the_name_makes_it_a_lesson(self):
        cards = [Card(f"{name}.ipynb", "", "") for name in ("07_a", "workbench", "3d")]
        assert [card.lesson for card in cards] == [7, None, None]

    def test_a_file_name_is_quoted_in_the_address(self, tmp_path):
        write_notebook(tmp_path, 'a "b" #1')
        assert read_cards(tmp_path)[0].address == "voila/render/a%20%22b%22%20%231.ipynb"


class TestIndexPage:
    def test_hostile_titles_and_summaries_are_escaped(self):
        page = render_index([Card("01_a.ipynb", HOSTILE, HOSTILE, glyph=HOSTILE, group=HOSTILE)])
        assert page.count("<script") == 1  # the page's own
        escaped = "&lt;/h2&gt;&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;&amp;amp;{{ 7 * 7 }}"
        assert page.count(escaped) == 5  # heading, link to start, name, title, summary

    def test_addresses_lie_below_the_base_url(self):
        cards = [Card(f"{name}.ipynb", "A", "") for name in ("workbench", "01_a")]
        page = render_index(cards, "/user/ada/")
        assert page.count('href="/user/ada/voila/render/01_a.ipynb"') == 2
        assert 'data-workbench="/user/ada/voila/render/workbench.ipynb"' in page
        assert 'href="/user/ada/voila/render/01_a.ipynb">Start: ' in page

    def test_without_a_workbench_there_is_nothing_to_try(self):
        assert "<form" not in render_index([Card("01_a.ipynb", "A", "")])

    def test_lessons_come_in_order_then_other_groups_with_their_minutes(self):
        cards = [
            Card("workbench.ipynb", "Workbench", ""),
            Card("01_a.ipynb", "A", "", 7),
            Card("02_b.ipynb", "B", "", 1, questions=3),
            Card("03_c.ipynb", "C", "", 10, group="Searching"),
            Card("notes.ipynb", "D", ""),
        ]
        found = [(group.title, group.minutes, len(group.cards)) for group in groups_of(cards)]
        assert found == [("Lessons", 8, 2), ("Searching", 10, 1), ("More pages", 0, 1)]
        page = render_index(cards)
        assert "about 8 minutes; best taken in order" in page
        assert ">1 minute · 3 questions</span>" in page
        assert ">7 minutes</span>" in page
        assert "Start: 1 A" in page

    def test_every_notebook_of_the_package_has_a_summary_a_drawing_and_a_duration(self):
        drawn = set(re.findall(r'name == "(\w+)"', (TEMPLATES / "glyphs.html").read_text()))
        for card in read_cards(notebooks_folder()):
            assert card.summary.endswith("."), card.name
            assert len(card.summary) <= 100, card.name  # one line
            assert (card.minutes is not None) == (card.lesson is not None), card.name
            assert card.glyph in drawn or card.lesson is None, card.name

    def test_the_numbers_in_its_picture_are_those_of_the_encoder(self, encoder):
        shown = json.loads(Path(index_page.__file__).with_name("index_heatmap.json").read_text())
        sample = load_samples("Paraphrased")[0]
        words = explain(sample.query, sample.document, encoder).words()
        rows = [[word.text for word in words.query].index(word) for word in shown["query"]]
        columns = [[word.text for word in words.document].index(w) for w in shown["document"]]
        np.testing.assert_allclose(
            shown["similarity"], words.similarity[np.ix_(rows, columns)], atol=1e-3
        )
        assert [columns[best] for best in shown["best"]] == words.alignment[rows].tolist()
        page = render_index([])
        for row in shown["similarity"]:
            for value in row:
                assert f">{value:.2f}</td>" in page

    def test_a_folder_without_notebooks_is_said_to_be_empty(self):
        assert "This folder holds no notebooks." in render_index([])

    def test_no_template_names_another_host(self):
        files = [path for path in JUPYTER_DATA.rglob("*") if path.is_file()]
        assert len(files) >= 7
        for path in files:
            # Protocol-relative addresses too; // stands elsewhere only in comments of scripts.
            hosts = re.findall(r"(?:https?:|[\"'(])//[\w.]+", path.read_text(encoding="utf-8"))
            assert hosts == [], path


class TestServe:
    @pytest.fixture
    def folder(self, tmp_path):
        for name in ("workbench", "01_a"):
            write_notebook(tmp_path, name, "# Title")
        return tmp_path

    @pytest.fixture
    def taken_port(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server.getsockname()[1]

    def test_what_cannot_be_served_is_refused(self, folder, taken_port):
        for arguments, error, sentence in (
            ({"notebook": "nope"}, ValueError, "one of: workbench, 01_a; got 'nope'"),
            ({"port": taken_port}, OSError, f"port must be free, got {taken_port}"),
            ({"host": "no such host"}, OSError, "of this computer, got 'no such host'"),
            ({"notebooks": folder / "absent"}, FileNotFoundError, "must be a folder, got .*absent"),
        ):
            with pytest.raises(error, match=sentence):
                serve(**{"port": 0, "open_browser": False, "notebooks": folder, **arguments})

    def test_without_a_wish_the_next_free_port_is_taken(self, taken_port, monkeypatch):
        monkeypatch.setattr(dashboard_server, "DEFAULT_PORT", taken_port)
        with dashboard_server._bind("127.0.0.1", None) as bound:
            assert taken_port < bound.getsockname()[1] < taken_port + 50

    @pytest.mark.parametrize(
        ("models", "before", "after"),
        [((), None, "1"), ((), "0", "0"), (("org/model",), None, None), (("*",), "1", "1")],
    )
    def test_kernels_stay_offline_unless_models_of_the_hub_are_allowed(
        self, monkeypatch, models, before, after
    ):
        variables = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
        environment = {name: before for name in variables if before is not None}
        monkeypatch.setattr(dashboard_server.os, "environ", environment)
        dashboard_server._stay_offline(OperatorSettings(models=models))
        assert [environment.get(name) for name in variables] == [after, after]

    def test_a_server_run_by_hand_has_the_same_defaults(self, folder):
        by_hand = json.loads((notebooks_folder() / "voila.json").read_text())
        assert by_hand["Voila"] == {"ip": LOOPBACK}
        ours = configuration(folder, Access(), OperatorSettings().idle_minutes)
        for section in ("VoilaConfiguration", "MappingKernelManager"):
            assert by_hand[section].items() <= ours[section].items()
        assert by_hand["VoilaConfiguration"]["file_allowlist"] == [PICTURES]

    def test_no_setting_allows_sources_tracebacks_or_other_templates(self, folder):
        voila = configuration(folder, Access(), 15.0).VoilaConfiguration
        assert voila.strip_sources
        assert not voila.show_tracebacks
        assert voila.allow_template_override == voila.allow_theme_override == "NO"

    @pytest.mark.parametrize(
        ("minutes", "timeout", "interval"), [(15.0, 900, 60), (0.5, 30, 7), (0.001, 1, 1)]
    )
    def test_idle_kernels_end_after_the_operators_minutes(self, folder, minutes, timeout, interval):
        ours = configuration(folder, Access(), minutes)
        assert ours.MappingKernelManager.cull_idle_timeout == timeout
        assert ours.MappingKernelManager.cull_interval == interval
        assert ours.VoilaConfiguration.preheat_kernel is False

    def test_a_busy_machine_is_waited_for_and_a_dead_kernel_stays_dead(self, folder):
        ours = configuration(folder, Access(), 15.0)
        assert ours.VoilaExecutor.iopub_timeout == 60  # seconds; four are Jupyter's default
        assert ours.KernelRestarter.restart_limit == 0  # one started anew knows no page

    def test_the_operator_says_how_many_kernels_may_run(self, folder):
        ours = configuration(folder, Access(), 15.0, most_kernels=7)
        assert VisitorKernels(config=ours).most_kernels == 7

    @pytest.mark.parametrize(
        ("access", "token", "remote"),
        [(Access(), "", False), (Access(token="t", any_host_name=True), "t", True)],
    )
    def test_token_and_host_names_are_those_decided(self, folder, access, token, remote):
        ours = configuration(folder, access, 15.0)
        assert ours.Voila.token == token
        assert ours.Voila.tornado_settings["allow_remote_access"] is remote

    @pytest.mark.parametrize(
        ("temporary", "longest", "transport"),
        [
            ("/tmp", 107, "ipc"),
            ("/var/folders/4x/" + "a" * 30 + "/T", 103, "tcp"),  # macOS
            ("C:\\Temp", 0, "tcp"),  # Windows has no such files
        ],
    )
    def test_kernels_need_no_port_where_their_files_names_fit(
        self, folder, monkeypatch, temporary, longest, transport
    ):
        monkeypatch.setattr(voila_app.tempfile, "gettempdir", lambda: temporary)
        monkeypatch.setattr(voila_app.zmq, "IPC_PATH_MAX_LEN", longest)
        ours = configuration(folder, Access(), 15.0)
        assert ours.ConnectionFileMixin.transport == transport


class TestCommandLine:
    @pytest.mark.parametrize(
        ("notebook", "variables", "sentence"),
        [
            ("nope", {}, "notebook must be one of: .*; got 'nope'"),
            (
                None,
                {"IDLE_MINUTES": "soon"},
                "IDLE_MINUTES must be a number of minutes .*",
            ),
            (None, {"TOKEN": "short"}, "TOKEN must have at least 16 characters, got 5"),
        ],
    )
    def test_a_stated_error_ends_with_status_1_and_one_line(self, notebook, variables, sentence):
        named = {f"COLBERT_EXPLAIN_{name}": value for name, value in variables.items()}
        arguments = ["dashboard", "--port=0", "--no-browser", *([notebook] if notebook else [])]
        done = subprocess.run(
            [sys.executable, "-m", "colbert_explain.cli", *arguments],
            env=os.environ | named,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert re.fullmatch(f"Error: (COLBERT_EXPLAIN_)?{sentence}\n", done.stderr)

    @pytest.mark.parametrize(
        "arguments", ["dashboard --port x", "dashboard --port 70000", "nothing", "explain cats"]
    )
    def test_wrong_usage_ends_with_status_2(self, arguments):
        assert CliRunner().invoke(cli.application, arguments.split()).exit_code == 2

    def test_options_reach_the_server(self, monkeypatch):
        calls = []
        monkeypatch.setattr(dashboard_server, "serve", lambda *a, **k: calls.append((a, k)))
        runner = CliRunner()
        runner.invoke(cli.application, ["dashboard"])
        outside = ["--host", "::", "--base-url", "/a", "--no-token"]
        runner.invoke(
            cli.application, ["dashboard", "workbench", "--port=9", "--no-browser", *outside]
        )
        here = {"host": None, "base_url": "/", "ask_token": True}
        there = {"host": "::", "base_url": "/a", "ask_token": False}
        assert calls == [
            ((None,), {"port": None, "open_browser": True} | here),
            (("workbench",), {"port": 9, "open_browser": False} | there),
        ]

    def test_the_version_is_the_installed_one(self):
        shown = CliRunner().invoke(cli.application, ["--version"])
        assert shown.output == f"colbert-explain {metadata.version('colbert-explain')}\n"

    def test_help_loads_neither_voila_nor_a_model_library(self):
        heavy = "{'voila', 'torch', 'plotly', 'ipywidgets'}"
        code = f"import sys, colbert_explain.cli; print(*{heavy} & set(sys.modules))"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout == "\n"

    def test_the_command_is_installed(self):
        assert shutil.which("colbert-explain", path=Path(sys.executable).parent)
