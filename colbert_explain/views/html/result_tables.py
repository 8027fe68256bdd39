"""What a cell shows that ends in a result other than an explanation: a sentence and a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from colbert_explain.analysis import Contrast, Ranking, RerankedDocuments
from colbert_explain.analysis.calibration import Calibration
from colbert_explain.analysis.model_comparison import ModelComparison
from colbert_explain.analysis.occlusion import Occlusion
from colbert_explain.analysis.passage_reencoding import ReencodedPassage
from colbert_explain.analysis.reranked_documents import NOTHING_TO_EXPLAIN
from colbert_explain.explanation import Passage, TokenMatch, Word, WordExplanation
from colbert_explain.explanation.scores import share_of
from colbert_explain.samples import Sample
from colbert_explain.text.printed_sums import SCORE_BEFORE_ROUNDING, printed_difference
from colbert_explain.text.wording import beginning, count, isolated, number, signed
from colbert_explain.views.html.static_table import (
    NO_NUMBER,
    Cell,
    StaticTable,
    count_cell,
    number_cell,
    percent_cell,
    similarity_cell,
)
from colbert_explain.views.text.plain_text import NOT_COMPARABLE, not_read_of_several
from colbert_explain.views.token_labels import short_name, token_names

#: Characters of a text or a name in a cell.
_BEGINNING, _NAME = 160, 60
#: Of a calibration, those that are listed.
_PERCENTILES = (50, 95, 99)


def ranking_table(ranking: Ranking) -> StaticTable:
    """List the documents of a ranking, best first."""
    n_scored, ranks = int(ranking.query.scored_mask.sum()), ranking.ranks
    rows = []
    for i in ranking.order.tolist():
        place, score = int(ranks[i]), float(ranking.scores[i])
        row = (
            Cell(str(place), number=True),
            Cell(beginning(ranking.names[i], _NAME), strong=place == 1),
            number_cell(score, strong=place == 1),
            similarity_cell(score / n_scored),
            Cell(beginning(ranking.document_embeddings[i].tokens.text, _BEGINNING)),
        )
        rows.append(row)
    query = beginning(ranking.query.text, _BEGINNING)
    return StaticTable(
        title=f"{count(len(ranking), 'document')} for “{isolated(query)}”",
        sentences=tuple(unread_and_left_out(ranking)),
        caption=f"MaxSim scores, best first; {NOT_COMPARABLE}",
        head=("rank", "document", "score", "per query token", "text"),
        rows=tuple(rows),
        source=ranking.query_embeddings.provenance.sentence(),
    )


def unread_and_left_out(ranking: Ranking) -> list[str]:
    """Return sentences on what was not read of the texts, and which documents were left out."""
    documents = [
        (beginning(ranking.names[i], _NAME), ranking.document_embeddings[i].tokens)
        for i in ranking.order.tolist()
    ]
    left_out = ranking.left_out()
    return [*not_read_of_several(ranking.query, documents), *([left_out] if left_out else [])]


def reranked_table(found: RerankedDocuments) -> StaticTable:
    """List the documents that a reranker has scored, best first."""
    ranks = found.ranks
    rows = []
    for i in found.order.tolist():
        best = int(ranks[i]) == 1
        text = beginning(found.documents[i], _BEGINNING)
        rows.append((number_cell(found.scores[i], strong=best), Cell(text, strong=best)))
    query = beginning(found.query, _BEGINNING)
    left_out = found.left_out()
    return StaticTable(
        title=f"{count(len(found), 'document')} for “{isolated(query)}”",
        sentences=(NOTHING_TO_EXPLAIN, *((left_out,) if left_out else ())),
        caption=f"Scores of a reranker, best first; {NOT_COMPARABLE}",
        head=("score", "text"),
        rows=tuple(rows),
        source=found.provenance.sentence(),
    )


def contrast_table(contrast: Contrast, order: tuple[int, ...] | None = None) -> StaticTable:
    """Compare two documents query token by query token, in ``order`` or that of the query."""
    query, sides = contrast.first.query, (contrast.first, contrast.second)
    names = token_names(query)
    found, favoured = [token_names(x.document) for x in sides], contrast.better
    rows = []
    for i in range(len(query)) if order is None else order:
        if not query[i].scored:
            not_scored = Cell("not scored", muted=True)
            rows.append((Cell(short_name(names[i])), not_scored, *[Cell("")] * 4))
            continue
        difference = printed_difference(sides[0].contributions[i], sides[1].contributions[i], 3)
        cells = []
        for sign, x, tokens in zip((1, -1), sides, found, strict=True):
            better = bool(favoured[i] == sign)
            value = float(x.contributions[i])
            cells.append(Cell(short_name(tokens[int(x.alignment[i])]), strong=better))
            cells.append(Cell(number(value), value, number=True, strong=better))
        rows.append((Cell(short_name(names[i])), Cell(signed(difference), number=True), *cells))
    called = [short_name(name) for name in contrast.names]
    one, other = map(isolated, called)
    total = signed(printed_difference(contrast.first.score, contrast.second.score, 3))
    foot = [Cell(SCORE_BEFORE_ROUNDING), Cell(total, number=True)]
    for x in sides:
        foot += [Cell(""), number_cell(x.score, strong=True)]
    return StaticTable(
        title=f"{one} {number(contrast.first.score)} \N{MINUS SIGN} {other} "
        f"{number(contrast.second.score)} = {total}",
        sentences=(
            contrast.sentence(),
            *not_read_of_several(
                query, [(name, x.document) for name, x in zip(called, sides, strict=True)]
            ),
        ),
        caption="What each query token finds in both documents",
        head=("query token", "difference", f"match in {one}", "", f"match in {other}", ""),
        rows=tuple(rows),
        foot=tuple(foot),
        source=contrast.first.provenance.sentence(),
    )


def models_table(comparison: ModelComparison) -> StaticTable:
    """List the pieces of the query with their share of each model's score and what they found."""
    rows = []
    for word in comparison.words:
        row = [Cell(short_name(word.text) if word.text else "tokens without text")]
        for share, match in zip(word.shares, word.matches, strict=True):
            if match is None:
                row += [NO_NUMBER, Cell("not scored", muted=True)]
                continue
            found = Cell(short_name(match.text), strong=not word.is_same_match)
            row += [percent_cell(share, 1), found if word.text else Cell("")]
        rows.append(tuple(row))
    scores = [number_cell(x.score) for x in comparison.explanations]
    heads = [(f"share in {isolated(short_name(name))}", "match") for name in comparison.names]
    return StaticTable(
        title=f"One pair, {count(len(comparison.names), 'model')}",
        sentences=(comparison.sentence(),),
        caption="The share of the score that each query word makes up, and its match; matches "
        "that differ are bold. Shares can be compared between models, scores cannot",
        head=("query word", *(heading for pair in heads for heading in pair)),
        rows=tuple(rows),
        foot=(Cell("score"), *(cell for score in scores for cell in (score, Cell("")))),
        source=" | ".join(x.provenance_sentence() for x in comparison.explanations),
    )


