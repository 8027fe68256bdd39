"""A browser context from which no request reaches another machine, nor is ever answered."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, BrowserContext

from tests import patience

_ELSEWHERE = re.compile(r"^(https?|wss?)://(?!(127\.0\.0\.1|localhost|\[::1\])([:/]|$))")


def open_isolated_context(
    browser: Browser, black_hole: list[str], **options: object
) -> BrowserContext:
    """Open a context; addresses on other machines end up in ``black_hole``, unanswered."""
    options = {"viewport": {"width": 1440, "height": 900}, "service_workers": "block"} | options
    context = browser.new_context(**options)
    context.set_default_timeout(patience.milliseconds())
    # Neither fulfilled nor aborted: a page that waits for one of these never finishes.
    context.route(_ELSEWHERE, lambda route: black_hole.append(route.request.url))
    context.route_web_socket(_ELSEWHERE, lambda socket: black_hole.append(socket.url))
    return context
