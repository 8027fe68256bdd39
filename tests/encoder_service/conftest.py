"""Services of the tests in this folder."""

from __future__ import annotations

from contextlib import ExitStack, closing

import pytest

from tests.encoder_service.programs import Program


@pytest.fixture(scope="module")
def shared():
    """A service with toys that no test stops or fills."""
    with closing(Program()) as program:
        yield program


@pytest.fixture
def start():
    """Start services that end with the test."""
    with ExitStack() as stack:
        yield lambda *given, **arguments: stack.enter_context(closing(Program(*given, **arguments)))
