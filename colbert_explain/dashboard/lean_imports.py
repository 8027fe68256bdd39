"""Imports that the package's own programs leave out: the server, its kernels and the warm-up."""

from __future__ import annotations

import sys


def leave_out_address_grammar() -> None:
    """Make jsonschema skip its grammar for internationalised addresses (RFC 3987).

    Jupyter checks notebooks and events with jsonschema. Building that grammar takes longer than all
    other imports of a server, and none of our files holds such an address. Do not call this in a
    user's own process, because the user may want such addresses checked.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
