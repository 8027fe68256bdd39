import gzip

import httpx

from colbert_explain.plotly_script.script import compressed_script, plotly_version, script_address
from tests.served_page import UNUSED, served

TOKEN = "0123456789-abcdef"


def test_the_script_is_kept_for_a_year_and_compressed_for_whoever_can_read_that(tmp_path):
    with served(tmp_path) as server:
        answer = server.get(script_address())
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) == len(compressed_script())
        assert answer.content == gzip.decompress(compressed_script())
        plain = server.get(script_address(), **{"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.content == answer.content
        other = script_address().replace(plotly_version(), "1.0.0")
        assert server.get(other).status_code == 404


def test_a_visitor_needs_the_token_for_it_too(tmp_path):
    with served(tmp_path, environment={**UNUSED, "COLBERT_EXPLAIN_TOKEN": TOKEN}) as server:
        refused = server.get(script_address())
        assert refused.status_code == 302
        assert "/login" in refused.headers["Location"]
        given = httpx.get(
            server.url + script_address(), headers={"Authorization": f"token {TOKEN}"}, timeout=90
        )
        assert given.status_code == 200
