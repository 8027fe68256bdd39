"""Pages share their compiled templates."""

import asyncio
import os

import jinja2
import nbformat
import pytest
from voila import notebook_renderer
from voila.configuration import VoilaConfiguration
from voila.exporter import VoilaExporter
from voila.notebook_renderer import NotebookRenderer
from voila.paths import collect_template_paths

from colbert_explain.dashboard.serve import JUPYTER_DATA
from colbert_explain.dashboard.server import page_templates


@pytest.fixture
def compiled(monkeypatch):
    """The names of the templates that are compiled."""
    names = []
    compile_template = jinja2.Environment.compile

    def compile_and_note(self, source, name=None, *rest, **options):
        names.append(name)
        return compile_template(self, source, name, *rest, **options)

    monkeypatch.setattr(jinja2.Environment, "compile", compile_and_note)
    return names


async def head_of_a_page() -> str:
    """Return what Voilà sends of a page before it waits for a kernel."""
    configuration = VoilaConfiguration(template="colbert_explain")
    configuration.config.VoilaConfiguration.resources = {"theme": "light"}
    renderer = NotebookRenderer(
        voila_configuration=configuration,
        notebook_path="cats.ipynb",
        template_paths=collect_template_paths(["voila", "nbconvert"], "colbert_explain"),
        base_url="/",
        page_config={},
    )

    async def load_notebook(path: str) -> nbformat.NotebookNode:
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Cats *eat* fish.")])

    renderer.load_notebook = load_notebook
    await renderer.initialize()
    page = ""
    async for piece, _ in renderer.generate_content_generator():
        page += piece
        if "Starting Python" in page:
            return page
    raise AssertionError(page)


def test_voila_compiles_the_templates_of_a_second_page_no_more(monkeypatch, compiled):
    monkeypatch.setenv("JUPYTER_PATH", os.fspath(JUPYTER_DATA))
    monkeypatch.setattr(notebook_renderer, "VoilaExporter", VoilaExporter)  # restored at the end
    monkeypatch.setattr(page_templates, "_COMPILED", page_templates.CompiledTemplates())
    page_templates.share_compiled_templates()
    first = asyncio.run(head_of_a_page())
    assert "index.html.j2" in compiled
    compiled.clear()
    assert asyncio.run(head_of_a_page()) == first
    assert "<em>eat</em>" in first
    assert compiled == []


def test_a_template_that_has_changed_is_compiled_again(tmp_path, compiled):
    template = tmp_path / "page.html.j2"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(tmp_path), bytecode_cache=page_templates.CompiledTemplates()
    )
    for greeting in ("cats", "dogs"):
        template.write_text(greeting)
        environment.cache.clear()
        assert environment.get_template(template.name).render() == greeting
    assert len(compiled) == 2
