"""The setting of the tests in a browser: none depends on another, and none is passed over."""

from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tests.browser.conftest import find_chromium
from tests.browser.shared import Shared


def test_without_a_browser_tests_fail_and_are_not_skipped(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    nowhere = SimpleNamespace(chromium=SimpleNamespace(executable_path=str(tmp_path / "none")))
    with pytest.raises(pytest.fail.Exception, match="browser tests need one of chromium, "):
        find_chromium(nowhere)


def test_what_is_shared_is_opened_once_and_anew_when_it_was_closed():
    shared, told = Shared(), []

    @contextmanager
    def opened(name):
        told.append(f"open {name}")
        yield object()
        told.append(f"close {name}")

    first = shared.get("a", lambda: opened("a"))
    shared.get("b", lambda: opened("b"))
    assert shared.get("a", lambda: opened("a")) is first
    shared.close()
    assert told == ["open a", "open b", "close b", "close a"]
    assert shared.get("a", lambda: opened("a")) is not first


def test_what_cannot_be_closed_after_a_failure_keeps_nothing_else_open():
    shared, closed = Shared(), []

    @contextmanager
    def opened(name, error=None):
        yield name
        closed.append(name)
        if error is not None:
            raise error

    shared.get("a", lambda: opened("a"))
    shared.get("b", lambda: opened("b", RuntimeError("the browser is gone")))
    shared.abandon()
    assert closed == ["b", "a"]
    assert shared.get("b", lambda: opened("another b")) == "another b"


def test_after_a_test_that_failed_the_next_finds_a_new_page(pytester):
    pytester.makeconftest("from tests.browser.conftest import *")
    pytester.makepyfile(
        """
        from contextlib import contextmanager
        import pytest

        pages = []

        @contextmanager
        def opened():
            pages.append(f"page {len(pages)}")
            yield pages[-1]

        @pytest.fixture
        def page(shared):
            return shared.get("page", opened)

        @pytest.fixture
        def complaining(page):
            yield page
            assert not page, "the page complained"

        def test_passes(page):
            assert page == "page 0"

        def test_fails(page):
            assert page == "page 1"

        def test_after_a_failure(page):
            assert page == "page 1"

        def test_of_the_same_page(page):
            assert page == "page 1"

        def test_whose_end_fails(complaining):
            assert complaining == "page 1"

        def test_after_an_error(page):
            assert page == "page 2"
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=5, failed=1, errors=1)