def occlusion_table(occlusion: Occlusion) -> StaticTable:
    """Return both scores and the query tokens that lost their match."""
    before, after = occlusion.original, occlusion.masked
    names = token_names(before.query)
    found = [token_names(x.document) for x in (before, after)]
    hit = occlusion.changed.tolist()
    rows = []
    for i in hit:
        row = [Cell(short_name(names[i]))]
        for x, called in zip((before, after), found, strict=True):
            if not x.query[i].scored:
                row += [Cell("masked", muted=True), NO_NUMBER]
                continue
            match = Cell(short_name(called[int(x.alignment[i])]))
            row += [match, similarity_cell(x.contributions[i])]
        change = printed_difference(after.contributions[i], before.contributions[i], 3)
        rows.append((*row, Cell(signed(change), number=True)))
    title = f"MaxSim score {number(before.score)}, masked {number(after.score)}"
    if occlusion.reencoded is not None:
        title += f", re-encoded {number(occlusion.reencoded.score)}"
    caption = "No query token loses its best match when it is masked"
    if hit:
        caption = "Query tokens that lose their best match when it is masked"
        if n_kept := int(before.query.scored_mask.sum()) - len(hit):
            keep = "keeps what it has" if n_kept == 1 else "keep what they have"
            caption += f"; {count(n_kept, 'other query token')} {keep}"
    return StaticTable(
        title=title,
        sentences=(occlusion.sentence(),),
        caption=caption,
        head=("query token", "match before", "", "match when masked", "", "change"),
        rows=tuple(rows),
        foot=(
            Cell(SCORE_BEFORE_ROUNDING),
            *(Cell(""), number_cell(before.score, strong=True)),
            *(Cell(""), number_cell(after.score, strong=True)),
            Cell(signed(printed_difference(after.score, before.score, 3)), number=True),
        ),
        source=before.provenance_sentence(),
    )


def word_table(words: WordExplanation) -> StaticTable:
    """List the query words with what they add and the word each found."""
    rows = []
    for i, (word, kind) in enumerate(zip(words.query, words.kinds, strict=True)):
        name, j = Cell(short_name(word.text)), int(words.alignment[i])
        if j < 0:
            rows.append((name, NO_NUMBER, NO_NUMBER, Cell("not scored", muted=True), Cell("")))
            continue
        value, match = float(words.contributions[i]), short_name(words.document[j].text)
        share = percent_cell(share_of(value, words.score), 1)
        rows.append((name, number_cell(value), share, Cell(match, strong=True), Cell(kind or "")))
    return StaticTable(
        title=f"MaxSim score {number(words.score)}",
        caption="What each query word adds to the score, its tokens together",
        head=("query word", "adds", "share", "best match", "kind of match"),
        rows=tuple(rows),
        foot=(
            Cell(SCORE_BEFORE_ROUNDING),
            number_cell(words.score, strong=True),
            percent_cell(share_of(words.score, words.score)),
            *(Cell(""), Cell("")),
        ),
    )


