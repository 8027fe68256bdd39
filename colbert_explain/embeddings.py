"""Token embeddings with their tokens, and the protocol of an encoder.

Modules above this one use encoders through `Encoder` only: a checkpoint, a service or a table of
hand-made vectors will do. Vectors may be NumPy arrays, PyTorch tensors of any float type or lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeGuard, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

from colbert_explain import argument_checks as check
from colbert_explain.text.wording import count
from colbert_explain.tokens import TokenSequence

#: How far the length of a unit vector may be from 1: a bfloat16 has 8 binary digits.
UNIT_TOLERANCE = 4e-3


@runtime_checkable
class Progress(Protocol):
    """A function that is called with the progress of long work.

    It is called as ``progress(done, total)`` before each step and at the end. An exception that
    it raises stops the work and reaches the caller.
    """

    def __call__(self, done: int, total: int, /) -> object:
        """Receive that ``done`` of ``total`` steps are finished."""
        ...


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where vectors come from, in enough detail to compute them again.

    Attributes
    ----------
    model
        Name of the checkpoint, or what the vectors are called.
    kind
        The kind of model, in a few words.
    revision, sha256
        Hub commit and digest of the weight files, where they are known.
    layers
        Hidden layers the vectors are read from; empty when the model has its own projection.
    dim
        Numbers per token vector; 0 when not known.
    dtype
        Arithmetic of the forward pass.
    scored
        Which tokens take part in MaxSim, in words.
    versions
        Libraries that shaped the numbers, name to version.
    settings
        How texts were read: markers, lengths, expansion, skiplist; name to value, as text. Of the
        bundled encoder, only lengths other than its usual ones.
    overridden
        Arguments of `load_encoder` that override the checkpoint's own settings, name to value.
    """

    model: str
    kind: str = ""
    revision: str | None = None
    sha256: str | None = None
    layers: tuple[int, ...] = ()
    dim: int = 0
    dtype: str = "float32"
    scored: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    overridden: Mapping[str, Any] = field(default_factory=dict)

    def same_model(self, other: Provenance) -> bool:
        """Return whether weights and settings are the same; library versions may differ."""
        # A setting that was overridden with its own value changes nothing.
        mine, theirs = (replace(p, versions={}, overridden={}) for p in (self, other))
        return mine == theirs

    def sentence(self) -> str:
        """Return the provenance in one line, as views and saved files show it."""
        parts = [self.model + (f" ({self.kind})" if self.kind else "")]
        if self.revision:
            parts.append(f"revision {self.revision[:12]}")
        if self.sha256:
            parts.append(f"sha256 {self.sha256[:12]}…")
        if self.layers:
            joined = " + ".join(map(str, self.layers))
            parts.append(f"layer{'s' if len(self.layers) > 1 else ''} {joined}")
        if self.dim:
            parts.append(f"{self.dim} numbers per token")
        parts.append(self.dtype)
        if self.scored:
            parts.append(f"scored: {self.scored}")
        return " · ".join(parts)


#: The provenance of vectors that are given without one.
_OWN = Provenance(model="vectors of your own")


@dataclass(frozen=True, eq=False, slots=True, repr=False, init=False)
class TokenEmbeddings:
    """The tokens of a text and one unit-length vector for each.

    Parameters
    ----------
    tokens
        The tokens.
    vectors
        Shape ``(n_tokens, dim)``, unit length: an array, a tensor or lists. They are kept as a
        read-only float32 array, which is a copy unless ``vectors`` is one already.
    provenance
        Where the vectors come from.
    normalize
        Divide each vector by its length first, for vectors that are not of unit length.

    Raises
    ------
    ValueError
        If there is not exactly one vector per token, or the vectors are not finite real numbers in
        two axes, or not of unit length.
    """

    tokens: TokenSequence
    vectors: Float[np.ndarray, "tokens dim"]
    provenance: Provenance

    def __init__(
        self,
        tokens: TokenSequence,
        vectors: ArrayLike,
        provenance: Provenance = _OWN,
        *,
        normalize: bool = False,
    ) -> None:
        check.instance("tokens", tokens, TokenSequence, "TokenSequence.from_strings makes one")
        check.instance("provenance", provenance, Provenance)
        checked = unit_vectors("vectors", vectors, normalize=normalize)
        if len(tokens) != len(checked):
            raise ValueError(
                "vectors must have one row per token, "
                f"got {count(len(checked), 'row')} for {count(len(tokens), 'token')}"
            )
        if checked.flags.writeable or checked.base is not None:
            checked = checked.copy()  # so that no other array shares its memory
            checked.flags.writeable = False
        object.__setattr__(self, "tokens", tokens)
        object.__setattr__(self, "vectors", checked)
        object.__setattr__(self, "provenance", provenance)

    def __repr__(self) -> str:
        rows, dim = self.vectors.shape
        return f"TokenEmbeddings({count(rows, 'token')} x {dim} numbers, {self.provenance.model})"


@runtime_checkable
class Encoder(Protocol):
    """An object that turns text into token embeddings.

    ``embed_query`` and ``embed_document`` raise `ValueError` for text that cannot be encoded, and
    call ``progress`` before each step. They do not catch what ``progress`` raises.
    """

    @property
    def name(self) -> str:
        """Name of the model."""
        ...

    @property
    def dim(self) -> int:
        """Numbers per token vector."""
        ...

    @property
    def document_length(self) -> int:
        """Maximum number of tokens read from a document, structural tokens included."""
        ...

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a query."""
        ...

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a document, in overlapping windows if it is longer than the model's window."""
        ...


