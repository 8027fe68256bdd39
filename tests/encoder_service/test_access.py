import socket
import stat

import pytest

from colbert_explain.encoder_service.access import (
    LONGEST_PATH,
    TOKEN_VARIABLE,
    address_of,
    decide_access,
    listen,
)

TOKEN = "a-token.of_tests~1234567890"


def test_this_computer_alone_needs_no_token():
    for host in (None, "localhost", "127.0.0.1", "::1"):
        access = decide_access(host, None, None, environment={})
        assert access.token is None, host
        assert access.is_guarded_by_name


def test_beyond_this_computer_a_token_is_made_or_taken_out_of_the_environment():
    made = decide_access("0.0.0.0", None, None, environment={})
    assert made.token_is_ours
    assert len(made.token) >= 32
    environment = {TOKEN_VARIABLE: TOKEN}
    given = decide_access("0.0.0.0", None, None, environment=environment)
    assert (given.token, given.token_is_ours, environment) == (TOKEN, False, {})
    assert TOKEN not in repr(given)


def test_a_short_token_is_refused_without_repeating_it():
    for token in ("short", "sixteen letters and a space"):
        with pytest.raises(ValueError, match=r"^COLBERT_EXPLAIN_ENCODER_TOKEN must") as refused:
            decide_access(None, None, None, environment={TOKEN_VARIABLE: token})
        assert token not in str(refused.value)


def test_a_socket_lies_in_a_folder_of_this_user_alone(tmp_path):
    with pytest.raises(ValueError, match="socket must be given without host and port"):
        decide_access(None, 80, tmp_path / "socket", environment={})
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(ValueError, match=r"that only you can open \(mode 700\), got .*mode 755"):
        decide_access(None, None, tmp_path / "open" / "socket", environment={})
    with pytest.raises(ValueError, match=f"a path of at most {LONGEST_PATH} bytes"):
        decide_access(None, None, tmp_path / ("x" * 100), environment={})


def test_a_killed_services_socket_is_replaced_and_a_running_ones_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "s" / "socket"
    access = decide_access(None, None, place, environment={})
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    first = listen(access)
    with pytest.raises(OSError, match="must be free, but another program is listening there"):
        listen(access)
    first.close()  # the file stays, as after a kill
    assert place.is_socket()
    second = listen(access)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    second.close()
    place.unlink()
    place.write_text("mine")
    with pytest.raises(ValueError, match="which is another kind of file"):
        decide_access(None, None, place, environment={})


def test_addresses_are_what_load_encoder_takes(tmp_path):
    for host, port, begins in (
        ("127.0.0.1", 0, "http://127.0.0.1:"),
        ("0.0.0.0", 0, f"http://{socket.gethostname()}:"),
        ("localhost", 0, "http://localhost:"),
    ):
        access = decide_access(host, port, None, environment={})
        listening = listen(access)
        assert address_of(access, listening).startswith(begins)
        listening.close()


def test_a_port_or_host_that_cannot_be_used_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1 must be free"):
            listen(decide_access(None, port, None, environment={}))
    with pytest.raises(OSError, match="host must be a name or address of this computer"):
        listen(decide_access("no.such.host.invalid", 0, None, environment={}))
