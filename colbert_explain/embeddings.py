"""Token embeddings with the tokens they belong to, and what an encoder must offer.

Everything above this module sees encoders through `Encoder` alone: a checkpoint, a service
or a table of hand-made vectors explains equally well. Vectors may come as other tools give them:
NumPy arrays, PyTorch tensors of any float type, lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

from colbert_explain import argument_checks as check
from colbert_explain.tokens import TokenSequence

#: How far from 1 the length of a "unit" vector may be: 8 binary digits of a bfloat16, with room.
UNIT_TOLERANCE = 4e-3


@runtime_checkable
class Progress(Protocol):
    """What is told how far a long piece of work is: any function of two numbers.

    It is called as ``progress(done, total)`` before each step and at the end. What it raises
    stops the work and passes through.
    """

    def __call__(self, done: int, total: int, /) -> object:
        """Take note of ``done`` steps of ``total``."""
        ...


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where vectors come from: enough to make them again.

    Attributes
    ----------
    model
        Name of the checkpoint, or what the vectors are called.
    kind
        What it is, in a few plain words.
    revision, sha256
        What pins the weights: a hub commit, the digest of the weight file, or neither.
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
        How texts were read: markers, lengths, expansion, skiplist; name to value, as text.
    overridden
        What was given to `load_encoder` in the place of the checkpoint's own settings, name to
        value.
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
        """Tell whether the same weights read the same way; libraries may be of other versions."""
        return self._reading() == other._reading()

    def sentence(self) -> str:
        """Say it in one line, as every view and every saved file does."""
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

    def _reading(self) -> Provenance:
        # What was overridden with the value that it had anyway changes nothing.
        return replace(self, versions={}, overridden={})


#: Of vectors that come without a word on where they were made.
_OWN = Provenance(model="vectors of your own")


@dataclass(frozen=True, eq=False, slots=True, repr=False, init=False)
class TokenEmbeddings:
    """The tokens of a text and one unit-length vector for each.

    Parameters
    ----------
    tokens
        What was read.
    vectors
        Shape ``(n_tokens, dim)``, unit length: an array, a tensor or lists. It is kept as a
        read-only float32 array, a copy unless it is one already.
    provenance
        Where the vectors come from.
    normalize
        Divide each vector by its length first, for vectors that are not of unit length.

    Raises
    ------
    ValueError
        If there is not exactly one vector per token, or the vectors are no table of finite real
        numbers, or not of unit length.
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
                f"got {len(checked)} rows for {len(tokens)} tokens"
            )
        if checked.flags.writeable or checked.base is not None:
            checked = checked.copy()  # nobody else can change it once it has been checked
            checked.flags.writeable = False
        object.__setattr__(self, "tokens", tokens)
        object.__setattr__(self, "vectors", checked)
        object.__setattr__(self, "provenance", provenance)

    def __repr__(self) -> str:
        rows, dim = self.vectors.shape
        return f"TokenEmbeddings({rows} tokens x {dim} numbers, {self.provenance.model})"


@runtime_checkable
class Encoder(Protocol):
    """What turns text into token embeddings.

    ``embed_query`` and ``embed_document`` raise `ValueError` for text that cannot be encoded,
    call ``progress`` before each piece of work, and let through whatever it raises.
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
        """Most tokens read of a document, structural tokens included."""
        ...

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a query."""
        ...

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        """Encode a document, in overlapping windows where it is longer than the model's."""
        ...


def check_encoder(encoder: object, name: str = "encoder") -> None:
    """Refuse what has no `embed_query` and `embed_document`; ``name`` is that of the argument.

    Raises
    ------
    ValueError
        Naming what was given.
    """
    for method in ("embed_query", "embed_document"):
        if isinstance(encoder, type) or not callable(getattr(encoder, method, None)):
            raise ValueError(
                f"{name} must be an encoder, with embed_query and embed_document, as "
                f"load_encoder returns it, got {check.shown(encoder)}"
            )


