"""Scripts and their data inside a page."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from markupsafe import Markup

#: What could end a script element, begin a comment, or break a line of JavaScript.
_ESCAPES = str.maketrans(
    {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029\x7f"}
)


def script_data(value: Any) -> Markup:
    """Write data for a script element of type JSON; no text in it can leave the element."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(written.translate(_ESCAPES))


def script_code(code: str) -> tuple[Markup, str]:
    """Prepare a script of this package for a page.

    Returns
    -------
    tuple
        Its text, and the source expression by which a Content-Security-Policy lets just this
        text run.
    """
    # HTML parsers change line ends, and the hash is that of what they make of it.
    text = code.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\\0")
    text = text.replace("</script", "<\\/script").replace("<!--", "<\\!--")
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return Markup(text), f"'sha256-{digest}'"