@runtime_checkable
class BatchEncoder(Encoder, Protocol):
    """An encoder for which many texts at once are less work, such as one that calls a service."""

    #: Documents that it reads together at most.
    batch_size: int

    def embed_each(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> Sequence[TokenEmbeddings | ValueError]:
        """Encode documents; the error of a text that cannot be encoded stands in its place."""
        ...


@runtime_checkable
class Reranker(Protocol):
    """An object that scores documents for a query and gives no token vectors."""

    @property
    def provenance(self) -> Provenance:
        """The model and what ran it."""
        ...

    def rerank(
        self, query: str, documents: Sequence[str], *, progress: Progress | None = None
    ) -> Float[np.ndarray, " documents"]:
        """Return a finite score for each document, in the given order; higher is better."""
        ...


def is_reranker(given: object) -> TypeGuard[Reranker]:
    """Return whether an object scores documents and is no encoder."""
    return isinstance(given, Reranker) and not isinstance(given, type | Encoder)


def check_encoder(encoder: object, name: str = "encoder") -> None:
    """Raise a `ValueError` for an object without ``embed_query`` or ``embed_document``."""
    if is_reranker(encoder):
        raise ValueError(
            f"{name} must give token vectors, got a reranker, {type(encoder).__name__}, which "
            "gives scores only: pass it to rank instead"
        )
    for method in ("embed_query", "embed_document"):
        if isinstance(encoder, type) or not callable(getattr(encoder, method, None)):
            raise ValueError(
                f"{name} must be an encoder, with embed_query and embed_document, such as the "
                f"one load_encoder returns, got {check.shown(encoder)}"
            )


def unit_vectors(
    name: str,
    vectors: ArrayLike,
    *,
    normalize: bool = False,
    counted: Bool[np.ndarray, " tokens"] | None = None,
) -> Float[np.ndarray, "_ dim"]:
    """Return token vectors as a float32 array after checking that they are of unit length.

    Parameters
    ----------
    name
        The vectors' name in an error.
    vectors
        Shape ``(n_tokens, dim)``: an array, a tensor on any device, or lists. A float32 array is
        not copied.
    normalize
        Divide each vector by its length first.
    counted
        Which vectors to check and return, shape ``(n_tokens,)``; all by default.

    Raises
    ------
    ValueError
        If they are not finite real numbers in two axes, or one is not of unit length.
    """
    rows = as_table(name, vectors, "tokens, dim")
    numbers = range(len(rows)) if counted is None else np.flatnonzero(counted)
    if len(numbers) < len(rows):
        rows = rows[numbers]
    rows = rows.astype(np.float32, copy=False)
    if normalize:
        # float64 holds the square of every float32. A zero vector has no direction.
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        if not (np.isfinite(lengths).all() and lengths.all()):
            row = int((~(np.isfinite(lengths) & (lengths > 0))).argmax())
            raise ValueError(
                f"{name} must be finite and not 0, so that they can be divided by their length; "
                f"row {numbers[row]} has length {lengths[row]:.4g}"
            )
        return (rows / lengths[:, None]).astype(np.float32)
    squares = np.einsum("ij,ij->i", rows, rows)
    low, high = (1 - UNIT_TOLERANCE) ** 2, (1 + UNIT_TOLERANCE) ** 2
    # Written so that NaN is refused too.
    if len(squares) and not (squares.min() >= low and squares.max() <= high):
        row = int((~((squares >= low) & (squares <= high))).argmax())
        raise ValueError(
            f"{name} must be of unit length; row {numbers[row]} has length "
            f"{np.sqrt(squares[row]):.4g}. "
            "Pass normalize=True to divide every vector by its length"
        )
    return rows


def as_table(name: str, values: ArrayLike, axes: str) -> Float[np.ndarray, "rows columns"]:
    """Return an array, a tensor or lists as an array of real numbers with two axes.

    float64 and float32 stay as they are, other types become float32. ``name`` and ``axes`` are
    the names of the values and their axes in a `ValueError`.
    """
    table = as_array(name, values)
    # NumPy gives the bfloat16 and float8 of other libraries the kind "V".
    extended = table.dtype.kind == "V" and "float" in table.dtype.name
    if table.dtype.kind not in "fiu" and not extended:
        raise ValueError(f"{name} must hold real numbers, got {_kind_of(values)} of {table.dtype}")
    if table.ndim != 2:
        hint = f"; give {name}[0]" if table.ndim == 3 and len(table) == 1 else ""
        raise ValueError(f"{name} must have two axes, ({axes}), got shape {table.shape}{hint}")
    return table if table.dtype in (np.float32, np.float64) else table.astype(np.float32)


def as_array(name: str, values: float | ArrayLike) -> np.ndarray:
    """Return an array, a tensor or lists as an array, or raise a `ValueError` with the reason."""
    rows = values if isinstance(values, list | tuple) else [values]
    masks = [row.mask for row in rows if isinstance(row, np.ma.MaskedArray)]
    masked = sum(map(np.count_nonzero, masks))
    if masked:
        values_masked = "1 masked value" if masked == 1 else f"{masked:,} masked values"
        raise ValueError(
            f"{name} must not be masked, got {values_masked}: leave them out, or fill them"
        )
    try:
        if isinstance(values, list | tuple):
            return np.asarray([_in_numpy(row) for row in values])
        return np.asarray(_in_numpy(values))
    except (TypeError, ValueError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"{name} must be an array, got {_kind_of(values)}: {error}") from error


def _in_numpy(values: Any) -> Any:
    """Convert a PyTorch tensor, known by its methods because only `encoders` imports torch."""
    if not (callable(getattr(values, "detach", None)) and hasattr(values, "is_floating_point")):
        return values
    values = values.detach().cpu()
    return values.float().numpy() if values.is_floating_point() else values.numpy()


def _kind_of(values: Any) -> str:
    return "None" if values is None else type(values).__name__
