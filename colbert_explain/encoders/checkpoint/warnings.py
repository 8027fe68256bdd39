"""What looks wrong with a checkpoint that can be read all the same."""

from __future__ import annotations

from typing import Any

from colbert_explain.encoders.checkpoint.files import CheckpointFiles
from colbert_explain.encoders.checkpoint.markers import shattered
from colbert_explain.encoders.checkpoint.network_sizes import embedding_rows
from colbert_explain.encoders.checkpoint.settings import SIDES, ReadingSettings, known
from colbert_explain.encoders.checkpoint.settings_from_model import unknown_words
from colbert_explain.encoders.jina_bert.config import is_jina_bert

#: Embeddings are filled up to a multiple of 64 or so, which is no tenth of them.
_FEW = 0.9


def warn(
    files: CheckpointFiles, settings: ReadingSettings, tokenizer: Any, reach: int
) -> list[str]:
    """List in sentences what surprises of a checkpoint, or looks like a mistake in it."""
    found = []
    config = files.transformer.config
    if "auto_map" in config and not is_jina_bert(config):
        found.append(
            "config.json names code of its own (auto_map); it is never run, the model is read as "
            f"transformers' {config.get('model_type')}"
        )
    rows = embedding_rows(files.transformer.shapes)
    if rows is not None and len(tokenizer) < _FEW * rows:
        found.append(
            f"the embedding has {rows:,} rows, and the tokeniser {len(tokenizer):,} ids only: they "
            "may be of two models"
        )
    for side in SIDES:
        marker = settings.marker(side).value
        if pieces := shattered(tokenizer, marker):
            found.append(
                f"the {side} marker {marker.strip()!r} is no token of this model: it falls into "
                f"{len(pieces)} pieces, {' '.join(pieces)}"
            )
    if unreadable := unknown_words(words := settings.skiplist.value, tokenizer):
        one, named = len(unreadable) == 1, ", ".join(map(repr, unreadable[:32]))
        found.append(
            f"of the {len(words)} words of the skiplist {len(unreadable)} "
            f"{'is no token' if one else 'are no tokens'} of this model and "
            f"{'skips' if one else 'skip'} nothing: {named}"
        )
    expansion = settings.query_expansion
    if files.format == "PyLate" and expansion.value and expansion.source.startswith("default"):
        found.append(
            "the files do not say whether queries are filled up (do_query_expansion): read as "
            "yes, PyLate's default. If the model was trained without, pass query_expansion=False"
        )
    length = known(settings.document_length)
    if 2 * length <= reach:
        found.append(
            f"documents are read up to {length:,} tokens, though the model reads {reach:,} at "
            f"once: pass document_length={min(reach, 8192)} for long ones"
        )
    return found
