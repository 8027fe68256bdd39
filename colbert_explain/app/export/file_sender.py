"""Sends files to a page in parts that no proxy drops."""

from __future__ import annotations

from typing import Any, Protocol

from colbert_explain.app.export.exported_files import ExportedFile

#: Most bytes of a message to the page.
PART = 1024 * 1024


class Sends(Protocol):
    """A widget, as far as files are concerned."""

    def send(self, content: Any, buffers: Any = None) -> object:
        """Send a message with bytes to the page."""


class FileSender:
    """Sends one file after another to the page of a widget, whose script joins the parts.

    Each part is a message with ``event`` (``"part"``), ``number`` of the file, ``index`` and
    ``count`` of the part, ``name`` and ``mime`` of the file, and a buffer.

    Parameters
    ----------
    widget
        Whose page asked for the files.
    """

    def __init__(self, widget: Sends) -> None:
        self._widget = widget
        self._number = 0

    def send(self, file: ExportedFile) -> None:
        """Send a file."""
        self._number += 1
        parts = [file.content[k : k + PART] for k in range(0, len(file.content), PART)] or [b""]
        for index, part in enumerate(parts):
            message = {
                "event": "part",
                "number": self._number,
                "index": index,
                "count": len(parts),
                "name": file.name,
                "mime": file.mime,
            }
            self._widget.send(message, buffers=[part])
