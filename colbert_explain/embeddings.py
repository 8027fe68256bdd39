"""Token embeddings with the tokens they belong to, and what an encoder must offer.

Everything above this module sees encoders through `Encoder` alone: a checkpoint, a service
or a table of hand-made vectors explains equally well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from colbert_explain.tokens import TokenSequence

#: Called before each piece of work with (done, total); raising from it stops the work.
Progress = Callable[[int, int], None]


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


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class TokenEmbeddings:
    """The tokens of a text and one unit-length vector for each.

    Parameters
    ----------
    tokens
        What was read.
    vectors
        Shape ``(n_tokens, dim)``, float32, unit length.
    provenance
        Where the vectors come from.

    Raises
    ------
    ValueError
        If there is not exactly one vector per token.
    """

    tokens: TokenSequence
    vectors: Float[np.ndarray, "tokens dim"]
    provenance: Provenance = Provenance(model="vectors of your own")

    def __post_init__(self) -> None:
        if len(self.tokens) != len(self.vectors):
            raise ValueError(
                "vectors must have one row per token, "
                f"got {len(self.vectors)} rows for {len(self.tokens)} tokens"
            )

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
