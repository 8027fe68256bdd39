"""`EncoderService`: admits requests, loads their models, and encodes their texts in turn."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from colbert_explain.embeddings import Encoder, TokenEmbeddings
from colbert_explain.encoder_service.loaded_models import Load, LoadedModels
from colbert_explain.encoder_service.requests import Asked, Request
from colbert_explain.encoder_service.turns import Stopped, Together, Turn, Turns
from colbert_explain.encoders import (
    TextEncoder,
    embed_together,
    tokens_to_share,
    without_store,
)
from colbert_explain.encoders.checkpoint.settings import Setting
from colbert_explain.encoders.description import DOCUMENT, QUERY
from colbert_explain.encoders.remote.protocol import NamedModel, packed
from colbert_explain.operator_settings import PREFIX, OperatorSettings
from colbert_explain.storage.provenance_values import provenance_as_json
from colbert_explain.text.wording import count

CANCELLED = "the request was cancelled"
#: Texts that share a forward pass, and their tokens, so that others do not wait for long.
TEXTS_TO_SHARE, TOKENS_TO_SHARE = 8, 256
_log = logging.getLogger(__name__)

#: Does the work of a request with its encoder, and returns the last event.
Work = Callable[[Request, Encoder], Awaitable[dict[str, Any]]]


class QueueFull(Exception):  # noqa: N818 - nothing is broken
    """The service has as many requests as the operator allows; the message is a sentence."""


class EncoderService:
    """Encoders for many clients; used in one event loop.

    Parameters
    ----------
    settings
        Limits.
    load
        Loads an encoder by its name and settings, in a thread.
    choose
        Returns the model that a request may use, as ``load`` takes it; raises a `ValueError` for
        one that it may not use.
    without_weights
        Returns an encoder that can look up kept texts and describe itself before its weights are
        loaded, or ``None`` if there is none; called in a thread.
    """

    def __init__(
        self,
        settings: OperatorSettings,
        load: Load,
        choose: Callable[[NamedModel], NamedModel] = lambda named: named,
        without_weights: Callable[[NamedModel], TextEncoder | None] = lambda named: None,
    ) -> None:
        self.settings = settings
        self._choose, self._without_weights = choose, without_weights
        self.is_ready = False
        self._models = LoadedModels(load, settings.encoder_models)
        self._turns = Turns(settings.concurrent_encodings)
        self._requests: dict[str, Request] = {}
        self._is_closing = False

    async def make_ready(self, names: list[NamedModel]) -> list[str]:
        """Load models and read a short text with each, so that the first client need not wait.

        Requests for other models replace them only where no other model can go. Returns the name
        of each with its device. Raises what loading raises.
        """
        ready = []
        for chosen in map(self._choose, names):
            self._models.keep(chosen)
            async with self._models.use(chosen, lambda note: None) as encoder:

                def read(turn: Turn, encoder: Encoder = encoder) -> None:
                    # The first text takes longer than the next; samples are not kept.
                    fresh = without_store(encoder)
                    fresh.embed_query(QUERY, progress=lambda done, total: None)
                    fresh.embed_document(DOCUMENT, progress=lambda done, total: None)

                await self._turns.run("", True, read)
                known = _text_encoder(encoder)
                ready.append(f"{known.name} on {known.model.device}")
        self.is_ready = True
        return ready

    def state(self) -> dict[str, Any]:
        """Return what is loaded and how much is waiting, as JSON values."""
        return {
            "models": self._models.names(),
            "requests": len(self._requests),
            "waiting": self._turns.n_waiting,
        }

    def admit(self, asked: Asked, client: str, work: Work) -> Request:
        """Start a request; its events end with a result or an error.

        Raises
        ------
        QueueFull
            If as many wait as may, or the service is being stopped.
        ValueError
            If its id is that of another request.
        """
        if self._is_closing:
            raise QueueFull("the encoder service is being stopped")
        most = self.settings.encoder_queue + self.settings.concurrent_encodings
        if len(self._requests) >= most:
            raise QueueFull(
                f"the encoder service is busy with {count(len(self._requests), 'request')}, the "
                f"most that it accepts ({PREFIX}ENCODER_QUEUE)"
            )
        if asked.id in self._requests:
            raise ValueError(f"id must be new for every request, got {asked.id!r} again")
        request = Request(asked, client)
        self._requests[asked.id] = request
        request.task = asyncio.get_running_loop().create_task(self._perform(request, work))
        return request

    def cancel(self, id_: str) -> bool:
        """Cancel a request by its id, and return whether there was one."""
        request = self._requests.get(id_)
        if request is not None:
            request.stop(CANCELLED)
        return request is not None

    async def close(self, timeout: float) -> bool:
        """End all requests with a sentence; return whether all threads ended in time."""
        self._is_closing = True
        for request in list(self._requests.values()):
            request.stop("the encoder service is being stopped")
        tasks = [r.task for r in self._requests.values() if r.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)
        self._turns.close()
        return await asyncio.to_thread(self._turns.join, timeout)

    async def encode(self, request: Request, encoder: Encoder) -> dict[str, Any]:
        """Return the result for a text: tokens, vectors and provenance."""
        asked = request.asked
        if isinstance(encoder, TextEncoder):
            # A text that is kept needs no turn.
            kept = await self._kept(request, encoder)
            if kept is not None:
                return kept
        chosen = encoder if asked.keep else without_store(encoder)
        embed = chosen.embed_query if asked.side == "query" else chosen.embed_document

        def work(turn: Turn) -> dict[str, Any]:
            request.waits_for = lambda: ""

            def progress(done: int, total: int) -> None:
                turn.check()
                request.report(done, total)
                if done < total and done % _steps_per_window(encoder, total) == 0:
                    turn.between_windows()

            return _result(embed(asked.text, progress=progress))

        together = None
        if request.is_short:
            together = await asyncio.to_thread(_together, request, encoder)
        return await self._in_turn(request, request.is_short, work, together)

    async def describe(self, request: Request, encoder: Encoder) -> dict[str, Any]:
        """Return the description of a model."""

        def work(turn: Turn) -> dict[str, Any]:
            found = _text_encoder(encoder).describe()
            return {
                "event": "result",
                "description": {
                    "name": found.name,
                    "settings": _settings(found.settings),
                    "query": found.query.to_columns(),
                    "document": found.document.to_columns(),
                    "unreadable": float(found.unreadable),
                    "warnings": list(found.warnings),
                },
            }

        return await self._in_turn(request, True, work)

    async def facts(self, request: Request, encoder: Encoder) -> dict[str, Any]:
        """Return what a client needs to know of a model before it sends a text."""
        known = _text_encoder(encoder)
        return {
            "event": "result",
            "provenance": provenance_as_json(known.provenance),
            "query_length": known.query_length,
            "document_length": known.document_length,
            "settings": _settings(known.settings),
            "warnings": list(known.warnings),
            "largest_text": self.settings.largest_text,
        }

    async def _before_loading(
        self, request: Request, named: NamedModel, work: Work
    ) -> dict[str, Any] | None:
        """Return the result where it does not need the weights and they are not loaded."""
        if work == self.describe or self._models.has(named):
            return None
        encoder = await asyncio.to_thread(self._without_weights, named)
        if encoder is None:
            return None
        if work == self.facts:
            return await self.facts(request, encoder)
        return await self._kept(request, encoder)

    async def _kept(self, request: Request, encoder: TextEncoder) -> dict[str, Any] | None:
        kept = await asyncio.to_thread(encoder.kept, request.asked.side, request.asked.text)
        return None if kept is None else await asyncio.to_thread(_result, kept)

    async def _in_turn(
        self,
        request: Request,
        is_short: bool,
        work: Callable[[Turn], dict[str, Any]],
        together: Together | None = None,
    ) -> dict[str, Any]:
        request.waits_for = lambda: "Waiting for another text to be encoded …"
        return await self._turns.run(request.client, is_short, work, together)

    async def _perform(self, request: Request, work: Work) -> None:
        minutes = self.settings.encoder_minutes
        try:
            async with asyncio.timeout(60 * minutes):

                def report(note: Callable[[], str]) -> None:
                    request.waits_for = note

                named = self._choose(request.asked.model)
                early = await self._before_loading(request, named, work)
                if early is not None:
                    last = early
                else:
                    async with self._models.use(named, report) as encoder:
                        last = await work(request, encoder)
        except (asyncio.CancelledError, Stopped):
            last = _error("stopped", request.stopped_because or CANCELLED)
        except TimeoutError:
            last = _error(
                "time",
                f"a text may take at most {minutes:g} min here ({PREFIX}ENCODER_MINUTES)",
            )
        except ValueError as error:
            last = _error("value", str(error))
        except Exception as error:
            # Its message may quote the text, which must not be logged.
            where = "".join(traceback.format_tb(error.__traceback__))
            _log.error("a request failed: %s\n%s", type(error).__name__, where)
            last = _error("failed", f"encoding failed: {type(error).__name__}: {error}")
        self._requests.pop(request.asked.id, None)
        request.tell(last)


def _together(request: Request, encoder: Encoder) -> Together | None:
    """Return how a text shares a forward pass with those of other clients, if it can.

    Raises a `ValueError` if the text cannot be read.
    """
    if not isinstance(encoder, TextEncoder):
        return None
    asked = request.asked
    n_tokens = tokens_to_share(encoder, asked.side, asked.text)
    if n_tokens is None or n_tokens > TOKENS_TO_SHARE // 2:
        return None

    def work(turns: Sequence[Turn], requests: list[Request]) -> list[Any]:
        for each in requests:
            each.waits_for = lambda: ""

        def stop_if_nobody_waits() -> None:
            if all(turn.is_stopped for turn in turns):
                raise Stopped

        texts = [each.asked.text for each in requests]
        chosen = _text_encoder(encoder if asked.keep else without_store(encoder))
        found = embed_together(chosen, asked.side, texts, stop_if_nobody_waits)
        return [each if isinstance(each, ValueError) else _result(each) for each in found]

    key = encoder, asked.keep, asked.side, n_tokens
    return Together(key, min(TEXTS_TO_SHARE, TOKENS_TO_SHARE // n_tokens), request, work)


def _error(kind: str, sentence: str) -> dict[str, Any]:
    return {"event": "error", "kind": kind, "sentence": sentence}


def _result(embedded: TokenEmbeddings) -> dict[str, Any]:
    vectors = packed(embedded.vectors)
    return {
        "event": "result",
        "provenance": provenance_as_json(embedded.provenance),
        "tokens": embedded.tokens.to_columns(),
        "bytes": len(vectors),
        "vectors": vectors,
    }


def _steps_per_window(encoder: Encoder, total: int) -> int:
    # Before a model is loaded, progress is 0 of 1: asking would load it.
    return encoder.steps_per_window if isinstance(encoder, TextEncoder) and total > 1 else 1


def _text_encoder(encoder: Encoder) -> TextEncoder:
    if not isinstance(encoder, TextEncoder):
        raise TypeError(f"an encoder service needs a TextEncoder, got {type(encoder).__name__}")
    return encoder


def _settings(settings: Any) -> list[list[Any]]:
    def row(name: str, setting: Setting[Any]) -> list[Any]:
        return [name, setting.value, setting.source]

    return [row(name, setting) for name, setting in settings.items()]
