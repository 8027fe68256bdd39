"""All imports of the package, those in functions and under TYPE_CHECKING included, go one way."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "colbert_explain"
#: These load their public names by their modules' names when they are first used.
LAZY = {f"{PACKAGE}/{folder}__init__.py" for folder in ("", "app/", "views/")}


def sources():
    """Return the path and the syntax tree of each module by its dotted name."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found[name.removesuffix(".__init__")] = path.relative_to(ROOT), tree
    return found


def imported_by(node, modules):
    """Return the modules that an import statement takes something from."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    full = [f"{node.module}.{alias.name}" for alias in node.names]  # none is relative: ruff
    return [name if name in modules else node.module for name in full]


def test_no_module_imports_itself_through_others():
    modules = sources()
    graph = {}
    for module, (_, tree) in modules.items():
        names = {name for node in ast.walk(tree) for name in imported_by(node, modules)}
        graph[module] = {name for name in names if name in modules} - {PACKAGE, module}
    # The root hands on everyone's names; nobody may need them to be imported.
    del graph[PACKAGE]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_no_module_of_ours_is_imported_by_its_name():
    for path, tree in sources().values():
        if str(path) in LAZY:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "import_module":
                raise AssertionError(f"{path}:{node.lineno} imports a module by its name")
            if isinstance(node, ast.Name) and node.id in ("__import__", "import_module"):
                raise AssertionError(f"{path}:{node.lineno} imports a module by its name")
