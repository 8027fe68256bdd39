"""What a cell shows that ends in a collection, a document of it, or the hits of a search."""

from __future__ import annotations

from itertools import islice

from colbert_explain.search import Collection, Document, Hits
from colbert_explain.text.wording import (
    beginning,
    capitalised,
    count,
    every,
    isolated,
    number,
    quoted,
    signed,
)
from colbert_explain.views.html.result_tables import unread_and_left_out
from colbert_explain.views.html.static_table import Cell, StaticTable, number_cell
from colbert_explain.views.text.plain_text import NOT_COMPARABLE
from colbert_explain.views.token_labels import short_name

#: Characters of a text, a name, and a field of metadata in a cell.
BEGINNING, _NAME, _FIELD = 160, 60, 80
#: Documents of a collection that are listed.
_FIRST = 5
#: Query words that have a column each; more of them share one column of marks.
MOST_WORD_COLUMNS = 10
#: Parts of a bar, and its marks from nothing to a whole part.
_BAR_LENGTH, _EIGHTHS = 8, " ▏▎▍▌▋▊▉█"
#: Marks of a query word, from a similarity of 0 or less to 1.
_LEVELS = "▁▂▃▄▅▆▇█"
#: Differences from the index below this are rounding.
_ROUNDING = 5e-4


def hits_table(hits: Hits) -> StaticTable:
    """List the hits, best first, with a bar for the score and a mark for each query word."""
    words = hits.query_words
    n_scored = int(hits.query.scored_mask.sum())
    sizes = [sum(hits.query[i].scored for i in word.positions) for word in words]
    contributions = hits.word_contributions()
    in_columns = len(words) <= MOST_WORD_COLUMNS
    compressed = bool((abs(hits.differences) >= _ROUNDING).any())
    ranks = hits.ranks
    rows = []
    for i in hits.order.tolist():
        x, score, first = hits.explanations[i], float(hits.scores[i]), int(ranks[i]) == 1
        row = [
            Cell(str(int(ranks[i])), number=True),
            Cell(beginning(hits.names[i], _NAME), strong=first),
            number_cell(score, strong=first),
            Cell(bar(score / n_scored), mono=True),
        ]
        if compressed:
            row.append(Cell(signed(hits.differences[i]), number=True))
        means = [float(c) / size for c, size in zip(contributions[i], sizes, strict=True)]
        if in_columns:
            row += [
                Cell(number(c, 2), mean, number=True)
                for c, mean in zip(contributions[i], means, strict=True)
            ]
        else:
            row.append(Cell("".join(map(mark, means)), mono=True))
        best = x.passages(1)
        row.append(Cell(beginning(best[0].text if best else x.document.text, BEGINNING)))
        rows.append(tuple(row))
    names = tuple(short_name(word.text) for word in words)
    return StaticTable(
        title=f"{count(len(hits), 'hit')} for {quoted(beginning(hits.query.text, BEGINNING))}",
        sentences=tuple(
            sentence
            for sentence in (_scope(hits), _reason(hits), *unread_and_left_out(hits))
            if sentence
        ),
        caption=f"MaxSim scores, best first; {NOT_COMPARABLE}. The bar is the score per query "
        "token; the last columns show what each query word adds, and the best sentence",
        head=(
            *("rank", "document", "score", ""),
            *(["score minus index score"] if compressed else []),
            *(names if in_columns else (f"{len(words)} query words",)),
            "best sentence",
        ),
        rows=tuple(rows),
        source=hits.query_embeddings.provenance.sentence(),
    )


def _scope(hits: Hits) -> str:
    """Say how many documents were scored, and what chose them."""
    if hits.n_scored is None:
        if hits.n_searched == 1:
            return "The document is scored if it passes the filter."
        return f"Of {hits.n_searched:,} documents, all that pass the filter are scored."
    if hits.n_scored == hits.n_searched:
        are = "is" if hits.n_searched == 1 else "are"
        return f"{capitalised(every(hits.n_searched, 'document'))} {are} scored."
    chosen_by = {
        "bm25": "BM25",
        "pooled": "the pooled vectors",
        None: "the compressed index or the filter",
    }[hits.first_stage]
    return (
        f"{count(hits.n_scored, 'document')} of {hits.n_searched:,} "
        f"{'is' if hits.n_scored == 1 else 'are'} scored exactly, chosen by {chosen_by}."
    )


def _reason(hits: Hits) -> str:
    return hits.contrast(0, 1).sentence() if len(hits) > 1 else ""


def bar(share: float) -> str:
    """Draw a number from 0 to 1 as a bar of text."""
    eighths = round(max(0.0, min(1.0, share)) * _BAR_LENGTH * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip() or _EIGHTHS[1]


def mark(similarity: float) -> str:
    """Draw a similarity as one sign of text, the higher the more similar."""
    level = int(max(0.0, similarity) * len(_LEVELS))
    return _LEVELS[min(level, len(_LEVELS) - 1)]


def collection_table(collection: Collection) -> StaticTable:
    """Show how large a collection is, where it lies, and its first documents."""
    first = list(islice(collection, _FIRST))
    left_out = collection.left_out
    provenance = collection.provenance
    return StaticTable(
        title=f"{count(len(collection), 'document')} in {collection.where_it_lies}",
        sentences=(
            (
                f"{count(len(left_out), 'document')} could not be read; "
                f"{'it is' if len(left_out) == 1 else 'they are'} listed in the collection's "
                "left_out.",
            )
            if left_out
            else ()
        ),
        caption="The first documents" if len(collection) > len(first) else "Its documents",
        head=("id", "text", "metadata"),
        rows=tuple(_document_row(document) for document in first),
        source=provenance.sentence() if provenance else "",
    )


def document_table(document: Document) -> StaticTable:
    """Show a document with its metadata."""
    return StaticTable(
        title=f"Document {isolated(short_name(document.id))}",
        caption="Text and metadata",
        head=("id", "text", "metadata"),
        rows=(_document_row(document),),
    )


def _document_row(document: Document) -> tuple[Cell, ...]:
    fields = [f"{name}: {value}" for name, value in document.metadata.items()]
    return (
        Cell(beginning(document.id, _NAME), strong=True),
        Cell(beginning(document.text, BEGINNING)),
        Cell(beginning(", ".join(fields), _FIELD) if fields else ""),
    )
