import pytest

from colbert_explain.app.web import bundle as bundling


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setattr(bundling, "_APP", tmp_path)
    bundling.bundle.cache_clear()
    write(tmp_path, "web/base.css", ".ce-base {}\n")
    yield tmp_path
    bundling.bundle.cache_clear()


def write(folder, path, text):
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(text)


def test_modules_come_after_what_they_import_and_once(app):
    write(
        app,
        "page/page.js",
        'import { a } from "../parts/a.js";\nimport { b } from "../parts/b.js";\na(b);\n',
    )
    write(
        app,
        "parts/a.js",
        'import { b as other } from "./b.js";\nexport function a() { other(); }\n',
    )
    write(app, "parts/b.js", "export const b = 1;\nconst own = 2;\n")
    script = bundling.bundle("page/page.js").script
    assert script.count("const b = 1;") == 1
    assert script.index("const b = 1;") < script.index("function a()") < script.index("a(b);")
    assert "const { b: other } = $parts_b;" in script
    assert "return { b };" in script  # and not what is its own
    assert "import" not in script


def test_style_sheets_beside_the_modules_are_joined(app):
    write(app, "page/page.js", 'import { a } from "../parts/a.js";\na();\n')
    write(app, "parts/a.js", "export function a() {}\n")
    write(app, "parts/a.css", ".ce-a {}\n")
    write(app, "page/page.css", ".ce-page {}\n")
    assert bundling.bundle("page/page.js").style == (".ce-base {}\n\n.ce-a {}\n\n.ce-page {}\n")


def test_a_circle_is_refused_by_name(app):
    write(app, "page/a.js", 'import { b } from "./b.js";\nexport const a = b;\n')
    write(app, "page/b.js", 'import { a } from "./a.js";\nexport const b = a;\n')
    with pytest.raises(ValueError, match=r"page/a.js -> page/b.js -> page/a.js"):
        bundling.bundle("page/a.js")


@pytest.mark.parametrize(
    "line",
    [
        'import a from "./b.js";',
        'import * as b from "./b.js";',
        'import "./b.js";',
        "export { a };",
    ],
)
def test_other_ways_to_import_and_export_are_refused(app, line):
    write(app, "page/a.js", f"{line}\n")
    write(app, "page/b.js", "")
    with pytest.raises(ValueError, match="names only"):
        bundling.bundle("page/a.js")


def test_the_default_export_of_the_entry_stays(app):
    write(app, "page/a.js", "function render() {}\n\nexport default { render };\n")
    assert "export default { render };" in bundling.bundle("page/a.js").script
