"""Who may ask a server for what: pages of other sites, and how many pages there may be."""

import httpx
import pytest

from colbert_explain.dashboard.server.guarded import is_embedded_elsewhere
from tests import patience
from tests.served_page import Server, kernel_of, served

HERE = "127.0.0.1:8866"


def fetch(site: str, mode: str, dest: str, **more: str) -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest} | more


#: What browsers send.
ALLOWED = {
    "typed into the address bar": fetch("none", "navigate", "document"),
    "a link on another site": fetch("cross-site", "navigate", "document"),
    "a link of the hub, on a subdomain": fetch("same-site", "navigate", "document"),
    "a frame in JupyterLab": fetch("same-origin", "navigate", "iframe"),
    "a script of a page": fetch("same-origin", "no-cors", "script"),
    "a closing page": fetch("same-origin", "no-cors", "empty", Origin=f"http://{HERE}"),
    "a page's connection": fetch("same-origin", "websocket", "websocket"),
    "an old browser": {},
    "an old browser's connection": {"Origin": f"http://{HERE}"},
    "a program": {"Accept": "*/*"},
    "a picture saved by the reader": fetch("none", "no-cors", "image"),
}
REFUSED = {
    f"{dest} of a {site} page": fetch(site, mode, dest)
    for site in ("cross-site", "same-site", "unheard-of")
    for mode, dest in (
        ("no-cors", "image"), ("no-cors", "script"), ("no-cors", "style"), ("no-cors", "empty"),
        ("cors", "empty"), ("navigate", "iframe"), ("navigate", "frame"), ("navigate", "object"),
        ("navigate", "embed"), ("no-cors", "document"), ("websocket", "websocket"), ("", ""),
    )
} | {
    "a page that another site loads before it is wanted":
        fetch("cross-site", "navigate", "document", **{"Sec-Purpose": "prefetch;prerender"}),
    "the same, as older browsers say it":
        fetch("cross-site", "navigate", "document", Purpose="prefetch"),
    "a page that an old browser loads before it is wanted": {"Purpose": "prefetch"},
    "the same in another browser": {"X-Moz": "prefetch"},
    "a picture of a page for a list of favourites": {"X-Purpose": "preview"},
    "an old browser on another site": {"Origin": "https://example.org"},
    "an old browser on another port": {"Origin": "http://127.0.0.1:3000"},
    "a sandboxed frame": {"Origin": "null"},
}  # fmt: skip


def test_what_another_site_embeds_is_refused_and_links_are_followed():
    for what, headers in ALLOWED.items():
        assert not is_embedded_elsewhere("GET", headers, HERE), what
    for what, headers in REFUSED.items():
        assert is_embedded_elsewhere("GET", headers, HERE), what
    form = fetch("cross-site", "navigate", "document")
    assert is_embedded_elsewhere("POST", form, HERE), "a form on another site"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with room for one page, run without assertions."""
    folder = tmp_path_factory.mktemp("room")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLBERT_EXPLAIN_MOST_KERNELS", "1")
        cells = {"page": ["1 + 1"], "broken": ["raise ValueError('the reason')"]}
        with served(folder, "-O", **cells) as running:
            yield running


def test_a_question_for_the_head_is_answered_as_the_page_is_and_starts_no_kernel(server):
    wanted = {
        "": 200, "login": 302, "voila/render/page.ipynb": 200, "voila/render/x.ipynb": 404,
        "nothing": 404, "voila/static/voila.js": 200, "voila/tree": 302,
        "voila/files/pictures/a.svg": 200, "voila/render/broken.ipynb": 200,
        "api/kernels/a-b-c-d-e/channels": 405,
    }  # fmt: skip
    for path, status in wanted.items():
        for _ in range(2):  # there is room for one kernel
            answer = httpx.head(server.url + path, timeout=patience.seconds(60))
            assert (answer.status_code, answer.content) == (status, b""), path
    assert "voila/render/page.ipynb" in server.get("").text


def test_a_cell_that_fails_is_one_line_in_the_log_however_often_its_page_is_opened(server):
    before = server.log()
    end_of_kernel(server, server.open("broken"))
    end_of_kernel(server, server.open("broken"))
    (line,) = [line for line in server.log()[len(before) :] if line.strip()]
    wanted = "A cell of /voila/render/broken.ipynb failed: ValueError: the reason (Cell In[1]"
    assert wanted in line


def end_of_kernel(server: Server, page: httpx.Response) -> None:
    token = page.cookies["_xsrf"]
    kernel = kernel_of(page.text)
    server.post(f"voila/api/shutdown/{kernel}", page.cookies, _xsrf=token)


def test_no_page_of_another_site_starts_a_kernel_and_the_one_there_is_room_for_can_be_ended(server):
    for headers in REFUSED.values():
        answer = server.get("voila/render/page.ipynb", **headers)
        assert answer.status_code == 403, headers
    assert "A page on another site requested this page." in answer.text

    first = server.get("voila/render/page.ipynb", **fetch("cross-site", "navigate", "document"))
    kernel = kernel_of(first.text)
    extensions = {name for name in ("jupyter-server-proxy", "anywidget") if name in first.text}
    assert extensions == {"anywidget"}, "the other fails in a page, and says so on its console"
    full = server.open("page")
    assert full.status_code == 503
    assert "This server is full" in full.text
    assert full.headers["Retry-After"] == "60"
    assert server.get("").status_code == 200, "the list is still there"

    # As a closing page does: with the cookie that came with the page, even under `python -O`.
    token = first.cookies["_xsrf"]
    ended = server.post(f"voila/api/shutdown/{kernel}", first.cookies, _xsrf=token)
    assert ended.status_code == 204
    assert kernel_of(server.open("page").text) != kernel


def test_headers_keep_what_is_here_from_other_sites(server):
    strict = ("default-src 'none'", "frame-ancestors 'self'")
    paths = [
        "", "nothing", "voila/static/voila.js", "voila/static/nothing",
        "voila/files/pictures/a.svg",
        "voila/templates/colbert_explain/static/notebook.css", "voila/templates/x", "login",
        "voila/tree", "api/kernels/a-b-c-d-e", "api/kernels/a-b-c-d-e/channels",
        "voila/labextensions/x", "voila/api/themes/x", "voila/render/page.ipynb",
    ]  # fmt: skip
    for path in paths:
        answer = server.get(path, **{"X-Forwarded-Proto": "https"})  # which nobody vouches for
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] == "same-origin", path
        policy = answer.headers["Content-Security-Policy"]
        assert all(part in policy.split("; ") for part in strict), f"{path}: {policy}"
        for cookie in answer.headers.get_list("Set-Cookie"):
            assert "SameSite=Lax" in cookie, f"{path}: {cookie}"
            assert "Secure" not in cookie, f"{path}: {cookie}"
            assert "HttpOnly" in cookie or cookie.startswith("_xsrf="), f"{path}: {cookie}"
    expected = ("the limit on running kernels", "A cell of /voila/render/broken.ipynb")
    assert all(any(part in line for part in expected) for line in server.log() if line), (
        server.log()
    )
