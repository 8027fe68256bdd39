"""Which encoder the workbench uses: chosen in the page, allowed by the operator, then loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from colbert_explain.app.encoding_job import MainThread
from colbert_explain.app.model_choice import (
    LAYERS,
    ModelChoice,
    ModelRefused,
    bundled_choice,
    named_choice,
)
from colbert_explain.app.model_loader import ModelLoader
from colbert_explain.app.model_picker import ModelPicker
from colbert_explain.app.model_shelf import find_checkpoints
from colbert_explain.app.problem_sentence import problem_sentence
from colbert_explain.embeddings import Encoder
from colbert_explain.encoders import TextEncoder
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
from colbert_explain.operator_settings import ANY, PREFIX, OperatorSettings

GIVEN, BUNDLED = "given", "bundled"
_BUNDLED_NAME = "all-MiniLM-L6-v2"


class ModelSelection:
    """Holds the encoder in use, and keeps the picker up to date.

    Parameters
    ----------
    encoder
        The caller's own encoder, used first; by default the bundled one, which is loaded when it is
        first needed.
    settings
        Which other models may be loaded.
    main
        Runs callbacks on the main thread.
    on_change
        Called with each encoder that replaces the one in use.
    """

    def __init__(
        self,
        encoder: Encoder | None,
        settings: OperatorSettings,
        main: MainThread,
        on_change: Callable[[Encoder], object],
    ) -> None:
        self._given, self._settings, self._main = encoder, settings, main
        self._on_change = on_change
        self._encoder = encoder
        self._choice = ModelChoice(BUNDLED, layers=LAYERS[0])
        self._first, self._swap = threading.Lock(), threading.Lock()
        self.picker = ModelPicker(self.choose, self.choose_named, self.cancel, self.describe)
        self.loader = ModelLoader(
            *(main, self._loaded, self._refused, self._note),
            is_elsewhere=settings.encoder is not None,
        )
        self._describer: threading.Thread | None = None
        choices = [_entry(BUNDLED, _BUNDLED_NAME, "Bundled", has_layers=True)]
        if encoder is not None:
            self._choice = ModelChoice(GIVEN)
            choices.insert(0, _entry(GIVEN, encoder.name, "Given to this workbench"))
            self.picker.description = _brief(encoder)
        self.picker.choices, self.picker.chosen = choices, self._choice.key
        self.picker.layer_choices = [list(layers) for layers in LAYERS]
        self.picker.layers = list(LAYERS[0])
        self.picker.field = _field(settings)
        self.picker.rule = _rule(settings)
        if settings.models or settings.model_folders:
            threading.Thread(
                target=self._look_around, daemon=True, name="colbert_explain_shelf"
            ).start()

    def load(self) -> Encoder:
        """Return the encoder in use; blocks while the bundled one is loaded for the first time.

        Of an encoder service nothing is asked yet.
        """
        with self._first:
            if self._encoder is not None:
                return self._encoder
            encoder = self._make(self._choice)
            with self._swap:
                if self._encoder is None:  # else another was chosen meanwhile
                    self._encoder = encoder
            if not isinstance(encoder, ServiceEncoder):
                self._main.run(lambda: self._show(encoder, _brief(encoder)))
            return encoder

    def show_in_use(self) -> None:
        """Show what the encoder in use is, once a text has been encoded with it."""
        encoder = self._encoder
        if isinstance(encoder, ServiceEncoder) and not self.picker.description:
            self._show(encoder, _brief(encoder))

    def choose(self, key: str, layers: object = LAYERS[0]) -> None:
        """Load one of the picker's choices; ``layers`` are those of the bundled encoder."""
        if key not in {choice["key"] for choice in self.picker.choices}:
            self._refused(f"Model must be one of the choices, got {key!r}.")
        elif key == GIVEN:
            self._start(ModelChoice(GIVEN))
        elif key == BUNDLED:
            self._ask(lambda: bundled_choice(BUNDLED, layers))
        else:
            self.choose_named(key)

    def choose_named(self, name: str) -> None:
        """Load a model by its hub id or folder, where the operator allows it."""
        self._ask(lambda: named_choice(name, self._settings))

    def cancel(self) -> None:
        """Cancel a load; the model in use stays."""
        if self.picker.loading:
            self.loader.cancel()
            self._end("Not loaded.")

    def describe(self) -> None:
        """Examine the model in use, on a thread; the picker then shows the result."""
        if self._describer is None or not self._describer.is_alive():
            self._describer = threading.Thread(
                target=self._examine, daemon=True, name="colbert_explain_doctor"
            )
            self._describer.start()

    def wait(self, timeout: float | None = None) -> None:
        """Block until loading and examining have finished; for scripts and tests."""
        self.loader.wait(timeout)
        if self._describer is not None:
            self._describer.join(timeout)

    def _ask(self, choose: Callable[[], ModelChoice]) -> None:
        try:
            choice = choose()
        except ModelRefused as error:
            self.loader.cancel()
            self._refused(problem_sentence(error))
            return
        self._start(choice)

    def _start(self, choice: ModelChoice) -> None:
        picker = self.picker
        picker.problem, picker.note = "", ""
        picker.status, picker.loading = f"Loading {self._label(choice)} …", True
        self.loader.start(choice, self._make_ready)

    def _make_ready(
        self,
        choice: ModelChoice,
        note: Callable[[str], object],
        check: Callable[[], object],
    ) -> Encoder:
        encoder = self._make(choice)
        if isinstance(encoder, ServiceEncoder):
            encoder.load(progress=lambda done, total: check(), report=note)
        return encoder

    def _make(self, choice: ModelChoice) -> Encoder:
        if choice.key == GIVEN and self._given is not None:
            return self._given
        if self._settings.encoder is not None:
            layers = None if choice.layers is None else list(choice.layers)
            return ServiceEncoder.from_settings(
                self._settings.encoder, choice.model, {"layers": layers}
            )
        from colbert_explain.encoders import load_encoder  # torch, off the main thread

        return load_encoder(choice.model, layers=choice.layers, settings=self._settings)

    def _loaded(self, choice: ModelChoice, encoder: Encoder) -> None:
        picker = self.picker
        if choice.key not in {known["key"] for known in picker.choices}:
            added = _entry(choice.key, self._label(choice), "Loaded by name")
            picker.choices = [*picker.choices, added]
        with self._swap:
            self._choice, self._encoder = choice, encoder
        picker.layers = list(choice.layers or LAYERS[0])
        picker.chosen = choice.key
        self._show(encoder, _brief(encoder))
        self._end(f"Now in use: {self._label(choice)}.")
        self._on_change(encoder)

    def _refused(self, sentence: str) -> None:
        self._end("")
        # Cleared first, so that the same sentence is announced again.
        self.picker.problem = ""
        self.picker.problem = sentence

    def _end(self, status: str) -> None:
        self.picker.problem = ""
        self.picker.loading, self.picker.status, self.picker.note = False, status, ""

    def _note(self, note: str) -> None:
        self.picker.note = note

    def _examine(self) -> None:
        encoder = None
        while encoder is not self._encoder or encoder is None:  # another may be chosen meanwhile
            try:
                encoder = self.load()
                found = {**_brief(encoder), **_full(encoder)}
            except Exception as error:  # the page must show it and go on
                self._main.run(partial(setattr, self.picker, "problem", problem_sentence(error)))
                return
        self._main.run(lambda: self._show(encoder, found))

    def _show(self, encoder: Encoder, description: dict[str, Any]) -> None:
        if encoder is self._encoder:
            self.picker.description = description

    def _look_around(self) -> None:
        found = find_checkpoints(self._settings)

        def show() -> None:
            known = {choice["key"] for choice in self.picker.choices}
            new = [_entry(e.key, e.label, e.group) for e in found if e.key not in known]
            self.picker.choices = [*self.picker.choices, *new]

        self._main.run(show)

    def _label(self, choice: ModelChoice) -> str:
        for known in self.picker.choices:
            if known["key"] == choice.key:
                layers = f", layers {' + '.join(map(str, choice.layers))}" if choice.layers else ""
                return f"{known['label']}{layers}"
        return choice.model.name if isinstance(choice.model, Path) else choice.key