def one_word_table(word: Word) -> StaticTable:
    """Return the position of a word and what the model does with it."""
    n_tokens = len(word.positions)
    first, last = word.positions[0], word.positions[-1]
    return StaticTable(
        title=f"“{short_name(word.text)}”",
        caption=f"A word of {count(n_tokens, 'token')}",
        head=("tokens", "characters", "role", "scored"),
        rows=(
            (
                Cell(str(first) if n_tokens == 1 else f"{first} to {last}"),
                NO_NUMBER if word.start is None else Cell(f"{word.start} to {word.end}"),
                Cell(word.role),
                Cell(("yes" if word.scored else "no") + (", unknown" if word.unknown else "")),
            ),
        ),
    )


def match_table(title: str, pieces: Sequence[TokenMatch]) -> StaticTable:
    """List what query tokens found, and what came next."""
    rows = []
    for piece in pieces:
        near = piece.runner_up
        row = (
            Cell(str(piece.position), number=True),
            Cell(short_name(piece.match.text), strong=True),
            similarity_cell(piece.similarity),
            Cell(str(piece.match_position), number=True),
            NO_NUMBER if near is None else Cell(short_name(near.text)),
            NO_NUMBER if near is None else similarity_cell(piece.runner_up_similarity),
            Cell({"tied": "a tie", "close": "a close call", "firm": ""}[piece.firmness]),
        )
        rows.append(row)
    return StaticTable(
        title=title,
        caption="What a query token found in the document",
        head=(
            *("query position", "best match in", "", "at token"),
            *("runner-up in", "", "how firm"),
        ),
        rows=tuple(rows),
    )


def sample_table(samples: Sequence[Sample]) -> StaticTable:
    """List pairs of query and document with what to look at."""
    return StaticTable(
        title=count(len(samples), "pair") + " of query and document",
        caption="Texts that come with the package",
        head=("group", "title", "query", "document", "what to look at"),
        rows=tuple(
            (
                Cell(sample.group),
                Cell(sample.title, strong=True),
                Cell(beginning(sample.query, _BEGINNING)),
                Cell(beginning(sample.document, _BEGINNING)),
                Cell(sample.note),
            )
            for sample in samples
        ),
    )


def passage_table(passages: Sequence[Passage]) -> StaticTable:
    """List sentences with the score that each would have alone in context."""
    return StaticTable(
        title="Best sentences of the document" if passages else "No sentence holds a scored token",
        caption="The score if only the tokens of one sentence could be matched",
        head=("rank", "score", "share", "from character", "sentence"),
        rows=tuple(
            (
                Cell(str(passage.rank), number=True),
                number_cell(passage.score, strong=passage.rank == 1),
                percent_cell(passage.share),
                count_cell(passage.start),
                Cell(passage.text),
            )
            for passage in passages
        ),
    )


def reencoded_table(passages: Sequence[ReencodedPassage]) -> StaticTable:
    """List sentences with their scores alone and in the document."""
    return StaticTable(
        title="Best sentences, each re-encoded",
        caption="Scores of the sentences alone, beside those they have within the document",
        head=("rank", "score alone", "score in the document", "rank there", "sentence"),
        rows=tuple(
            (
                Cell(str(each.rank), number=True),
                number_cell(each.score, strong=each.rank == 1),
                number_cell(each.passage.score),
                Cell(str(each.passage.rank), number=True),
                Cell(each.text),
            )
            for each in passages
        ),
        source=passages[0].explanation.provenance.sentence() if passages else "",
    )


def calibration_table(calibration: Calibration) -> StaticTable:
    """List what a query token finds in unrelated documents, by their length."""
    lengths = np.unique(np.maximum(1, np.round(calibration.lengths)).astype(int)).tolist()
    rows = []
    for n_document in lengths:
        values = [calibration.threshold(n_document, percentile) for percentile in _PERCENTILES]
        rows.append((count_cell(n_document), *map(similarity_cell, values)))
    return StaticTable(
        title="What a query token finds in unrelated documents",
        caption="The cosine similarity below which the best match lies in half, 95% or 99% of the "
        "unrelated pairs",
        head=("scored document tokens", "half of them", "95%", "99%"),
        rows=tuple(rows),
        source=calibration.provenance.sentence(),
    )
