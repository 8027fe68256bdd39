import json

import httpx
import pytest
from playwright.sync_api import expect

from tests import patience

TOKEN = "a-token-of-28-characters-000"
BASE_URL = "/user/ada/"
BUTTON = """
import os, ipywidgets
seen = [name for name, value in os.environ.items() if "a-token-of" in value]
button = ipywidgets.Button(description="Count")
label = ipywidgets.Label(f"variables with the token: {seen}")
button.on_click(lambda button: setattr(label, "value", "clicked"))
ipywidgets.VBox([button, label])
"""


@pytest.fixture(scope="module")
def guarded(serve_dashboards, tmp_path_factory):
    """A server that asks for a token and lies below a path, as behind a proxy."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "dot.png").write_bytes(b"not shown")
    code = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "id": "b"}
    content = {
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Plain"},
            {**code, "source": BUTTON},
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "plain.ipynb").write_text(json.dumps(content))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_TOKEN", TOKEN)
        with serve_dashboards(folder, base_url=BASE_URL) as running:
            yield running


@pytest.mark.parametrize(
    "path",
    [
        "",
        "voila/render/plain.ipynb",
        "voila/render/absent.ipynb",
        "voila/files/pictures/dot.png",
        "voila/files/pictures/absent.png",
        "voila/tree",
        "api/kernels/00000000-0000-0000-0000-000000000000",
        "anything",
    ],
)
def test_without_the_token_nothing_is_told(page, guarded, path):
    answer = page.request.get(guarded.url + path)
    assert "/login?next=" in answer.url or answer.status in (403, 404)
    assert "Plain" not in answer.text()
    assert "not shown" not in answer.text()


def test_no_request_without_the_token_ends_a_kernel_or_sets_a_password(page, guarded):
    kernel = "voila/api/shutdown/00000000-0000-0000-0000-000000000000"
    assert page.request.post(guarded.url + kernel).status == 403
    form = {"password": "guess", "new_password": "mine-from-now-on"}
    assert page.request.post(guarded.url + "login", form=form).status == 403


def test_the_token_is_typed_once_and_opens_a_dashboard(page, guarded, black_hole, axe):
    page.goto(guarded.url)
    assert axe(page) == []
    page.get_by_label("Token").fill("wrong")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text() == "That is not the token of this server."
    assert axe(page) == []
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Enter").click()
    page.wait_for_url(guarded.url)
    page.get_by_role("link", name="Plain").click()
    page.get_by_text("variables with the token: []").wait_for()
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("clicked")).to_be_visible()
    assert page.request.get(guarded.url + "voila/files/pictures/dot.png").text() == "not shown"
    assert guarded.url.endswith(BASE_URL)
    assert black_hole == []


def test_a_link_with_the_token_lets_in_and_loses_it(page, guarded):
    page.goto(f"{guarded.url}?token={TOKEN}&lang=en")
    assert page.url == f"{guarded.url}?lang=en"
    assert page.get_by_role("link", name="Plain").is_visible()
    page.context.clear_cookies()
    page.goto(f"{guarded.url}?token=wrong")
    assert page.get_by_label("Token").is_visible()


def test_another_host_name_is_answered_where_a_token_is_asked_for(page, guarded):
    answer = page.request.get(guarded.url, headers={"Host": "lab.example"}, max_redirects=0)
    assert answer.status == 302
    assert "login" in answer.headers["location"]


def test_behind_a_proxy_that_speaks_https_cookies_are_for_https_only(guarded):
    for scheme, secure in (("https", True), ("HTTPS", True), ("http", False), ("", False)):
        answer = httpx.get(
            guarded.url,
            params={"token": TOKEN},
            headers={"X-Forwarded-Proto": scheme},
            timeout=patience.seconds(),
        )
        cookies = answer.headers.get_list("Set-Cookie")
        assert cookies, scheme
        for cookie in cookies:
            assert ("; Secure" in cookie) == secure, (scheme, cookie)
