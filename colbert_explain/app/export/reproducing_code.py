"""The Python that makes the current view again."""

from __future__ import annotations

from inspect import signature
from typing import Any

from colbert_explain.analysis import Ranking
from colbert_explain.encoders import load_encoder
from colbert_explain.encoders.bundled.recipe import LENGTHS
from colbert_explain.explanation import Explanation


def reproducing_code(
    explanation: Explanation,
    options: dict[str, Any],
    *,
    pinned: tuple[int, int] | None = None,
    ranking: Ranking | None = None,
    position: int = 0,
) -> str:
    """Write a script that computes the same score and draws the same heatmap.

    Parameters
    ----------
    explanation
        The explanation that is shown.
    options
        The options of `heatmap` that it is drawn with.
    pinned
        The pair that is pinned.
    ranking, position
        The ranking it was chosen from, and its place in the given order.

    Returns
    -------
    str
        Python that runs as it is. If the vectors came from the user's own object, a comment says
        so, because the object cannot be loaded.
    """
    x = explanation
    lines = ["import colbert_explain as ce", "", *_encoder_lines(x)]
    lines.append(f"query = {x.query.text!r}")
    if ranking is None:
        lines += [
            f"document = {x.document.text!r}",
            "x = ce.explain(query, document, encoder)",
        ]
    else:
        lines.append("documents = {")
        for name, embedded in zip(ranking.names, ranking.document_embeddings, strict=True):
            lines.append(f"    {name!r}: {embedded.tokens.text!r},")
        lines += [
            "}",
            "ranking = ce.rank(query, documents, encoder)",
            f"x = ranking.explanations[{position}]  # {ranking.names[position]!r}",
        ]
    lines += ["print(x.score)", ""]
    drawn = {**options, **({} if pinned is None else {"pinned": pinned})}
    usual = {"theme": "light", "level": "token", "rows": "all", "sort": "text"}
    chosen = [f"{name}={value!r}" for name, value in drawn.items() if usual.get(name) != value]
    lines.append(f"ce.heatmap({', '.join(['x', *chosen])})")
    return "\n".join(lines) + "\n"


def _encoder_lines(x: Explanation) -> list[str]:
    p = x.provenance
    lines = [f"# {line}" for line in p.sentence().splitlines()]
    if not p.sha256 and not p.revision:
        return [*lines, "# encoder: the object that you gave to ce.Workbench(...)", ""]
    if not p.revision and not p.layers:
        lines.append(f"# {p.model!r} was read from a folder: put its path here.")
    # Only the bundled encoder is read from hidden layers; a checkpoint has its own projection.
    arguments = [repr(p.model)] if not p.layers else [f"layers={p.layers!r}"]
    if p.revision:
        arguments.append(f"revision={p.revision!r}")
    # A file may come from anywhere: only what load_encoder takes becomes Python.
    taken = signature(load_encoder).parameters
    arguments += [f"{name}={value!r}" for name, value in p.overridden.items() if name in taken]
    for side, tokens in (("query", x.query), ("document", x.document)):
        name = f"{side}_length"
        # Explanations that were saved by version 0.1 do not name the lengths.
        is_named = name in p.overridden
        if p.layers and not is_named and tokens.n_unread and len(tokens) != LENGTHS[name]:
            arguments.append(f"{name}={len(tokens)}")
    if p.dtype != "float32":
        arguments.append(f"dtype={p.dtype!r}")
    return [*lines, f"encoder = ce.load_encoder({', '.join(arguments)})", ""]
