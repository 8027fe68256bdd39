"""The messages between a page and its kernel: those of widgets, and no tracebacks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from colbert_explain.dashboard.server.page_messages import RefusedMessage, check_message
from colbert_explain.dashboard.visitor_log import one_line, visitor_log

V1 = "v1.kernel.websocket.jupyter.org"

#: The message about an error that `kernel_watch.js` shows on a page.
SENTENCE = (
    "Something failed in the Python process behind this page. The terminal that runs the server "
    "says why."
)

#: Kinds of messages that reach a page unchanged. Errors reach it without their text; other
#: messages, such as printed text, do not reach it.
_PASSED_ON = {
    "status",
    "comm_open",
    "comm_msg",
    "comm_close",
    "clear_output",
    "iopub_welcome",
    "kernel_info_reply",
    "comm_info_reply",
}
_SHOWN = {"display_data", "update_display_data", "execute_result"}
_TRACEBACK = b"Traceback (most recent call last)"
_NEUTRAL = {"ename": "Error", "evalue": SENTENCE, "traceback": [SENTENCE]}


class PageConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's connection, which passes on only widget messages, and none that shows the code.

    Jupyter can hide the tracebacks of errors, but not those that the kernel prints about messages
    that it did not expect.
    """

    def handle_incoming_message(self, incoming_msg: str | bytes) -> None:
        """Pass a message from the page on to the kernel, unless it is not allowed."""
        try:
            check_message(incoming_msg)
        except RefusedMessage as fault:
            visitor_log.warning("A message from a page was refused: %s", fault)
            return
        super().handle_incoming_message(incoming_msg)  # type: ignore[arg-type]

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Pass a message from the kernel on to the page, without what shows the code."""
        identities, parts = self.session.feed_identities(outgoing_msg)
        signature, *parts = [part if isinstance(part, bytes) else part.bytes for part in parts]
        kind = json.loads(parts[0])["msg_type"]
        content = _for_a_page(kind, parts[3])
        if content is None:
            return
        if content != parts[3]:
            parts[3] = content
            signature = self.session.sign(parts[:4])
        passed_on = [*identities, b"<IDS|MSG>", signature, *parts]
        super().handle_outgoing_message(stream, passed_on)

    def write_stderr(self, error_message: str, parent_header: Any) -> None:
        """Log an error about too many messages in the terminal, not on the page."""
        visitor_log.warning("%s", error_message)


def _for_a_page(kind: str, content: bytes) -> bytes | None:
    """Return the content of a message as a page may see it, ``None`` if it may not."""
    if kind == "error":
        _log_error(json.loads(content))
        return json.dumps(_NEUTRAL).encode()
    if kind == "stream":
        _log_printed(json.loads(content))
        return None
    if kind in _SHOWN and _TRACEBACK in content:
        visitor_log.warning(
            "A traceback was kept out of a page: %s", content[-1000:].decode(errors="replace")
        )
        return None
    if kind in ("comm_open", "comm_msg") and b'"output_type"' in content:
        # What ipywidgets.Output caught while the cells ran.
        return json.dumps(_without_errors(json.loads(content))).encode()
    if kind.endswith("_reply") and b'"traceback"' in content:
        return json.dumps({"status": "error"} | _NEUTRAL).encode()
    return content if kind in _PASSED_ON | _SHOWN else None


def _without_errors(value: Any) -> Any:
    """Return a widget's state with a sentence for each error in it, and no printed traceback."""
    if isinstance(value, dict):
        if value.get("output_type") == "error":
            return {"output_type": "error"} | _NEUTRAL
        return {name: _without_errors(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_errors(inner) for inner in value if not _is_hidden(inner)]
    return value


def _is_hidden(output: Any) -> bool:
    if not isinstance(output, dict) or output.get("output_type") != "stream":
        return False
    return output.get("name") == "stderr" or _TRACEBACK.decode() in str(output.get("text"))


def _log_error(content: dict[str, Any]) -> None:
    frames = content.get("traceback", [])
    failure = describe_failure(content.get("ename"), content.get("evalue"), frames)
    visitor_log.error("The kernel of a page failed: %s", failure)


def describe_failure(kind: object, said: object, frames: Iterable[object]) -> str:
    """Return what failed and, from IPython's traceback, where."""
    lines = [one_line(str(frame)) for frame in frames]
    places = [line.split(", in ")[0] for line in lines if line.startswith(("File ", "Cell "))]
    place = f" ({places[-1][:120]})" if places else ""
    return f"{kind}: {one_line(str(said))[:150]}{place}"


def _log_printed(content: dict[str, Any]) -> None:
    """Log the first and the last printed line: in a traceback, these say most."""
    lines = [line for line in str(content.get("text")).splitlines() if line.strip()]
    if lines:
        shown = lines[0] if len(lines) == 1 else f"{lines[0][:120]} … {lines[-1]}"
        visitor_log.warning("The kernel of a page printed: %s", shown)
