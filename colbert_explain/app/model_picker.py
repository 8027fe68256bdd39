"""The row for choosing a model and its layers, and information about the model in use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import traitlets

from colbert_explain.app.page_messages import Events, is_text, is_whole, list_of
from colbert_explain.app.page_widgets import PageWidget, page_script, page_text


class ModelPicker(PageWidget):
    """Lists to choose from, a field for a name, a foldable table; it does not decide what may load.

    Parameters
    ----------
    on_choose
        Called with the key of a choice and the chosen layers.
    on_name
        Called with what was typed as the name of a model.
    on_cancel
        Called when the reader cancels a load.
    on_describe
        Called when the table is opened and is still empty.
    """

    _esm = page_script("model_picker.js")
    _css = page_text("model_picker.css")
    events: ClassVar[Events] = {
        "choose": {"key": is_text, "layers": list_of(is_whole)},
        "name": {"name": is_text},
        "cancel": {},
        "describe": {},
    }

    #: What can be chosen: ``key``, ``label``, ``group``, and whether it ``has_layers``.
    choices = traitlets.List(traitlets.Dict()).tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    #: Layers of the bundled encoder to choose from, and those in use.
    layer_choices = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    layers = traitlets.List(traitlets.Int()).tag(sync=True)
    #: Label of the field for a name, such as "Hub id"; empty if it is not shown.
    field = traitlets.Unicode().tag(sync=True)
    loading = traitlets.Bool(False).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    #: Time taken so far; not part of the status, which screen readers announce.
    note = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    #: Of the model in use: ``name``, ``kind``, ``warnings``, and, once asked for, ``rows``.
    description = traitlets.Dict().tag(sync=True)
    #: Message if no other model may be loaded.
    rule = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        on_choose: Callable[[str, object], object],
        on_name: Callable[[str], object],
        on_cancel: Callable[[], object],
        on_describe: Callable[[], object],
    ) -> None:
        super().__init__()
        self._on_choose, self._on_name = on_choose, on_name
        self._on_cancel, self._on_describe = on_cancel, on_describe

    def received(self, event: str, fields: dict[str, Any], buffers: list[Any]) -> None:
        """Act on what the page sent."""
        if event == "choose":
            self._on_choose(fields["key"], fields["layers"])
        elif event == "name":
            self._on_name(fields["name"])
        elif event == "cancel":
            self._on_cancel()
        else:
            self._on_describe()
