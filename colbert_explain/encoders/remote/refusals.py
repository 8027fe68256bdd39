"""Sentences for what a service answers instead of a result."""

from __future__ import annotations

import json
import re
from typing import Any

from colbert_explain.encoders.remote.remote_error import RefusedTextError, RemoteError
from colbert_explain.encoders.remote.service_key import ServiceKey
from colbert_explain.text.wording import one_line, shorten

#: The codes of Jina's errors: AUTHZ_INSUFFICIENT_BALANCE.
_CODE = re.compile(r"[A-Z][A-Z_]{2,59}")
_LONGEST_REASON = 200


def refusal(
    host: str, key: ServiceKey, path: str, model: str, status: int, content: bytes
) -> RemoteError:
    """Return the error for a status that a new attempt will not change.

    The service's own words are quoted only if they are about the texts or the model, and never if
    they contain a part of the key.
    """
    body = _body(content)
    code = _code(body)
    words = brief(_reason(body))
    if key.is_part_of(words):
        words = ""
    said = f": “{words}”" if words else ""
    in_brackets = f"{status}, {code}" if code else str(status)
    if "BALANCE" in code or status == 402:
        return RemoteError(
            f"The balance of the account at {host} is too low ({in_brackets}): top it up, or "
            f"set {key.variable} to the key of another account"
        )
    if status == 401:
        if not key.is_set:
            return RemoteError(f"{host} needs a key (401): set {key.variable} in the environment")
        return RemoteError(
            f"{host} does not accept the key in {key.variable} ({in_brackets}): check it"
        )
    if status == 403:
        return RemoteError(
            f"{host} does not allow this request with the key in {key.variable} ({in_brackets}): "
            f"check what the account may use, model {model!r} included"
        )
    if status == 404 or code == "INPUT_MODEL_NOT_FOUND":
        return RemoteError(
            f"{host} has no model {model!r} or no {path} ({in_brackets}){said}: check the names"
        )
    if status in (400, 413, 422):
        return RefusedTextError(
            f"{host} refuses what it was sent ({in_brackets}){said or ', without a reason'}"
        )
    if 300 <= status < 400:
        return RemoteError(
            f"{host} redirects to another address ({status}), to which nothing was sent: "
            "give the final address"
        )
    return RemoteError(f"{host} refused the request to {path} ({in_brackets}){said}")


def passing(host: str, status: int) -> str:
    """Return the beginning of a sentence for a status that may pass by itself."""
    if status == 429:
        return f"{host} was sent more requests than it allows (429)"
    return f"{host} answered with a server error ({status})"


def brief(words: str) -> str:
    """Return a service's words on one line, shortened."""
    return shorten(one_line(words), _LONGEST_REASON) if words.strip() else ""


def _body(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _code(body: Any) -> str:
    """Return the code that Jina documents, wherever it is in the answer."""
    if not isinstance(body, dict):
        return ""
    for holder in (body, body.get("error"), body.get("detail")):
        if isinstance(holder, dict):
            code = holder.get("code")
            if isinstance(code, str) and _CODE.fullmatch(code):
                return code
    return ""


def _reason(body: Any) -> str:
    """Return the words of an error as FastAPI, vLLM and Jina write it; "" if there are none.

    FastAPI repeats the input beside each message, which is left out.
    """
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(filter(None, map(_reason, body[:3])))
    if isinstance(body, dict):
        for name in ("message", "msg", "detail", "error"):
            if found := _reason(body.get(name)):
                return found
    return ""
