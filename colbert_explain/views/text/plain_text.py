"""An explanation as text: for terminals, logs, screen readers and saved notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from colbert_explain.explanation import Explanation
from colbert_explain.text.wording import count, first_of, isolated, listed, one_line
from colbert_explain.tokens import TokenSequence

NOT_COMPARABLE = "not comparable between queries"
#: Documents that a sentence names.
_MOST_NAMED = 3


def plain_text(explanation: Explanation) -> str:
    """Write the score, one line per query token, and what computed them.

    Returns
    -------
    str
        Several lines; the contributions in them add up to the score.
    """
    x = explanation
    n_scored = int(x.query.scored_mask.sum())
    lines = [
        f"MaxSim score {x.score:.4f}, {x.mean_contribution:.3f} per scored query token "
        f"({NOT_COMPARABLE})"
    ]
    width = max(len(one_line(token.text)) for token in x.query)
    for i, token in enumerate(x.query):
        word = one_line(token.text).ljust(width)
        if not token.scored:
            why = "unknown to this model, " if token.unknown else ""
            lines.append(f"  {word}      -   {why}not scored")
            continue
        j = int(x.alignment[i])
        tie = ", tied with others" if x.tied[i] else ""
        match = one_line(x.document[j].text)
        lines.append(f"  {word} {x.contributions[i]:7.4f} -> {match} (token {j}{tie})")
    lines += [
        f"  sum of {n_scored} before rounding = {x.score:.4f}",
        *warnings(x),
        x.provenance_sentence(),
    ]
    return "\n".join(lines)


def warnings(explanation: Explanation) -> list[str]:
    """Return a sentence for each thing that the model could not read or was not asked to."""
    sentences = []
    for name, side in (("query", explanation.query), ("document", explanation.document)):
        sentences += not_read(f"The {name}", side)
        if side.n_unknown:
            one = side.n_unknown == 1
            scored = any(token.unknown and token.scored for token in side)
            sentences.append(
                f"This model cannot read {side.n_unknown:,} word{'' if one else 's'} of the "
                f"{name} (not in its vocabulary): {'it is' if one else 'they are'} "
                f"{'scored as unknown' if scored else 'not scored'}."
            )
    return sentences


def not_read(name: str, side: TokenSequence) -> list[str]:
    """Return a sentence if a text goes on after what was read, such as "The query"."""
    if not side.n_unread or side.unread_start is None:
        return []
    return [
        f"{name} is longer than this model was asked to read: {len(side):,} tokens "
        f"were read, {side.n_unread:,} {'was' if side.n_unread == 1 else 'were'} not, "
        f"from character {side.unread_start:,} on."
    ]


def not_read_of_several(
    query: TokenSequence, documents: Sequence[tuple[str, TokenSequence]]
) -> list[str]:
    """Return a sentence on the query, and one on all documents, that go on after what was read."""
    cut = [(name, side.n_unread) for name, side in documents if side.n_unread]
    sentences = not_read("The query", query)
    if cut:
        named = first_of([f"{isolated(name)} ({n:,})" for name, n in cut], _MOST_NAMED)
        sentences.append(
            f"{len(cut):,} of {count(len(documents), 'document')} "
            f"{'was' if len(cut) == 1 else 'were'} not read to the end (tokens not read): "
            f"{listed(named)}."
        )
    return sentences
