"""The models in memory: loaded when first requested; the least recently used one is dropped."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager

from colbert_explain.embeddings import Encoder
from colbert_explain.encoders.bundled.recipe import forget_shared_network
from colbert_explain.encoders.checkpoint.hub_cache import fetched_bytes
from colbert_explain.encoders.remote.protocol import NamedModel

#: Loads an encoder in a thread; raises a `ValueError` for a model that may not be loaded.
Load = Callable[[NamedModel], Encoder]


class LoadedModels:
    """Encoders by the name and settings that requests give; used in one event loop.

    Parameters
    ----------
    load
        Loads an encoder.
    most
        How many are in memory at the same time.
    """

    def __init__(self, load: Load, most: int) -> None:
        self._load, self._most = load, most
        self._places: dict[str, _Place] = {}
        self._kept: set[str] = set()
        self._waiting: deque[object] = deque()  # requests, in the order in which they came
        self._changed = asyncio.Event()

    def keep(self, named: NamedModel) -> None:
        """Let a model stay in memory, once loaded, while any other can go."""
        self._kept.add(named.key)

    @asynccontextmanager
    async def use(
        self, named: NamedModel, report: Callable[[Callable[[], str]], object]
    ) -> AsyncIterator[Encoder]:
        """Yield an encoder, loaded if necessary, which stays in memory meanwhile.

        Parameters
        ----------
        named
            Which one.
        report
            Given a function that returns what is waited for, in a sentence.

        Raises what loading it raises.
        """
        place = await self._place_of(named, report)
        place.users += 1
        try:
            report(place.note)
            yield await asyncio.shield(place.loaded)
        finally:
            place.users -= 1
            place.used = time.monotonic()
            if place.is_leaving and not place.users and place.loaded.done():
                self._drop(place)
            self._tell()

    def has(self, named: NamedModel) -> bool:
        """Return whether a model is in memory."""
        place = self._places.get(named.key)
        return place is not None and place.is_loaded()

    def names(self) -> list[dict[str, object]]:
        """Return the models in memory as JSON values."""
        return [
            {**place.named.as_json(), "is_loaded": place.is_loaded()}
            for place in self._places.values()
        ]

    async def _place_of(
        self, named: NamedModel, report: Callable[[Callable[[], str]], object]
    ) -> _Place:
        request = object()
        self._waiting.append(request)
        try:
            while True:
                place = self._places.get(named.key)
                is_first = self._waiting[0] is request
                if place is not None and (is_first or not place.is_leaving):
                    place.is_leaving = False  # who made it leave has found another place
                    return place
                if is_first and len(self._places) < self._most:
                    return self._begin(named)
                report(lambda: "Waiting until another model is no longer in use …")
                if is_first and (leaving := self._to_leave()) is not None:
                    leaving.is_leaving = True
                    if not leaving.users and leaving.loaded.done():
                        self._drop(leaving)
                        continue
                await self._changed.wait()
        finally:
            self._waiting.remove(request)
            self._tell()

    def _to_leave(self) -> _Place | None:
        """Return the least recently used model, one to be kept last of all.

        ``None`` if one is about to leave already.
        """
        if any(place.is_leaving for place in self._places.values()):
            return None
        # One in use leaves when its last request ends; new requests for it wait from now on.
        return min(
            self._places.values(),
            key=lambda place: (place.named.key in self._kept, place.users > 0, place.used),
        )

    def _begin(self, named: NamedModel) -> _Place:
        outcome: Future[Encoder] = Future()
        place = _Place(named, asyncio.wrap_future(outcome))
        self._places[named.key] = place
        place.loaded.add_done_callback(lambda _: self._ended(place))
        # A daemon, because a library that loads cannot be interrupted when the service ends.
        threading.Thread(
            target=self._load_into, args=(named, outcome), daemon=True, name="colbert_explain_load"
        ).start()
        return place

    def _load_into(self, named: NamedModel, outcome: Future[Encoder]) -> None:
        try:
            outcome.set_result(self._load(named))
        except BaseException as error:
            outcome.set_exception(error)

    def _ended(self, place: _Place) -> None:
        failed = place.loaded.cancelled() or place.loaded.exception() is not None
        if failed or (place.is_leaving and not place.users):
            self._drop(place)
        self._tell()

    def _drop(self, place: _Place) -> None:
        if self._places.get(place.named.key) is place:
            del self._places[place.named.key]
            forget_shared_network()
            gc.collect()
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class _Place:
    """A model that is loaded or being loaded."""

    def __init__(self, named: NamedModel, loaded: asyncio.Future[Encoder]) -> None:
        self.named, self.loaded = named, loaded
        self.users = 0
        self.is_leaving = False
        self.used = self._began = time.monotonic()
        self._fetched_before = fetched_bytes(named.model)

    def is_loaded(self) -> bool:
        return self.loaded.done() and not self.loaded.cancelled() and not self.loaded.exception()

    def note(self) -> str:
        """Return how far loading is; nothing once it is loaded."""
        if self.loaded.done():
            return ""
        sentence = f"Loading {self.named.model or 'the model'}: "
        sentence += f"{time.monotonic() - self._began:.0f} s"
        if fetched := fetched_bytes(self.named.model) - self._fetched_before:
            sentence += f", {fetched / 1e6:,.0f} MB fetched"
        return f"{sentence} …"
