"""The server's own request handlers: index page, dashboards, pictures, login, not found."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jupyter_server.auth.identity import User
from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.base.handlers import JupyterHandler
from nbformat import NotebookNode
from tornado import web
from voila.handler import BaseVoilaHandler
from voila.static_file_handler import (
    AllowListFileHandler,
    MultiStaticFileHandler,
    TemplateStaticFileHandler,
)
from voila.tornado.handler import TornadoVoilaHandler
from voila.voila_identity_provider import VoilaIdentityProvider

from colbert_explain.dashboard.index_page import (
    INDEX_POLICY,
    read_cards,
    render_index,
    render_page,
)
from colbert_explain.dashboard.page_frame import page_frame
from colbert_explain.dashboard.server.guarded import PLAIN_PAGE, Guarded

#: Name of the page template.
TEMPLATE = "colbert_explain"


class IndexHandler(Guarded, BaseVoilaHandler):
    """The index page."""

    policy = INDEX_POLICY

    @web.authenticated
    def get(self) -> None:
        """Answer with one card per notebook."""
        if not _hide_token(self):
            folder = Path(self.settings["voila"].root_dir)
            self.finish(render_index(read_cards(folder), self.base_url))


#: What Voilà sends a page every few seconds while nothing else is ready.
_STILL_THERE = "window.voila_heartbeat()"


#: Voilà's page contains scripts, and anywidget gives the scripts of widgets to the browser as
#: blobs. Nothing may be loaded from or sent to another site.
NOTEBOOK_PAGE = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


class NotebookHandler(Guarded, TornadoVoilaHandler):
    """Voilà's page of an executed notebook, only for the notebooks on the index page."""

    policy = NOTEBOOK_PAGE

    kernel_id: str | None = None  # once it has started

    def initialize(self, first_screen: Callable[[], str], **options: Any) -> None:
        """Take what gives the workbench's first screen as HTML, beside Voilà's settings."""
        super().initialize(**options)
        self._first_screen = first_screen

    @web.authenticated
    async def get(self, path: str) -> None:
        """Run the notebook and answer with its outputs."""
        if self._is_there(path):
            self.set_page_cookie()
            try:
                await TornadoVoilaHandler.get(self, path)
            finally:
                if self.kernel_id is not None:
                    self.kernel_manager.page_was_sent(self.kernel_id)

    @web.authenticated
    async def head(self, path: str) -> None:
        """Answer whether there is such a page, without running the notebook."""
        if self._is_there(path):
            self.set_header("Content-Type", "text/html")
            self.finish()

    def _is_there(self, path: str) -> bool:
        """Check that there is such a page; return False if the visitor is redirected."""
        if _hide_token(self):
            return False
        folder = Path(self.settings["voila"].root_dir)
        if path not in {card.name for card in read_cards(folder)}:
            raise web.HTTPError(404)
        return True

    def add_frame(self, notebook: NotebookNode) -> None:
        """Tell the template what stands around the notebook's cells, and before they have run."""
        cards = {card.name: card for card in read_cards(Path(self.settings["voila"].root_dir))}
        card = cards[self.decode_argument(self.path_args[0].encode(), "path")]
        frame = page_frame(card, list(cards.values()), self._first_screen())
        notebook.metadata["colbert_explain_frame"] = frame

    def set_page_cookie(self) -> None:
        """Set the cookie that a closing page needs to end its kernel."""
        _ = self.xsrf_token  # reading it sets the cookie

    async def get_generator(self, path: str | None = None) -> AsyncIterator[str]:
        """Yield Voilà's page piece by piece, or say that its kernel could not start.

        Without a kernel, voila 0.5.13 sends its heartbeat for ever
        (https://github.com/voila-dashboards/voila/issues/1311).
        """
        async for piece in super().get_generator(path):
            if _STILL_THERE in piece and self.kernel_id not in self.kernel_manager:
                yield render_page("no_python.html")
                return
            yield piece


