"""HTML from Jinja templates with autoescape: a user's text can never become markup."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from colbert_explain.explanation import Explanation
from colbert_explain.views.palette import PageTheme, css_variables, palette_of
from colbert_explain.views.plain_text import NOT_COMPARABLE, warnings


def render(template: str, **values: Any) -> str:
    """Fill a template of this package; every value is escaped."""
    return _template(template).render(**values)


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("colbert_explain.views"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )
    environment.globals["css_variables"] = Markup(css_variables())
    return environment.get_template(name)


def _visible(value: Any) -> Any:
    """Show a NUL, which HTML parsers drop, by the character made to show it."""
    return value.replace("\x00", "\u2400") if isinstance(value, str) else value


def theme_class(theme: PageTheme) -> str:
    """Return the class that holds a part of a page to a theme; none for ``"auto"``.

    Raises
    ------
    ValueError
        If there is no such theme.
    """
    if theme == "auto":
        return ""
    palette_of(theme)
    return f"ce-{theme}"


def token_table(explanation: Explanation, *, theme: PageTheme = "auto") -> str:
    """Write the table of contributions as HTML: one row per query token, sum at the foot."""
    return render(
        "token_table.html.j2",
        rows=explanation.to_frame().to_dict("records"),
        score=explanation.score,
        theme_class=theme_class(theme),
        provenance=explanation.provenance_sentence(),
    )


def notices(explanation: Explanation, *, theme: PageTheme = "auto") -> str:
    """Write the score with its unit, and what was not read or not known, as HTML."""
    return render(
        "notices.html.j2",
        score=explanation.score,
        mean=explanation.mean_contribution,
        n_scored=int(explanation.query.scored_mask.sum()),
        not_comparable=NOT_COMPARABLE,
        warnings=warnings(explanation),
        theme_class=theme_class(theme),
    )
