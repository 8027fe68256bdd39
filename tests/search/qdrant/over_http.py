"""A Qdrant server on this machine, whose data the client's own local mode keeps.

It answers what `QdrantEngine` asks, in the JSON of Qdrant's REST interface, so that the tests
of the engine go the whole way that they go with a real server.
"""

from __future__ import annotations

import json
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager

from qdrant_client import QdrantClient, models

from tests.local_server import QuietHandler, serving

#: What a server takes unless it is told otherwise.
LARGEST_REQUEST = 33_554_432
LARGEST_MULTIVECTOR = 1_048_576


class RefusedError(Exception):
    """What the server does not do."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


def points_of(body):
    for point in body["points"]:
        for vector in point["vector"].values():
            if isinstance(vector[0], list) and len(vector) * len(vector[0]) >= LARGEST_MULTIVECTOR:
                raise RefusedError(400, "Total number of multivector elements is too large")
    return [models.PointStruct.model_validate(point) for point in body["points"]]


def filter_of(body):
    return models.Filter.model_validate(body["filter"]) if body.get("filter") else None


def answer(client: QdrantClient, verb: str, rest: str, name: str, body):
    """Do what a request asks, and return its result."""
    if rest == "/exists":
        return {"exists": client.collection_exists(name)}
    if (verb, rest) == ("DELETE", ""):
        return client.delete_collection(name)
    if (verb, rest) == ("PUT", ""):
        if client.collection_exists(name):
            raise RefusedError(409, f"Collection `{name}` already exists!")
        vectors = models.CreateCollection.model_validate(body).vectors
        return client.create_collection(name, vectors_config=vectors)
    if not client.collection_exists(name):
        raise RefusedError(404, f"Collection `{name}` doesn't exist!")
    done = {"operation_id": 0, "status": "completed"}
    if (verb, rest) == ("PUT", "/index"):
        assert set(body) >= {"field_name", "field_schema"}
    elif (verb, rest) == ("PUT", "/points"):
        client.upsert(name, points_of(body))
    elif rest == "/points/payload":
        client.set_payload(name, body["payload"], points=body["points"])
    elif rest == "/points/delete":
        client.delete(name, models.PointIdsList.model_validate(body))
    elif rest == "/points/count":
        return client.count(name, filter_of(body), exact=body["exact"])
    elif rest == "/points":
        return client.retrieve(
            name, body["ids"], body.get("with_payload", True), body.get("with_vector", False)
        )
    elif rest == "/points/query":
        return client.query_points(
            name,
            query=body["query"]["nearest"],
            using=body["using"],
            limit=body["limit"],
            query_filter=filter_of(body),
            with_payload=body["with_payload"],
        )
    elif rest == "/points/scroll":
        found, after = client.scroll(
            name, filter_of(body), limit=body["limit"], with_payload=body["with_payload"]
        )
        return {
            "points": [one.model_dump(mode="json") for one in found],
            "next_page_offset": after,
        }
    else:
        raise RefusedError(404, f"no {verb} {rest}")
    return done


def in_json(result):
    if isinstance(result, list):
        return [in_json(one) for one in result]
    return result.model_dump(mode="json") if hasattr(result, "model_dump") else result


@contextmanager
def qdrant_server() -> Iterator[str]:
    """Serve until the end of the block, and return the address."""
    client, lock = QdrantClient(":memory:"), threading.Lock()

    class Handler(QuietHandler):
        def answer(self):
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            name, rest = re.match(r"/collections/([^/?]+)([^?]*)", self.path).groups()
            try:
                if len(content) > LARGEST_REQUEST:
                    raise RefusedError(400, "JSON payload is larger than allowed")
                # A server refuses NaN, which Python would read.
                body = json.loads(content, parse_constant=lambda _: 1 / 0) if content else {}
                with lock, warnings.catch_warnings():
                    warnings.simplefilter("ignore", UserWarning)
                    result = in_json(answer(client, self.command, rest, name, body))
                status, said = 200, {"result": result, "status": "ok", "time": 0.0}
            except RefusedError as error:
                status, said = error.status, {"status": {"error": str(error)}, "time": 0.0}
            except Exception as error:
                status, said = 500, {"status": {"error": repr(error)}, "time": 0.0}
            self.send(status, json.dumps(said).encode(), Content_Type="application/json")

    with closing(client), serving(Handler) as address:
        yield address
