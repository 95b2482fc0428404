"""What a request says of who it comes from: when it is this computer's owner, and which credentials count."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from pizarra.access.credentials import Caller, cookie_name, identify
from pizarra.errors import Forbidden

HOST = "127.0.0.1:8000"
OWN = ("https://pizarra.example",)


def request(
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (), **scope: Any
) -> HTTPConnection:
    """Return a request from this computer, with more headers, or with something else in its scope."""
    more = headers.items() if isinstance(headers, Mapping) else headers
    host = [] if any(name == "host" for name, _ in more) else [("host", HOST)]
    return HTTPConnection(
        {
            "type": "http",
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 50_000),
            "headers": [(name.encode(), value.encode()) for name, value in (*host, *more)],
            **scope,
        }
    )


def caller(
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    *,
    trusts_local: bool = True,
    query_token: str | None = None,
    **scope: Any,
) -> Caller:
    return identify(
        request(headers, **scope), OWN, trusts_local=trusts_local, query_token=query_token
    )


def test_a_bare_request_of_this_computer_is_its_owners() -> None:
    bare = caller()
    assert bare == Caller(is_owner=True, address="127.0.0.1")
    assert (bare.label, bare.own_origin) == ("owner", True)
    bare.require_own_origin()
    assert caller() is bare, "the same for each, since most requests of a program are so"


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost"},
        {"host": "localhost:8000"},
        {"host": "[::1]:8000"},
        {"host": "127.8.9.1"},
        {"origin": f"http://{HOST}"},
        {"origin": OWN[0]},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin"},
        {"cookie": "theme=dark; other=pizarra_x"},
        {"cookie": "pizarra-sign-in=from-elsewhere"},
        {"user-agent": "curl/8", "accept": "*/*"},
    ],
)
def test_it_may_say_what_speaks_against_nothing(headers: dict[str, str]) -> None:
    assert caller(headers).is_owner


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "localhost.evil.example"},
        {"host": "testserver"},  # the name that Starlette's own client has, which no peer has
        {"host": ""},
        *(
            {"host": f"{name}{more}"}
            for name in ("localhost", "localhost:8000", "[::1]:8000", "127.0.0.1")
            for more in (
                " evil",
                "\tevil",
                "/evil",
                "?evil",
                "#evil",
                "\\evil",
                ":evil",
                ",evil",
                "\xa0",
            )
        ),
        *({"host": f"{before}localhost"} for before in ("evil@", " ", "\t", "//", "[")),
        {"host": "[::1"},
        {"host": "[localhost]"},
        [("host", HOST), ("host", "evil.example")],
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-host": HOST},
        {"x-forwarded-proto": "http"},
        {"forwarded": "for=127.0.0.1"},
        {"x-real-ip": "127.0.0.1"},
        {"via": "1.1 proxy"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": f"ftp://{HOST}"},
        {"origin": "null"},
        {"origin": HOST},
        {"sec-fetch-site": "cross-site"},
        {"authorization": "Bearer nonsense"},
        {"authorization": "bearer"},
        {"authorization": "Basic b3duZXI6"},
        {"cookie": "pizarra_x=nonsense"},
    ],
)
def test_whatever_speaks_against_it_makes_a_stranger(
    headers: dict[str, str] | list[tuple[str, str]],
) -> None:
    stranger = caller(headers)
    assert not stranger.is_owner
    assert stranger.label == "stranger"


@pytest.mark.parametrize(
    "scope",
    [
        {"client": ("192.0.2.7", 50_000)},
        {"client": ("fe80::1", 50_000)},
        {"client": None},
        {"http_version": "1.0"},  # a proxy that nobody configured
    ],
)
def test_who_is_not_at_this_computer_is_a_stranger(scope: dict[str, Any]) -> None:
    assert not caller(**scope).is_owner


def test_where_nobody_is_trusted_nobody_is_the_owner() -> None:
    assert caller(trusts_local=False) == Caller(is_owner=False, address="127.0.0.1")
    assert not caller({"origin": f"http://{HOST}"}, trusts_local=False).is_owner


def test_starlettes_own_client_is_at_this_computer() -> None:
    here: dict[str, Any] = {"client": ("testclient", 50_000)}
    assert caller({"host": "testserver"}, **here).is_owner
    assert not caller({"host": "testserver", "x-real-ip": "127.0.0.1"}, **here).is_owner


def test_what_is_presented_for_a_request_comes_before_cookies() -> None:
    headers = {"authorization": "Bearer  spaced ", "cookie": "pizarra_r1=one; pizarra_r2=two"}
    found = caller(headers)
    assert (found.bearer, found.credentials, found.cookies) == (
        "spaced",
        ("spaced",),
        ("one", "two"),
    )
    both = caller({"authorization": "Bearer mine"}, query_token="in the address")
    assert (both.bearer, both.credentials) == ("mine", ("mine", "in the address"))
    assert caller(query_token="alone").bearer == "alone"
    assert not caller(query_token="").is_owner, "an empty one is one that opens nothing"


def test_a_proxys_scheme_is_no_bearer_and_is_no_owner() -> None:
    found = caller({"authorization": "Basic b3duZXI6"})
    assert (found.is_owner, found.other_scheme, found.credentials) == (False, True, ())
    # It may stand beside ours.
    two = [("authorization", "Basic b3duZXI6"), ("authorization", "BEARER ours")]
    assert caller(two).credentials == ("ours",)
    # From elsewhere nobody was taken for the owner: there is nothing to explain.
    assert not caller({"authorization": "Basic b3duZXI6"}, client=("192.0.2.7", 1)).other_scheme


@pytest.mark.parametrize(
    "foreign", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
def test_another_sites_page_acts_not_by_its_visitors_cookies(foreign: dict[str, str]) -> None:
    cookies = {"cookie": "pizarra_room=mine; pizarra-sign-in=me"}
    assert caller(cookies).cookies == ("mine",)
    assert caller(cookies).sign_in == "me"
    lured = caller({**cookies, **foreign})
    assert (lured.cookies, lured.sign_in, lured.own_origin) == ((), None, False)
    with pytest.raises(Forbidden):
        lured.require_own_origin()
    # What the page itself presents is its own.
    assert caller({**foreign, "authorization": "Bearer t"}).credentials == ("t",)


def test_over_tls_only_the_cookie_counts_that_no_neighbour_can_plant() -> None:
    both = {"cookie": "pizarra-sign-in=planted; __Host-pizarra-sign-in=ours"}
    assert caller(both).sign_in == "planted"
    for scheme in ("https", "wss"):
        assert caller(both, scheme=scheme).sign_in == "ours"
        assert caller({"cookie": "pizarra-sign-in=planted"}, scheme=scheme).sign_in is None


def test_over_tls_a_page_without_is_another_sites() -> None:
    """Whoever is on the way can answer for our name where nothing is encrypted."""
    cookie = {"cookie": "__Host-pizarra-sign-in=me; pizarra-sign-in=me"}
    for scheme in ("https", "wss"):
        assert caller({**cookie, "origin": f"https://{HOST}"}, scheme=scheme).sign_in == "me"
        lured = caller({**cookie, "origin": f"http://{HOST}"}, scheme=scheme)
        assert (lured.sign_in, lured.own_origin) == (None, False)
    for scheme in ("http", "ws"):
        for origin in (f"http://{HOST}", f"https://{HOST}"):
            assert caller({**cookie, "origin": origin}, scheme=scheme).own_origin


def test_a_browser_with_a_thousand_cookies_has_fifty_looked_at() -> None:
    many = "; ".join(f"{cookie_name(str(number))}={number}" for number in range(1_000))
    assert caller({"cookie": many}).cookies == tuple(map(str, range(50)))
