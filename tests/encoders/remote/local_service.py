"""A service on this machine that speaks the schemas of Jina and vLLM, and fails when told to."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tests.local_server import QuietHandler, serving

DIM = 8
CLS, SEP = 101, 102

Fault = Callable[[QuietHandler], None]


def words(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text.lower())


def number(word: str) -> int:
    return 1000 + int(hashlib.sha256(word.encode()).hexdigest()[:6], 16)


def vector(word: str, dim: int = DIM) -> list[float]:
    row = np.random.default_rng(number(word)).normal(size=dim)
    return (row / np.linalg.norm(row)).tolist()


def vectors(text: str, dim: int = DIM) -> list[list[float]]:
    return [vector(word, dim) for word in ["[CLS]", *words(text), "[SEP]"]]


class LocalService:
    """What the server does and what it has seen.

    ``faults`` are used up one by one, each by one request to ``only``, if that is given.
    """

    def __init__(self) -> None:
        self.faults: deque[Fault] = deque()
        self.seen: list[tuple[str, dict[str, str], Any]] = []
        self.change: Callable[[str, Any], Any] = lambda path, answer: answer
        self.refused: str | None = None
        self.stop = threading.Event()
        self.address = ""

    def bodies(self, path: str) -> list[Any]:
        return [body for seen, _, body in self.seen if seen == path]

    def answer(self, path: str, body: Any) -> Any:
        if path == "/v1/multi-vector":
            rows = [
                {"object": "embeddings", "index": i, "embeddings": vectors(text)}
                for i, text in enumerate(body["input"])
            ]
            return {"model": body["model"], "object": "list", "usage": {}, "data": rows[::-1]}
        if path == "/pooling":
            rows = [
                {"object": "pooling", "index": i, "data": vectors(text)}
                for i, text in enumerate(body["input"])
            ]
            return {"id": "pool-1", "object": "list", "model": body["model"], "data": rows}
        if path == "/tokenize":
            pieces = words(body["prompt"])
            ids = [number(word) for word in pieces]
            if body.get("add_special_tokens", True):
                pieces, ids = ["[CLS]", *pieces, "[SEP]"], [CLS, *ids, SEP]
            strings = pieces if body.get("return_token_strs") else None
            return {"count": len(ids), "max_model_len": 512, "tokens": ids, "token_strs": strings}
        if path in ("/v1/rerank", "/rerank"):
            query = set(words(body["query"]))
            results = [
                {"index": i, "relevance_score": len(query & set(words(text))) / len(query)}
                for i, text in enumerate(body["documents"])
            ]
            results.sort(key=lambda one: -one["relevance_score"])
            return {"model": body["model"], "results": results[: body.get("top_n") or None]}
        return None


@contextmanager
def running() -> Iterator[LocalService]:
    service = LocalService()

    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            service.seen.append((self.path, dict(self.headers), body))
            self.close_connection = True
            if service.faults:
                service.faults.popleft()(self)
                return
            if service.refused is not None and service.refused in json.dumps(body):
                status(422, {"detail": [{"loc": ["input"], "msg": "text is too long"}]})(self)
                return
            found = service.change(self.path, service.answer(self.path, body))
            answer = status(404, {"detail": "Not Found"}) if found is None else status(200, found)
            answer(self)

    with serving(Handler) as service.address:
        try:
            yield service
        finally:
            service.stop.set()


def raw(code: int, content: bytes, kind: str = "application/json", **headers: str) -> Fault:
    def send(handler: QuietHandler) -> None:
        handler.send(code, content, Content_Type=kind, Connection="close", **headers)

    return send


def status(code: int, body: Any = None, **headers: str) -> Fault:
    return raw(code, json.dumps(body).encode(), **headers)


def cut_off(handler: QuietHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": [')


def silent(service: LocalService) -> Fault:
    """Send nothing until the test is over."""
    return lambda handler: service.stop.wait() and None


def dripping(service: LocalService) -> Fault:
    """Send a byte now and then, for ever: each in time, the whole never."""

    def send(handler: QuietHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        try:
            while not service.stop.wait(0.02):
                handler.wfile.write(b" ")
                handler.wfile.flush()
        except OSError:
            pass  # the client has gone

    return send
