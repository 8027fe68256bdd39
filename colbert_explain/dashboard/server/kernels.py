"""The kernels of the visitors: this Python, ended when their page is gone."""

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

#: Fewest and most seconds in which a page must have opened its connection once its notebook has
#: run. Who reloads a page three times while it starts leaves kernels that nobody will connect to.
UNOPENED_SECONDS = (30, 120)

#: Seconds after which Jupyter has let go of a closed connection, with what could no longer be sent:
#: it waits 60 for a kernel's first answer, even when that has come.
FORGOTTEN_SECONDS = 62

#: Bytes that a kernel takes as a rule, and how many may run however small the memory is.
KERNEL_SIZE = 300_000_000
FEWEST_KERNELS = 4

FULL = (
    "This server is full: as many pages are open as it has room for. "
    "Try again in some minutes, or close a page that you no longer need."
)

_KERNEL_CLASS = "colbert_explain.dashboard.kernel.DashboardKernel"


class SamePython(KernelSpecManager):
    """Every kernel is the Python that runs the server, whatever kernels are registered.

    A user-level kernel named "python3" would otherwise win, and it seldom has this package.
    """

    def find_kernel_specs(self) -> dict[str, str]:
        """Name the one kernel there is."""
        return {NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Describe the Python that runs the server, by whatever name it is asked for."""
        # Below an error, a kernel tells the terminal only that loopback traffic is not encrypted.
        options = ["--log-level=ERROR", f"--IPKernelApp.kernel_class={_KERNEL_CLASS}"]
        command = get_kernel_dict(extra_arguments=options)
        return KernelSpec(resource_dir=RESOURCES, **command)


class VisitorKernel(ServerKernelManager):
    """A kernel that is asked to end and not interrupted before.

    Jupyter interrupts first, in case a cell runs on and on; a page that was closed while its
    kernel read a message would leave a line about a ``KeyboardInterrupt`` in the terminal.
    """

    @default("last_activity")
    def _started_now(self) -> datetime:
        # Jupyter sets it a moment later, and whoever looks for idle kernels would stumble over it.
        return utcnow()

    async def _async_interrupt_kernel(self) -> None:
        pass


class VisitorKernels(AsyncMappingKernelManager):
    """Jupyter's kernels, with the idle time counted from when the page went away.

    Jupyter counts from the last message: whoever has read a page for twenty minutes would lose its
    kernel at the first hiccup of the network.
    """

    most_kernels = Int(
        min=1, config=True, help="Kernels that may run at the same time, those that start included."
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
        """Start a kernel, and tell the page that asked for it which it is.

        Raises
        ------
        Refusal
            If as many run as may; the page says so.
        """
        if len(self) + self._starting >= self.most_kernels:
            visitor_log.warning(
                "No page more: %d kernels run or start, as many as may", self.most_kernels
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
        """Take note that a page is connected."""
        super().notify_connect(kernel_id)
        self._opened.add(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        """Start to count the idle time."""
        super().notify_disconnect(kernel_id)
        if kernel_id in self:
            kernel: Any = self.get_kernel(kernel_id)
            kernel.last_activity = utcnow()

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget a kernel that has ended, and what it said to nobody.

        A page that closes ends its kernel; its connection, gone a moment later, finds the kernel
        still there and begins to keep what it says. Jupyter would keep that for ever.
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
        """End a kernel whose page is gone, or never came."""
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