def _entry(key: str, label: str, group: str, *, has_layers: bool = False) -> dict[str, Any]:
    return {"key": key, "label": label, "group": group, "has_layers": has_layers}


def _brief(encoder: Encoder) -> dict[str, Any]:
    """Return what is known of an encoder without encoding a text with it."""
    kind, warnings = "", list[str]()  # of an encoder of the caller's own
    if isinstance(encoder, TextEncoder | ServiceEncoder):
        kind, warnings = encoder.provenance.kind, [*encoder.warnings]
    return {
        "name": encoder.name,
        "kind": kind,
        "warnings": [f"Warning: {warning}." for warning in warnings],
        "rows": [],
        "reach": "",
    }


def _full(encoder: Encoder) -> dict[str, Any]:
    if isinstance(encoder, TextEncoder | ServiceEncoder):
        found = encoder.describe()
        return {"rows": [list(row) for row in found.rows()], "reach": found.reach()}
    source = "the encoder"  # one of the caller's own, which only keeps to the protocol
    return {
        "rows": [
            ["dim", str(encoder.dim), source],
            ["document_length", str(encoder.document_length), source],
        ]
    }


def _field(settings: OperatorSettings) -> str:
    hub, folders = ANY in settings.models, bool(settings.model_folders)
    if hub and folders:
        return "Hub id or folder"
    return "Hub id" if hub else "Folder" if folders else ""


def _rule(settings: OperatorSettings) -> str:
    if settings.models or settings.model_folders:
        return ""
    return (
        "No other model may be loaded here. Whoever runs this workbench can allow others: "
        f"{PREFIX}MODELS takes hub ids, {PREFIX}MODEL_FOLDERS takes folders."
    )
