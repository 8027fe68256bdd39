"""Which encoder a workbench uses: chosen on the page, allowed by the operator, then loaded."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from colbert_explain.app.jobs.encoder_holder import EncoderHolder
from colbert_explain.app.jobs.error_message import problem_sentence
from colbert_explain.app.jobs.job import Job, Status, Watch
from colbert_explain.app.jobs.main_thread import MainThread
from colbert_explain.app.models.allowed import (
    LAYERS,
    ModelChoice,
    ModelRefused,
    bundled_choice,
    named_choice,
)
from colbert_explain.app.models.available import find_checkpoints
from colbert_explain.embeddings import Encoder
from colbert_explain.encoders import TextEncoder
from colbert_explain.encoders.checkpoint.hub_cache import fetched_bytes
from colbert_explain.encoders.remote.service_encoder import ServiceEncoder
from colbert_explain.operator_settings import ANY, OperatorSettings

GIVEN, BUNDLED = "given", "bundled"
_BUNDLED_NAME = "all-MiniLM-L6-v2"
#: Seconds between two messages about a model that is being loaded.
_TELL_EVERY = 1.0


class ModelSelection:
    """Decides which encoder the holder has, and tells the page what there is to choose.

    Parameters
    ----------
    encoder
        The caller's own encoder, used first; by default the bundled one, which is loaded when it is
        first needed.
    settings
        Which other models may be loaded.
    main
        Runs callbacks on the main thread.
    show
        Called with what the page shows, whenever it changes: a dict ready for JSON with
        ``choices``, each with ``key``, ``label``, ``group`` and ``has_layers``; ``chosen``, the key
        of the one in use; ``layer_choices`` and ``layers`` in use; ``field``, the label of the
        field for a name, empty for none; ``rule``, a sentence if no other model may be loaded;
        ``loading``, ``status`` and ``problem``; ``description`` of the model in use, with ``name``,
        ``kind``, ``warnings``, ``sent_to`` (to whom texts are sent, empty for nobody), ``rows`` and
        ``reach`` (both empty before `describe`).
    on_change
        Called after another encoder has been put into use.
    """

    def __init__(
        self,
        encoder: Encoder | None,
        settings: OperatorSettings,
        main: MainThread,
        show: Callable[[dict[str, Any]], object],
        on_change: Callable[[], object],
    ) -> None:
        self._given, self._settings, self._main = encoder, settings, main
        self._send, self._on_change = show, on_change
        self._choice = ModelChoice(GIVEN if encoder is not None else BUNDLED, layers=LAYERS[0])
        # A load in this process cannot be interrupted: a cancelled one goes on, its result is
        # dropped, and the next waits for it, so that only one model is loaded at a time.
        self._one_at_a_time = threading.Lock()
        self.holder = EncoderHolder(
            lambda: self._make(self._choice), loads_here=settings.encoder is None
        )
        self._load = Job(main, lambda status: self._show_load(status))
        self._describe = Job(main, lambda status: self._show(problem=status.problem))
        choices = [_entry(BUNDLED, _BUNDLED_NAME, "Bundled", has_layers=True)]
        description: dict[str, Any] = {}
        if encoder is not None:
            self.holder.use(encoder)
            choices.insert(0, _entry(GIVEN, encoder.name, "Given to this workbench"))
            description = _brief(encoder)
        self.shown: dict[str, Any] = {
            "choices": choices,
            "chosen": self._choice.key,
            "layer_choices": [list(layers) for layers in LAYERS],
            "layers": list(LAYERS[0]),
            "field": _field(settings),
            "rule": _rule(settings),
            "loading": False,
            "status": "",
            "problem": "",
            "description": description,
        }
        self._show()
        if settings.models or settings.model_folders:
            threading.Thread(
                target=self._look_for_checkpoints, daemon=True, name="colbert_explain_checkpoints"
            ).start()

    def choose(self, key: str, layers: object = LAYERS[0]) -> None:
        """Load one of the page's choices; ``layers`` are those of the bundled encoder."""
        if key not in {choice["key"] for choice in self.shown["choices"]}:
            self._load.fail(f"Model must be one of the choices, got {key!r}.")
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
        self._load.cancel("Not loaded.")

    def describe(self) -> None:
        """Examine the model in use, in the background; the page then shows the result."""

        def work(watch: Watch) -> tuple[Encoder, dict[str, Any]]:
            encoder = self.holder.ready(watch)
            return encoder, {**_brief(encoder), **_full(encoder)}

        def done(found: tuple[Encoder, dict[str, Any]]) -> None:
            if found[0] is self.holder.encoder:
                self._show(description=found[1])

        self._describe.start(work, done)

    def show_in_use(self) -> None:
        """Show which encoder is in use, once a text has been encoded with it."""
        encoder, known = self.holder.encoder, self.shown["description"]
        if encoder is not None and known.get("name") != encoder.name:
            self._show(description=_brief(encoder))

    def wait(self, timeout: float | None = None) -> None:
        """Block until loading and examining have finished; for scripts and tests."""
        self._load.wait(timeout)
        self._describe.wait(timeout)

    def _ask(self, choose: Callable[[], ModelChoice]) -> None:
        try:
            choice = choose()
        except ModelRefused as error:
            self._load.fail(problem_sentence(error))
            return
        self._start(choice)

    def _start(self, choice: ModelChoice) -> None:
        what = f"Loading {self._label(choice)} …"

        def work(watch: Watch) -> Encoder:
            with _telling_time(what, choice, watch, self._settings), self._one_at_a_time:
                watch.check()
                encoder = self._make(choice)
                if isinstance(encoder, ServiceEncoder):
                    encoder.load(progress=lambda done, total: watch.check(), report=watch.report)
                return encoder

        self._load.start(work, lambda encoder: self._loaded(choice, encoder), what)

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
        if choice.key not in {known["key"] for known in self.shown["choices"]}:
            added = _entry(choice.key, self._label(choice), "Loaded by name")
            self.shown["choices"] = [*self.shown["choices"], added]
        self._choice = choice
        self.holder.use(encoder)
        self._show(
            layers=list(choice.layers or LAYERS[0]),
            chosen=choice.key,
            description=_brief(encoder),
        )
        self._on_change()

    def _show_load(self, status: Status) -> None:
        self._show(loading=status.busy, status=status.text, problem=status.problem)

    def _show(self, **changes: Any) -> None:
        self.shown = {**self.shown, **changes}
        self._send(self.shown)

    def _look_for_checkpoints(self) -> None:
        found = find_checkpoints(self._settings)

        def show() -> None:
            known = {choice["key"] for choice in self.shown["choices"]}
            new = [_entry(e.key, e.label, e.group) for e in found if e.key not in known]
            self._show(choices=[*self.shown["choices"], *new])

        self._main.run(show)

    def _label(self, choice: ModelChoice) -> str:
        for known in self.shown["choices"]:
            if known["key"] == choice.key:
                layers = ""
                if choice.layers and choice.key == BUNDLED:
                    layers = f", layers {' + '.join(map(str, choice.layers))}"
                return f"{known['label']}{layers}"
        return choice.model.name if isinstance(choice.model, Path) else choice.key


@contextmanager
def _telling_time(
    what: str, choice: ModelChoice, watch: Watch, settings: OperatorSettings
) -> Iterator[None]:
    """Tell every second how long a load has taken and how much it has fetched.

    An encoder service tells by itself.
    """
    if settings.encoder is not None:
        yield
        return
    ended, started, before = threading.Event(), time.monotonic(), fetched_bytes(choice.model)

    def tell() -> None:
        while not (ended.wait(_TELL_EVERY) or watch.stopped):
            note = f"{what} {time.monotonic() - started:.0f} s"
            if fetched := fetched_bytes(choice.model) - before:
                note += f", {fetched / 1e6:,.0f} MB fetched"
            watch.report(note)

    threading.Thread(target=tell, daemon=True, name="colbert_explain_time").start()
    try:
        yield
    finally:
        ended.set()


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
        "sent_to": str(getattr(encoder, "sends_texts_to", "")),
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
    return "Only the bundled model is enabled here. An administrator can enable others."
