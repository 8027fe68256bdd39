"""A `TextEncoder` around the toy encoder of conftest.py: no model, no download."""

from dataclasses import replace
from types import SimpleNamespace

from colbert_explain.embeddings import Provenance
from colbert_explain.encoders import TextEncoder


class ToyPipeline:
    """Computes as the toy encoder does, with an id of its own for every word."""

    model = SimpleNamespace(device="cpu")
    window = 10

    def __init__(self, inner):
        self.inner, self.entries = inner, []

    def encode(self, side, text, progress):
        embed = self.inner.embed_query if side == "query" else self.inner.embed_document
        read = embed(text, progress=progress)
        known = self.entries
        known += sorted({token.piece for token in read.tokens} - set(known))
        tokens = tuple(replace(token, id=known.index(token.piece)) for token in read.tokens)
        return replace(read.tokens, tokens=tokens), read.vectors

    def tokens_to_share(self, side, text):
        embed = self.inner.embed_query if side == "query" else self.inner.embed_document
        return None if text.startswith("wait") else len(embed(text).tokens)

    def encode_together(self, side, texts, before_pass):
        before_pass()
        return [self.encode(side, text, lambda done, total: None) for text in texts]

    def pieces_of(self, ids):
        return [self.entries[id_] for id_ in ids]


def text_encoder(inner, name="toy", **arguments):
    """Make the encoder; it is loaded when it is needed."""
    length = inner.document_length
    lengths = {"query_length": length, "document_length": length}
    provenance = Provenance(name, kind="a vector per word", dim=inner.dim)
    return TextEncoder(lambda: ToyPipeline(inner), provenance, **lengths | arguments)
