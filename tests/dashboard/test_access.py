import pytest

from colbert_explain.dashboard.access import TOKEN_VARIABLE, Access, decide_access

TOKEN = "0123456789-abcdef"


def decide(host=None, base_url="/", token="", ask_token=True):
    environment = {TOKEN_VARIABLE: token} if token else {}
    return decide_access(host, base_url, ask_token=ask_token, environment=environment)


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_this_computer_nobody_is_asked_and_no_other_name_is_answered(host):
    access = decide(host)
    assert access.token is None
    assert not access.any_host_name


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "lab.example.org"])
def test_beyond_this_computer_a_token_is_made_and_told(host):
    access, again = decide(host), decide(host)
    assert access.token_is_ours
    assert len(access.token) >= 32
    assert access.token != again.token
    assert access.address(1).endswith(f":1/?token={access.token}")


@pytest.mark.parametrize("host", [None, "0.0.0.0"])
def test_the_operators_token_is_asked_for_everywhere_and_never_printed(host):
    access = decide(host, token=TOKEN)
    assert access.token == TOKEN
    assert access.any_host_name
    assert TOKEN not in access.address(1)


def test_the_token_does_not_reach_the_kernels():
    environment = {TOKEN_VARIABLE: TOKEN, "PATH": "/bin"}
    decide_access(None, "/", ask_token=True, environment=environment)
    assert environment == {"PATH": "/bin"}


def test_the_token_is_not_in_a_traceback():
    assert TOKEN not in repr(decide(token=TOKEN))


def test_the_token_can_be_waived():
    access = decide("0.0.0.0", ask_token=False)
    assert access.token is None
    assert access.any_host_name


def test_a_token_that_is_both_set_and_waived_is_refused():
    with pytest.raises(
        ValueError, match=f"{TOKEN_VARIABLE} must not be set when no token is required"
    ):
        decide(token=TOKEN, ask_token=False)


@pytest.mark.parametrize(
    ("token", "rule"),
    [
        ("short", "must have at least 16 characters, got 5"),
        ("sixteen letters!", "must hold only letters, digits and"),
        ("ä" * 16, "must hold only letters, digits and"),
        (f"{TOKEN}\n", "must hold only letters, digits and"),
    ],
)
def test_a_weak_or_unusable_token_is_refused_and_not_repeated(token, rule):
    with pytest.raises(ValueError, match=f"{TOKEN_VARIABLE} {rule}") as error:
        decide(token=token)
    assert token not in str(error.value)


@pytest.mark.parametrize(
    ("given", "shown"), [("/", "/"), ("/a", "/a/"), ("/a/b/", "/a/b/"), ("/u/x@y/", "/u/x@y/")]
)
def test_a_base_url_ends_with_a_slash(given, shown):
    access = decide(base_url=given)
    assert access.base_url == shown
    assert access.address(80, "voila/render/a.ipynb") == (
        f"http://127.0.0.1:80{shown}voila/render/a.ipynb"
    )


@pytest.mark.parametrize("base_url", ["a", "//evil.example", "/a b", "/a/../b", "/<b>", "/a?b"])
def test_what_is_no_path_is_refused(base_url):
    with pytest.raises(ValueError, match=r"base_url must be a path such as /colbert/, got"):
        decide(base_url=base_url)


@pytest.mark.parametrize(
    ("host", "shown"), [("::1", "[::1]"), ("192.0.2.7", "192.0.2.7"), ("lab.test", "lab.test")]
)
def test_an_address_is_shown_as_a_browser_takes_it(host, shown):
    assert Access(host=host).address(5) == f"http://{shown}:5/"


def test_all_interfaces_are_shown_as_the_computers_name(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "lab7")
    assert Access(host="0.0.0.0").address(5) == "http://lab7:5/"
