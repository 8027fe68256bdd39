"""Joins JavaScript modules and their style sheets: a widget has one script and one style sheet.

The files are ordinary ES modules, so that an editor, a linter and a test read them as they are.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

_APP = Path(__file__).parent.parent
_IMPORT = re.compile(r'^import \{ ?([^}]+?),? ?\} from "(\.[^"]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) \*?([\w$]+))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import\b|export (?!default\b)).*", re.MULTILINE)


class Bundle(NamedTuple):
    """What a widget sends to its page.

    Attributes
    ----------
    script
        One ES module, which exports what the entry module exports as its default.
    style
        ``web/base.css``, and the style sheets that lie beside the modules with the same names.
    """

    script: str
    style: str


@cache
def bundle(entry: str) -> Bundle:
    """Join a module with all that it imports, each module once and after those that it imports.

    Parameters
    ----------
    entry
        Path below ``app/``, such as ``"page/workbench_page.js"``. Modules import names only, by
        relative paths: ``import { element, button } from "../web/dom.js";``.

    Raises
    ------
    ValueError
        If modules import each other in a circle, or one imports in another way.
    """
    scripts: list[str] = []
    styles = [(_APP / "web/base.css").read_text(encoding="utf-8")]
    _add(entry, (), [], scripts, styles)
    return Bundle("\n".join(scripts), "\n".join(styles))


def _add(
    path: str, above: tuple[str, ...], done: list[str], scripts: list[str], styles: list[str]
) -> None:
    if path in above:
        raise ValueError(f"modules must not import each other, got {' -> '.join([*above, path])}")
    if path in done:
        return
    text = (_APP / path).read_text(encoding="utf-8")
    imports = []

    def take_import(found: re.Match[str]) -> str:
        names, place = found[1], posixpath.normpath(f"{posixpath.dirname(path)}/{found[2]}")
        _add(place, (*above, path), done, scripts, styles)
        imports.append(f"const {{ {names.replace(' as ', ': ')} }} = {_variable(place)};")
        return ""

    text = _IMPORT.sub(take_import, text)
    exported = _EXPORT.findall(text)
    text = _EXPORT.sub("", text)
    if (left := _LEFT.search(text)) is not None:
        raise ValueError(f"modules must import and export names only, got {left[0]!r} in {path}")
    body = "\n".join([*imports, text])
    if above:
        inside = f"{body}\nreturn {{ {', '.join(exported)} }};"
        scripts.append(f"const {_variable(path)} = (() => {{ // {path}\n{inside}\n}})();")
    else:
        scripts.append(body)
    style = _APP / Path(path).with_suffix(".css")
    if style.is_file():
        styles.append(style.read_text(encoding="utf-8"))
    done.append(path)


def _variable(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))