def unit_vectors(
    name: str,
    vectors: ArrayLike,
    *,
    normalize: bool = False,
    counted: Bool[np.ndarray, " tokens"] | None = None,
) -> Float[np.ndarray, "_ dim"]:
    """Make a float32 array of token vectors and check that they are of unit length.

    Parameters
    ----------
    name
        What the vectors are called in an error.
    vectors
        Shape ``(n_tokens, dim)``: an array, a tensor on any device, or lists. A float32 array is
        not copied.
    normalize
        Divide each vector by its length first.
    counted
        Which vectors to return, shape ``(n_tokens,)``; the others are not looked at. All by
        default.

    Raises
    ------
    ValueError
        If they are no table of finite real numbers, or one is not of unit length.
    """
    rows = as_table(name, vectors, "tokens, dim")
    numbers = range(len(rows)) if counted is None else np.flatnonzero(counted)
    if len(numbers) < len(rows):
        rows = rows[numbers]
    rows = rows.astype(np.float32, copy=False)
    if normalize:
        # In float64, which holds the square of every float32; a zero vector has no direction.
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        if not (np.isfinite(lengths).all() and lengths.all()):
            row = int((~(np.isfinite(lengths) & (lengths > 0))).argmax())
            raise ValueError(
                f"{name} must be finite and not 0 to be divided by their length; "
                f"row {numbers[row]} has length {lengths[row]:.4g}"
            )
        return (rows / lengths[:, None]).astype(np.float32)
    squares = np.einsum("ij,ij->i", rows, rows)
    low, high = (1 - UNIT_TOLERANCE) ** 2, (1 + UNIT_TOLERANCE) ** 2
    # Written so that NaN is wrong too.
    if len(squares) and not (squares.min() >= low and squares.max() <= high):
        row = int((~((squares >= low) & (squares <= high))).argmax())
        raise ValueError(
            f"{name} must be of unit length; row {numbers[row]} has length "
            f"{np.sqrt(squares[row]):.4g}. "
            "Give normalize=True to divide every vector by its length"
        )
    return rows


def as_table(name: str, values: ArrayLike, axes: str) -> Float[np.ndarray, "rows columns"]:
    """Make an array of two axes of what other tools give: arrays, tensors, lists.

    Parameters
    ----------
    name, axes
        What the values and their two axes are called in an error.
    values
        Real numbers. float64 and float32 stay as they are, other types become float32.

    Raises
    ------
    ValueError
        If they are not real numbers in two axes.
    """
    table = as_array(name, values)
    # Kind "V" is how NumPy sees the bfloat16 and float8 of other libraries.
    extended = table.dtype.kind == "V" and "float" in table.dtype.name
    if table.dtype.kind not in "fiu" and not extended:
        raise ValueError(f"{name} must hold real numbers, got {_kind_of(values)} of {table.dtype}")
    if table.ndim != 2:
        hint = f"; give {name}[0]" if table.ndim == 3 and len(table) == 1 else ""
        raise ValueError(f"{name} must have two axes, ({axes}), got shape {table.shape}{hint}")
    return table if table.dtype in (np.float32, np.float64) else table.astype(np.float32)


def as_array(name: str, values: float | ArrayLike) -> np.ndarray:
    """Make an array of what other tools give, whatever it holds.

    Raises
    ------
    ValueError
        If it is none, such as a list of rows of different lengths.
    """
    try:
        if isinstance(values, list | tuple):
            return np.asarray([_on_the_host(row) for row in values])
        return np.asarray(_on_the_host(values))
    except (TypeError, ValueError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"{name} must be an array, got {_kind_of(values)}: {error}") from error


def _on_the_host(values: Any) -> Any:
    """Bring a PyTorch tensor, of whatever float type and device, to where NumPy reads it.

    It is known by its methods: only `encoders` imports torch.
    """
    if not (callable(getattr(values, "detach", None)) and hasattr(values, "is_floating_point")):
        return values
    values = values.detach().cpu()
    return values.float().numpy() if values.is_floating_point() else values.numpy()


def _kind_of(values: Any) -> str:
    return "None" if values is None else type(values).__name__