def add_frame(handler: NotebookHandler, *, notebook: NotebookNode, cwd: str) -> None:
    """Add to a notebook what its page needs; Voilà calls this before it starts a kernel."""
    handler.add_frame(notebook)


class TemplateFileHandler(Guarded, TemplateStaticFileHandler):
    """Style sheets and scripts of our template; Voilà's own handler fails at other addresses."""

    def parse_url_path(self, url_path: str) -> str:
        """Return the path of a file below the templates."""
        template, *rest = url_path.split("/", 2)
        if template != TEMPLATE or len(rest) != 2 or rest[0] != "static" or not rest[1]:
            raise web.HTTPError(404)
        path: str = super().parse_url_path(url_path)
        return path


class StaticFileHandler(Guarded, MultiStaticFileHandler):
    """Voilà's files; a missing file is answered with 404."""

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Check a path; Voilà takes a missing file for one outside its folders."""
        try:
            path: str | None = super().validate_absolute_path(root, absolute_path)
        except web.HTTPError:
            raise web.HTTPError(404) from None
        return path


class PictureHandler(Guarded, BaseVoilaHandler, AllowListFileHandler):
    """Voilà's files, only for visitors with the token: Voilà itself does not ask for it."""

    def initialize(self, voila_configuration: Any, path: str) -> None:
        """Take the settings that both parents need."""
        BaseVoilaHandler.initialize(self, voila_configuration=voila_configuration)
        AllowListFileHandler.initialize(self, voila_configuration.file_allowlist, path=path)

    @web.authenticated
    async def get(self, path: str, include_body: bool = True) -> None:
        """Answer with a file of the allow-list."""
        await AllowListFileHandler.get(self, path, include_body)

    @web.authenticated
    async def head(self, path: str) -> None:
        """Answer with the headers only."""
        await AllowListFileHandler.head(self, path)


class NotFoundHandler(Guarded, BaseVoilaHandler):
    """Every other address."""

    def get(self) -> None:
        """Answer that the address is not found."""
        raise web.HTTPError(404)


class LoginHandler(Guarded, BaseVoilaHandler, LoginFormHandler):
    """The page that asks for the token, without the text about Jupyter's own commands."""

    policy = PLAIN_PAGE

    def _render(self, message: dict[str, str] | None = None) -> None:
        page = render_page(
            "login.html",
            action=self.request.uri,
            xsrf=self.xsrf_token.decode(),
            refused=message is not None,
        )
        self.finish(page)


class TokenIdentity(VoilaIdentityProvider):
    """One token for all visitors; unlike in Jupyter's own form, nobody can set a password."""

    login_available = False  # the login page is ours, under the base URL; there is no other
    logout_available = False

    def get_token(self, handler: web.RequestHandler) -> str | None:
        """Return the token of a request, from its header or else from its address.

        Behind another Jupyter server, the address may hold the token of that server.
        """
        found = self.auth_header_pat.match(handler.request.headers.get("Authorization", ""))
        return found[2] if found else handler.get_argument("token", "")

    def process_login_form(self, handler: web.RequestHandler) -> User | None:
        """Return a user if the form holds the token."""
        typed = handler.get_argument("password", default="")
        if not self.token or not hmac.compare_digest(typed.encode(), self.token.encode()):
            return None
        return self.generate_anonymous_user(handler)


def _hide_token(handler: JupyterHandler) -> bool:
    """Redirect a visitor whose address holds the token to the same address without it.

    The answer sets a cookie instead; the address is then safe to show, save and share.
    """
    arguments: dict[str, list[bytes]] = handler.request.query_arguments
    if "token" not in arguments:
        return False
    rest: list[tuple[str, Any]] = [
        (name, value) for name, values in arguments.items() if name != "token" for value in values
    ]
    handler.redirect(handler.request.path + (f"?{urlencode(rest)}" if rest else ""))
    return True
