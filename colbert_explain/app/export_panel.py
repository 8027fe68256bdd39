"""Ways to take an explanation along: files, pictures of the heatmap, the Python that made it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from colbert_explain.app.exported_files import ExportedFile

_HERE = Path(__file__).parent
#: Bytes of a message to the page: a file of any size arrives in parts that no proxy drops.
PART = 1024 * 1024


class ExportPanel(anywidget.AnyWidget):
    """Buttons and a field with code; pictures are drawn in the page, which needs nothing more.

    Parameters
    ----------
    on_export
        Called with the kind of file that is asked for.
    on_cancel
        Called when the reader asks to stop.
    """

    _esm = _HERE / "export_panel.js"
    _css = _HERE / "export_panel.css"

    #: Name of the files, without an ending.
    stem = traitlets.Unicode().tag(sync=True)
    #: Whether there is a ranking to save.
    ranked = traitlets.Bool(False).tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Float(None, allow_none=True).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, on_export: Callable[[str], object], on_cancel: Callable[[], object]) -> None:
        super().__init__()
        self._on_export, self._on_cancel = on_export, on_cancel
        self._number = 0
        self.on_msg(self._receive)

    def deliver(self, file: ExportedFile) -> None:
        """Send a file to the page, which saves it."""
        self._number += 1
        parts = [file.content[k : k + PART] for k in range(0, len(file.content), PART)] or [b""]
        for index, part in enumerate(parts):
            self.send(
                {
                    "event": "part",
                    "number": self._number,
                    "index": index,
                    "count": len(parts),
                    "name": file.name,
                    "mime": file.mime,
                },
                buffers=[part],
            )

    def _receive(self, _: Any, content: dict[str, Any], __: Any) -> None:
        match content:
            case {"event": "export", "kind": str() as kind}:
                self._on_export(kind)
            case {"event": "cancel"}:
                self._on_cancel()
