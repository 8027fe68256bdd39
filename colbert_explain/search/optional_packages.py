"""Packages that only some collections need."""

from __future__ import annotations

import importlib.util


def require(module: str, package: str, extra: str, what: str) -> None:
    """Raise a `RuntimeError` with the command that installs a package, unless it is installed.

    Parameters
    ----------
    module, package
        The name to import, and the name to install.
    extra
        The extra of this package that installs it.
    what
        What needs it, for the sentence.
    """
    if importlib.util.find_spec(module) is None:
        raise RuntimeError(
            f"{what} needs the package {package}, which is not installed: "
            f'pip install "colbert-explain[{extra}]"'
        )
