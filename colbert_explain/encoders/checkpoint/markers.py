"""Markers such as [Q] and [D]: one piece before every text, whatever the tokeniser thinks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokenizers import AddedToken

from colbert_explain.encoders.checkpoint.settings import ARGUMENT, SIDES, ReadingSettings, Setting


def split_markers(settings: ReadingSettings, tokenizer: Any) -> ReadingSettings:
    """Part a marker from the prompt that contains it.

    The newest format has one text for both, ``"[Q] search_query: "``; its marker is the token
    of the tokeniser's own that the text begins with.
    """
    for side in SIDES:
        marker, prompt = settings.marker(side), settings.prompt(side)
        if marker.value or marker.source == ARGUMENT:
            continue
        known = [token for token in tokenizer.get_added_vocab() if prompt.value.startswith(token)]
        if known:
            token = max(known, key=len)
            rest = Setting(prompt.value.removeprefix(token), prompt.source)
            settings = settings.with_opening(side, Setting(token, prompt.source), rest)
    return settings


def make_markers_whole(tokenizer: Any, openings: Iterable[str]) -> None:
    """Make the tokeniser read a marker that it knows as one piece.

    Stanford and PyLate put a marker's id in; as a text, ``[unused0]`` would fall into pieces,
    and a marker that is normalised never matches where the tokeniser lowers the case. A marker
    that is no token at all stays what it is, an ordinary text.
    """
    known = {*tokenizer.get_vocab(), *tokenizer.get_added_vocab()}
    tokens = []
    for opening in openings:
        if not opening.strip():
            continue
        for marker in (opening, opening.split(None, 1)[0]):
            if marker in known:
                if tokenizer.tokenize(marker) != [marker]:
                    tokens.append(AddedToken(marker, normalized=False, special=True))
                break
    if tokens:
        tokenizer.add_special_tokens({"additional_special_tokens": tokens})


def shattered(tokenizer: Any, marker: str) -> list[str]:
    """List the pieces into which a marker falls; empty if it is one piece, as it should be."""
    pieces = tokenizer.tokenize(marker.strip()) if marker.strip() else []
    whole = tokenizer.tokenize(marker) if marker.strip() else []
    return [] if min(len(pieces), len(whole)) <= 1 else pieces
