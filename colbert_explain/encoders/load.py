"""Load the bundled encoder, a checkpoint in a folder, or a repository of the hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from colbert_explain import argument_checks as check
from colbert_explain.encoders.bundled.recipe import LENGTHS, load_bundled
from colbert_explain.encoders.remote.address import is_address
from colbert_explain.encoders.text_encoder import TextEncoder
from colbert_explain.library_settings import LibrarySettings
from colbert_explain.storage.embedding_store import EmbeddingStore

if TYPE_CHECKING:
    from colbert_explain.encoders.remote.service_encoder import ServiceEncoder

#: Arguments that the bundled encoder does not take.
_OF_CHECKPOINTS = (
    *("query_marker", "document_marker", "query_prompt", "document_prompt"),
    *("query_expansion", "expansion_length", "expansion_attended", "expansion_token"),
    *("skiplist", "similarity"),
)


def load_encoder(
    model: str | Path | None = None,
    *,
    revision: str | None = None,
    layers: Sequence[int] | None = None,
    query_length: int | None = None,
    document_length: int | None = None,
    query_marker: str | None = None,
    document_marker: str | None = None,
    query_prompt: str | None = None,
    document_prompt: str | None = None,
    query_expansion: bool | Literal["fixed", "min"] | None = None,
    expansion_length: int | None = None,
    expansion_attended: bool | None = None,
    expansion_token: str | None = None,
    skiplist: Sequence[str] | None = None,
    similarity: Literal["cosine"] | None = None,
    device: str | None = None,
    dtype: str = "float32",
    settings: LibrarySettings | None = None,
) -> TextEncoder | ServiceEncoder:
    """Load a ColBERT checkpoint, or the bundled encoder, which needs no network and no key.

    Settings come from the checkpoint's own files, and ``load_encoder(...).describe()`` names the
    file of each. Every argument except ``model``, ``revision``, ``device``, ``dtype`` and
    ``settings`` overrides one of them.

    Parameters
    ----------
    model
        Id of a hub repository or a local folder, in the format of Stanford, PyLate,
        sentence-transformers or BGE-M3 (its pickles converted once); by default the bundled
        encoder, all-MiniLM-L6-v2 with one vector per token. Code in a checkpoint is never run. Or
        the address of an encoder service (``colbert-explain encoder``), ``http://host:8000`` or
        ``unix:/path``, which encodes with the model that it serves, or with one that the address
        names: ``http://host:8000?model=jinaai/jina-colbert-v1-en``.
    revision
        Branch, tag or commit of a hub repository.
    layers
        Bundled encoder only: the hidden layers of a token vector, 0 (the word embeddings) to 6
        (the last); (3, 6) by default. A similarity is the mean of their cosines.
    query_length, document_length
        Maximum number of tokens of a text, including structural tokens; for the bundled encoder 512
        and 8,192 by default. Further tokens are counted and shown as not read. A document longer
        than the model's positions is encoded in overlapping windows.
    query_marker, document_marker, query_prompt, document_prompt
        The prefix of a text: the marker's token, then the prompt; ``""`` for none.
    query_expansion
        Whether queries are padded with tokens that are scored: ``"fixed"`` (or ``True``, to exactly
        ``query_length``), ``"min"`` (to at least ``expansion_length``) or ``False``.
    expansion_length, expansion_attended, expansion_token
        The length to pad to, whether the query's words attend to the added tokens, and which token
        is added ([MASK], or the end of text if there is none).
    skiplist
        Words (vocabulary entries) of documents that are encoded but not scored.
    similarity
        ``"cosine"``, to explain a checkpoint with another similarity by cosines.
    device
        ``"cpu"``, ``"cuda"``, ...; by default the fastest one available.
    dtype
        ``"float32"``, ``"bfloat16"`` or ``"float16"``.
    settings
        Whether embeddings are kept, and where; by default from the environment. An encoder
        service has its own. If ``COLBERT_EXPLAIN_ENCODER`` names one, as in dashboards, it loads
        every model that is named here.

    Returns
    -------
    TextEncoder or ServiceEncoder
        With ``embed_query``, ``embed_document`` and ``describe``. If embeddings are kept
        (``COLBERT_EXPLAIN_KEEP_EMBEDDINGS=1``, as in dashboards), it looks texts up first, and
        the bundled weights are loaded only for a new text.

    Raises
    ------
    CheckpointError
        A `ValueError`: if the checkpoint does not exist, has no trained projection, has missing
        or additional weights, or cannot be read exactly.
    ValueError
        If an argument or an environment variable is out of range.
    ConnectionError
        If an encoder service does not answer or refuses the request.
    RuntimeError
        If the packaged weights are damaged.
    """
    given = dict(locals())  # here, where nothing but the arguments has a name
    arguments = {name: given[name] for name in _OF_CHECKPOINTS}
    settings = LibrarySettings.from_environment() if settings is None else settings
    check.instance("settings", settings, LibrarySettings)
    for name, length in (("query_length", query_length), ("document_length", document_length)):
        if length is not None:
            check.whole_number(name, length)
    if device is not None:
        check.text("device", device)
    if is_address(model) or (settings.encoder is not None and isinstance(model, str | Path | None)):
        from colbert_explain.encoders.remote.service_encoder import ServiceEncoder  # httpx

        everything = {name: given[name] for name in given if name not in ("model", "settings")}
        everything["layers"] = None if layers is None else [*check.listed("layers", layers)]
        if settings.encoder is None or is_address(model):
            remote = ServiceEncoder(str(model), arguments=everything)
        else:
            remote = ServiceEncoder.from_settings(settings.encoder, model, everything)
        remote.load()
        return remote
    store = None
    if settings.keep_embeddings:
        store = EmbeddingStore(settings.cache_folder / "embeddings", settings.cache_size)
    if model is None:
        for name, value in (*arguments.items(), ("revision", revision)):
            if value is not None:
                raise ValueError(
                    f"{name} must be left out for the bundled encoder, got {value!r}: name a model"
                )
        encoder = load_bundled(
            layers=(3, 6) if layers is None else layers,
            query_length=LENGTHS["query_length"] if query_length is None else query_length,
            document_length=LENGTHS["document_length"]
            if document_length is None
            else document_length,
            device=device,
            dtype=dtype,
            store=store,
        )
        encoder.loaded_by = (load_encoder, given)
        return encoder
    if not isinstance(model, str | Path):
        raise ValueError(
            f"model must be a folder or the id of a hub repository, got {check.shown(model)}"
        )
    if layers is not None:
        raise ValueError(
            f"layers must be left out for {str(model)!r}, got {layers!r}: a checkpoint's "
            "projection is trained on its last layer"
        )
    from colbert_explain.encoders.checkpoint.load import load_checkpoint  # torch

    encoder = load_checkpoint(
        model,
        revision=revision,
        arguments={
            **arguments,
            "query_length": query_length,
            "document_length": document_length,
        },
        device=device,
        dtype=dtype,
        store=store,
    )
    if Path(model).is_dir():
        given["model"] = Path(model).absolute()  # another process may stand in another folder
    encoder.loaded_by = (load_encoder, given)
    return encoder
