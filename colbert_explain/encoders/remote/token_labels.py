"""Labels of tokens whose vectors come from a service, from a tokeniser on this machine."""

from __future__ import annotations

import string
from pathlib import Path

from tokenizers import Tokenizer

from colbert_explain import argument_checks as check
from colbert_explain.encoders.checkpoint.settings import Side
from colbert_explain.encoders.tokenising import as_written, check_text
from colbert_explain.tokens import Role, Token, TokenSequence

_PUNCTUATION = frozenset(string.punctuation)


class TokenLabels:
    """The tokens that a service reads, according to a tokeniser.

    A service that sends vectors does not always say which tokens they belong to. This class
    tokenises the same text here. Its tokens are used only if there are as many of them as vectors;
    otherwise the labels are positions, and a line on stderr says so. Equal numbers do not prove
    that the tokens are the same: give the tokeniser of the same model.

    Parameters
    ----------
    tokenizer
        A ``tokenizer.json`` of Hugging Face, or the folder that holds it. Nothing is downloaded.
    query_marker, document_marker
        The vocabulary entry that the model puts after its first special token, such as
        ``"[QueryMarker]"``; ``""`` for none.
    query_length
        The number of tokens to which a query is padded with ``expansion``; None if it is not
        padded.
    expansion
        The vocabulary entry with which a query is padded.
    skip_punctuation
        Whether the service returns no vector for the punctuation marks of a document.

    Raises
    ------
    ValueError
        If the tokeniser cannot be read, or has no such entry.

    Examples
    --------
    >>> TokenLabels("jina-colbert-v2/", document_marker="[D]")  # doctest: +SKIP
    TokenLabels(jina-colbert-v2)
    """

    def __init__(
        self,
        tokenizer: str | Path,
        *,
        query_marker: str = "",
        document_marker: str = "",
        query_length: int | None = None,
        expansion: str = "[MASK]",
        skip_punctuation: bool = False,
    ) -> None:
        path = check.file_path("tokenizer", tokenizer)
        if path.is_dir():
            path = path / "tokenizer.json"
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises no other
            raise ValueError(
                "tokenizer must be a tokenizer.json or a folder that holds one, got "
                f"{check.shown(str(tokenizer))}: {error}"
            ) from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._markers = {"query": query_marker, "document": document_marker}
        if query_length is not None and check.whole_number("query_length", query_length) < 1:
            raise ValueError(f"query_length must be at least 1, got {query_length}")
        self._query_length = query_length
        self._expansion = expansion
        self._skip_punctuation = skip_punctuation
        entries = {"query_marker": query_marker, "document_marker": document_marker}
        if query_length is not None:
            entries["expansion"] = expansion
        for name, entry in entries.items():
            check.text(name, entry)
            if entry and self._tokenizer.token_to_id(entry) is None:
                raise ValueError(
                    f"{name} must be an entry of the tokeniser's vocabulary, got "
                    f"{check.shown(entry)}"
                )
        self._name = path.parent.name or path.name

    def __repr__(self) -> str:
        return f"TokenLabels({self._name})"

    def query_tokens(self, text: str, prefix: str = "") -> TokenSequence:
        """Return the tokens of a query; those of ``prefix``, which is sent first, have no span.

        Every token is scored, because the service sends a vector for each.
        """
        return self._read("query", text, prefix)

    def document_tokens(self, text: str, prefix: str = "") -> TokenSequence:
        """Return the tokens of a document, as `query_tokens` does for a query."""
        return self._read("document", text, prefix)

    def _read(self, side: Side, text: str, prefix: str) -> TokenSequence:
        check_text(side, text)
        encoding = self._tokenizer.encode(check.text("prefix", prefix) + text)
        columns = encoding.ids, encoding.tokens, encoding.offsets, encoding.special_tokens_mask
        entries = list(zip(*columns, strict=True))
        tokens: list[Token] = []
        for i, (id_, piece, (start, end), is_special) in enumerate(entries):
            if is_special:
                tokens.append(Token(id_, piece, piece, None, None, "special"))
                continue
            if end <= len(prefix) and prefix:
                tokens.append(Token(id_, piece, piece, None, None, "marker"))
                continue
            start, end = max(0, start - len(prefix)), end - len(prefix)
            later = (e[2][0] - len(prefix) for e in entries[i + 1 :] if not e[3])
            following = next((first for first in later if first >= end), len(text))
            start, end = as_written(text, piece, start, end, following)
            if not self._is_skipped(side, piece):
                unknown = self._is_unknown(id_)
                tokens.append(Token(id_, piece, text[start:end], start, end, unknown=unknown))
        if marker := self._markers[side]:
            place = int(bool(tokens) and tokens[0].role == "special")
            tokens.insert(place, self._added(marker, "marker"))
        if side == "query" and self._query_length is not None:
            missing = self._query_length - len(tokens)
            tokens += [self._added(self._expansion, "expansion")] * missing
        return TokenSequence(text, tuple(tokens))

    def _added(self, entry: str, role: Role) -> Token:
        return Token(self._tokenizer.token_to_id(entry), entry, entry, None, None, role)

    def _is_skipped(self, side: Side, piece: str) -> bool:
        return self._skip_punctuation and side == "document" and piece.strip("▁Ġ") in _PUNCTUATION

    def _is_unknown(self, id_: int) -> bool:
        unknown: str | None = getattr(self._tokenizer.model, "unk_token", None)
        return unknown is not None and self._tokenizer.token_to_id(unknown) == id_


def positions(text: str, n: int) -> TokenSequence:
    """Return tokens named by their positions, from 0, for vectors without labels."""
    names = (f"token {i}" for i in range(n))
    return TokenSequence(text, tuple(Token(None, name, name, None, None) for name in names))


def read(labels: TokenLabels, side: Side, text: str, prefix: str = "") -> TokenSequence:
    """Return the tokens of a text of one side."""
    tokens_of = labels.query_tokens if side == "query" else labels.document_tokens
    return tokens_of(text, prefix)
