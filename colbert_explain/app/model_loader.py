"""Loads a model on its own thread: the latest request wins, and can be cancelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from colbert_explain.app.background_job import Cancelled, MainThread, check_stop
from colbert_explain.app.model_choice import ModelChoice
from colbert_explain.app.problem_sentence import problem_sentence
from colbert_explain.embeddings import Encoder
from colbert_explain.encoders.checkpoint.hub_cache import fetched_bytes

#: Loads an encoder. It may tell what it waits for, and call the other function, which raises once
#: the load is cancelled.
Load = Callable[[ModelChoice, Callable[[str], object], Callable[[], object]], Encoder]
#: Seconds between two progress notes.
_BEAT = 1.0


class ModelLoader:
    """Loads encoders off the main thread and reports the progress.

    A load in this process cannot be interrupted. A cancelled one goes on in the background, and its
    result is dropped. The next load waits for it, so that only one model is loaded at a time.

    Parameters
    ----------
    main
        Runs callbacks on the main thread.
    on_loaded
        Called with the choice and its encoder.
    on_problem
        Called with a sentence about the error.
    on_note
        Called every second with the time taken and the megabytes fetched so far, or with what an
        encoder service says.
    is_elsewhere
        Whether an encoder service loads.
    """

    def __init__(
        self,
        main: MainThread,
        on_loaded: Callable[[ModelChoice, Encoder], object],
        on_problem: Callable[[str], object],
        on_note: Callable[[str], object],
        *,
        is_elsewhere: bool = False,
    ) -> None:
        self._main = main
        self._on_loaded, self._on_problem, self._on_note = on_loaded, on_problem, on_note
        self._is_elsewhere = is_elsewhere
        self._one_at_a_time = threading.Lock()
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None

    def start(self, choice: ModelChoice, load: Load) -> None:
        """Start loading; cancel a load that has not finished."""
        self._stop.set()
        self._stop = stop = threading.Event()
        self._worker = threading.Thread(
            target=self._work, args=(choice, load, stop), daemon=True, name="colbert_explain_load"
        )
        self._worker.start()

    def cancel(self) -> None:
        """Cancel the current load."""
        self._stop.set()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the last load has finished; for scripts and tests."""
        if self._worker is not None:
            self._worker.join(timeout)

    def _work(
        self,
        choice: ModelChoice,
        load: Load,
        stop: threading.Event,
    ) -> None:
        def tell(callback: Callable[[], object]) -> None:
            # Asked on the main thread, where Cancel is: nothing comes between.
            self._main.run(lambda: None if stop.is_set() else callback())

        def note(sentence: str) -> None:
            tell(lambda: self._on_note(sentence))

        ended = threading.Event()
        if not self._is_elsewhere:
            threading.Thread(
                target=self._beat,
                # Counted here: by the time the thread runs, the load may have fetched something.
                args=(choice, fetched_bytes(choice.model), ended, stop, note),
                daemon=True,
                name="colbert_explain_beat",
            ).start()
        try:
            with self._one_at_a_time:
                check_stop(stop)
                encoder = load(choice, note, lambda: check_stop(stop))
        except Cancelled:
            return
        except Exception as error:  # the page must show it and go on
            sentence = problem_sentence(error)
            tell(lambda: self._on_problem(sentence))
            return
        finally:
            ended.set()
        tell(lambda: self._on_loaded(choice, encoder))

    @staticmethod
    def _beat(
        choice: ModelChoice,
        before: int,
        ended: threading.Event,
        stop: threading.Event,
        tell: Callable[[str], object],
    ) -> None:
        started = time.monotonic()
        while not (ended.wait(_BEAT) or stop.is_set()):
            note = f"{time.monotonic() - started:.0f} s"
            if fetched := fetched_bytes(choice.model) - before:
                note += f", {fetched / 1e6:,.0f} MB fetched"
            tell(note)
