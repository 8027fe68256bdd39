"""The kernels of the visitors: they run this Python, and end when their page is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager
from jupyter_core.utils import ensure_async
from jupyter_server import CallContext
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from traitlets import Bool, Int

from colbert_explain.dashboard.memory import FEWEST_KERNELS
from colbert_explain.dashboard.server.guarded import Refusal
from colbert_explain.dashboard.server.spare_kernel import (
    DRAWING_SECONDS,
    IMPORTS,
    run_silently,
    set_environment,
)
from colbert_explain.dashboard.visitor_log import visitor_log

#: Least and most seconds that a page has to connect once its notebook has run. A visitor who
#: reloads a page three times while it starts leaves kernels to which no page will connect.
UNOPENED_SECONDS = (30, 120)

#: Seconds without a message of its kernel after which a page that is being made is given up. A cell
#: whose end is not heard of takes a minute (`VoilaExecutor.iopub_timeout`).
UNSENT_SECONDS = 600

#: Seconds after which Jupyter has released a closed connection and its unsent messages: it waits 60
#: seconds for a kernel's first answer, even if that has come.
FORGOTTEN_SECONDS = 62

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
        return KernelSpec(resource_dir=RESOURCES, **command | {"interrupt_mode": "message"})


class VisitorKernels(AsyncMappingKernelManager):
    """Jupyter's kernels, of which one is started before a page asks for it.

    The idle time is counted from when the page went away. Jupyter counts from the last message: a
    visitor who has read a page for twenty minutes would lose its kernel at the first failure of the
    network.
    """

    most_kernels = Int(
        FEWEST_KERNELS,
        min=1,
        config=True,
        help="Kernels that may run at the same time, including those that are starting.",
    )
    keeps_spare = Bool(
        False,
        config=True,
        help="Whether a kernel, the spare, waits for the next page with its imports done.",
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._starting = 0
        self._spare: asyncio.Task[str | None] | None = None  # gives its id, None if it failed
        self._unsent: set[str] = set()  # of the spare, and of pages that are being made
        self._opened: set[str] = set()

    def check_room(self) -> None:
        """Check that one more kernel may run.

        Raises
        ------
        Refusal
            If no more kernels may run; the page says so.
        """
        running = len(self) + self._starting
        if running - (self._spare is not None) >= self.most_kernels:
            visitor_log.warning(
                "A page was refused: the limit on running kernels, %d, is reached",
                self.most_kernels,
            )
            raise Refusal(503, FULL)

    async def start_kernel(self, **options: Any) -> str:  # type: ignore[override]
        """Give a page a kernel, the spare or a new one, if there is room."""
        self.check_room()
        kernel_id = await self._take_spare(**options) or await self._start(**options)
        if page := CallContext.get(CallContext.JUPYTER_HANDLER):
            page.kernel_id = kernel_id
            self._unsent.add(kernel_id)
        return kernel_id

    async def _start(self, **options: Any) -> str:
        self._starting += 1
        try:
            kernel_id: str = await super().start_kernel(**options)
        finally:
            self._starting -= 1
        return kernel_id

    def page_was_sent(self, kernel_id: str) -> None:
        """Begin to wait until the page connects, and start the next spare a little later."""
        self._unsent.discard(kernel_id)
        if kernel_id in self:
            self._restart_idle_time(kernel_id)
        asyncio.get_running_loop().call_later(DRAWING_SECONDS, self.keep_spare)

    def keep_spare(self) -> None:
        """Start the spare, if it is wanted and does not run yet.

        It takes no page's place, and not the time of a page that is being made.
        """
        has_room = len(self) + self._starting < self.most_kernels
        is_at_rest = not self._starting and not self._unsent
        if self.keeps_spare and self._spare is None and has_room and is_at_rest:
            self._spare = asyncio.create_task(self._prepare_spare())

    async def _prepare_spare(self) -> str | None:
        kernel_id = None
        starting = asyncio.ensure_future(self._start(path=""))
        try:
            kernel_id = await asyncio.shield(starting)
            self._unsent.add(kernel_id)
            await run_silently(self.get_kernel(kernel_id), IMPORTS)
        except asyncio.CancelledError:
            await starting  # what is half started could not be ended
            raise
        except Exception as error:  # whatever it is: the page starts a kernel of its own
            visitor_log.warning("No kernel is waiting for the next page: %s", error)
            await self._give_up(kernel_id)
            return None
        return kernel_id

    async def _take_spare(
        self, path: str | None = None, env: Mapping[str, str] | None = None, **_: Any
    ) -> str | None:
        """Return the spare's id once it is ready for the page; None if there is none."""
        if self._spare is None or self.cwd_for_path(path or "") != self.cwd_for_path(""):
            return None
        preparing, self._spare = self._spare, None
        kernel_id = await preparing
        if kernel_id is None or kernel_id not in self:
            return None
        try:
            await run_silently(self.get_kernel(kernel_id), set_environment(env or {}))
        except (RuntimeError, TimeoutError) as error:
            visitor_log.warning("The kernel that waited for a page did not answer: %s", error)
            await self._give_up(kernel_id)
            return None
        return kernel_id

    async def _give_up(self, kernel_id: str | None) -> None:
        """End a spare that is of no use."""
        if self._spare is asyncio.current_task():
            self._spare = None
        if kernel_id is not None and kernel_id in self:
            await ensure_async(self.shutdown_kernel(kernel_id, now=True))

    async def stop_preparing(self) -> None:
        """Start no more spares; one that is being prepared stays unfinished."""
        self.keeps_spare = False
        if self._spare is not None:
            self._spare.cancel()
            with suppress(asyncio.CancelledError):
                await self._spare

    def notify_connect(self, kernel_id: str) -> None:
        """Record that a page is connected."""
        super().notify_connect(kernel_id)
        self._opened.add(kernel_id)

    def notify_disconnect(self, kernel_id: str) -> None:
        """Start counting the idle time."""
        super().notify_disconnect(kernel_id)
        if kernel_id in self:
            self._restart_idle_time(kernel_id)

    def _restart_idle_time(self, kernel_id: str) -> None:
        kernel: Any = self.get_kernel(kernel_id)
        kernel.last_activity = datetime.now(UTC)

    def remove_kernel(self, kernel_id: str) -> Any:
        """Remove a kernel that has ended, and the messages that no page received.

        A bug of jupyter_server, seen in 2.21, not reported: ``_async_shutdown_kernel`` drops the
        kept messages before the kernel ends. The page that asked for the end disconnects a moment
        later, while the kernel is still there, and ``disconnect`` starts to keep messages again.
        They, and four sockets, stay until the server ends.

        Another one: of a kernel that ended by itself, two sockets stay open, for which the server
        then waits when it ends.
        """
        self._opened.discard(kernel_id)
        self._unsent.discard(kernel_id)
        if self._is_spare(kernel_id):
            self._spare = None
        if kernel_id in self:
            self.stop_buffering(kernel_id)
            self.stop_watching_activity(kernel_id)
            kernel: Any = self.get_kernel(kernel_id)
            kernel._close_control_socket()
        return super().remove_kernel(kernel_id)

    def _is_spare(self, kernel_id: str) -> bool:
        spare = self._spare
        if spare is None or not spare.done() or spare.cancelled():
            return False
        return spare.result() == kernel_id

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel whose page is gone, or never connected."""
        if kernel_id not in self:  # its page ended it while another was looked at
            return
        if self._is_spare(kernel_id):
            return
        if kernel_id in self._opened:
            await super().cull_kernel_if_idle(kernel_id)
            return
        kernel: Any = self.get_kernel(kernel_id)
        if kernel.execution_state in (None, "starting", "busy"):
            return
        fewest, most = UNOPENED_SECONDS
        allowed = min(most, max(fewest, self.cull_idle_timeout))
        if kernel_id in self._unsent:
            allowed = max(allowed, UNSENT_SECONDS)
        if datetime.now(UTC) - kernel.last_activity > timedelta(seconds=allowed):
            await ensure_async(self.shutdown_kernel(kernel_id))
