"""The kernels of the visitors: they run this Python, and end when their page is gone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager
from jupyter_core.utils import ensure_async
from jupyter_server import CallContext
from jupyter_server._tz import utcnow
from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from traitlets import Int, default

from colbert_explain.dashboard.server.guarded import Refusal
from colbert_explain.dashboard.server_memory import give_memory_back, usable_memory
from colbert_explain.dashboard.visitor_log import visitor_log

#: Least and most seconds that a page has to connect once its notebook has run. A visitor who
#: reloads a page three times while it starts leaves kernels to which no page will connect.
UNOPENED_SECONDS = (30, 120)

#: Seconds after which Jupyter has released a closed connection and its unsent messages: it waits 60
#: seconds for a kernel's first answer, even if that has come.
FORGOTTEN_SECONDS = 62

#: Bytes that a kernel usually takes, and how many may run even if memory is small.
KERNEL_SIZE = 300_000_000
FEWEST_KERNELS = 4

FULL = (
    "This server is full: it cannot open another page now. "
    "Try again in a few minutes, or close a page that you no longer need."
)

_KERNEL_CLASS = "colbert_explain.dashboard.kernel.DashboardKernel"


class SamePython(KernelSpecManager):
    """Every kernel runs the server's Python, whatever kernels are registered.

    Otherwise a user's own kernel named "python3" would be used, which seldom has this package.
    """

    def find_kernel_specs(self) -> dict[str, str]:
        """Return the only kernel."""
        return {NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Describe the server's Python, whatever name is asked for."""
        # Below an error, a kernel tells the terminal only that loopback traffic is not encrypted.
        options = ["--log-level=ERROR", f"--IPKernelApp.kernel_class={_KERNEL_CLASS}"]
        command = get_kernel_dict(extra_arguments=options)
        return KernelSpec(resource_dir=RESOURCES, **command)


class VisitorKernel(ServerKernelManager):
    """A kernel that is asked to end without being interrupted first.

    Jupyter interrupts a kernel first, in case a cell does not end. If a page was closed while its
    kernel read a message, that would print a ``KeyboardInterrupt`` in the terminal.
    """

    @default("last_activity")
    def _started_now(self) -> datetime:
        # Jupyter sets it a moment later, and code that looks for idle kernels needs it.
        return utcnow()

    async def _async_interrupt_kernel(self) -> None:
        pass


class VisitorKernels(AsyncMappingKernelManager):
    """Jupyter's kernels, with the idle time counted from when the page went away.

    Jupyter counts from the last message: a visitor who has read a page for twenty minutes would
    lose its kernel at the first failure of the network.
    """

    most_kernels = Int(
        min=1,
        config=True,
        help="Kernels that may run at the same time, including those that start.",
    )

    @default("most_kernels")
    def _what_fits(self) -> int:
        return max(FEWEST_KERNELS, usable_memory() // KERNEL_SIZE)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._starting = 0
        self.kernel_manager_class = f"{__name__}.{VisitorKernel.__name__}"
        self._opened: set[str] = set()

    async def start_kernel(self, **options: Any) -> str:  # type: ignore[override]
        """Start a kernel, and give its id to the page that asked for it.

        Raises
        ------
        Refusal
            If no more kernels may run; the page says so.
        """
        if len(self) + self._starting >= self.most_kernels:
            visitor_log.warning(
                "A page was refused: the limit on running kernels, %d, is reached",
                self.most_kernels,
            )
            raise Refusal(503, FULL)
        self._starting += 1
        try:
            kernel_id: str = await super().start_kernel(**options)
        finally:
            self._starting -= 1
        if page := CallContext.get(CallContext.JUPYTER_HANDLER):
            page.kernel_id = kernel_id
        return kernel_id

    def notify_connect(self, kernel_id: str) -> None:
        """Record that a page is connected."""
        super().notify_connect(kernel_id)
        self._opened.add(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        """Start counting the idle time."""
        super().notify_disconnect(kernel_id)
        if kernel_id in self:
            kernel: Any = self.get_kernel(kernel_id)
            kernel.last_activity = utcnow()

    def remove_kernel(self, kernel_id: str) -> Any:
        """Remove a kernel that has ended, and the messages that no page received.

        A page that closes ends its kernel. Its connection closes a moment later, while the kernel
        is still there, and begins to keep the kernel's messages. Jupyter would keep them for ever.
        """
        self._opened.discard(kernel_id)
        if kernel_id in self:
            self.stop_buffering(kernel_id)
        forgotten = super().remove_kernel(kernel_id)
        if not self._kernels:
            with suppress(RuntimeError):  # no loop: the server is ending
                asyncio.get_running_loop().call_later(FORGOTTEN_SECONDS, self._rest)
        return forgotten

    def _rest(self) -> None:
        if not self._kernels:
            give_memory_back()

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel whose page is gone, or never connected."""
        if kernel_id not in self:  # its page ended it while another was looked at
            return
        if kernel_id in self._opened:
            await super().cull_kernel_if_idle(kernel_id)
            return
        kernel: Any = self.get_kernel(kernel_id)
        waiting = utcnow() - getattr(kernel, "last_activity", utcnow())
        fewest, most = UNOPENED_SECONDS
        allowed = timedelta(seconds=min(most, max(fewest, self.cull_idle_timeout)))
        if kernel.execution_state not in ("starting", "busy") and waiting > allowed:
            await ensure_async(self.shutdown_kernel(kernel_id))
