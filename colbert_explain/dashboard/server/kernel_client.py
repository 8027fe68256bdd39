"""The client through which the server runs the cells of a page."""

from __future__ import annotations

from typing import Any

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from traitlets import Type


class PromptChannel(AsyncZMQSocketChannel):
    """A channel that notices a reply which arrives while it sends.

    A bug of jupyter_client, seen in 8.10 (https://github.com/jupyter/nbclient/issues/312): it sends
    past the socket's asyncio part, which then does not hear of a reply that has just come. nbclient
    sends what an `Output` widget shows while it waits for the end of the cell. On a busy machine it
    then waited until Voilà gave the page up.
    """

    def send(self, msg: dict[str, Any]) -> None:
        """Send a message, and wake whoever waits for one that has come."""
        super().send(msg)
        self.socket.get(zmq.EVENTS)  # pyzmq looks for what has come


class PromptClient(AsyncKernelClient):
    """Jupyter's client, whose requests go through a `PromptChannel`."""

    shell_channel_class = Type(PromptChannel)
