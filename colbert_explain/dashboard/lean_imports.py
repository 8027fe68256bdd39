"""What the package's own programs do not load: a server, its kernels and what warms them up."""

from __future__ import annotations

import sys


def leave_out_address_grammar() -> None:
    """Let jsonschema do without its grammar for addresses in foreign alphabets (RFC 3987).

    Jupyter checks notebooks and events with jsonschema. Building that grammar takes longer than all
    else that a server imports, and nothing of ours holds such an address. Not for a process of the
    user's, who may want them checked.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
