"""Who is at the identity provider, as the cookie says it: where they go on to, and how many windows it remembers."""

import pytest

from pizarra.accounts import departures
from pizarra.accounts.departures import Underway
from pizarra.accounts.oidc import Departure
from pizarra.kit.tokens import TokenSigner

SIGNER = TokenSigner(bytes(range(32)))
LONGEST = "/" + "a" * 199


@pytest.mark.parametrize("path", ["/", "/me", "/s/abc/replay", "/library?q=a%20b&x=//y", LONGEST])
def test_a_path_of_the_page_is_gone_on_to(path: str) -> None:
    assert departures.own_path(path) == path


@pytest.mark.parametrize(
    "address",
    [
        *("", "me", "https://evil.example", "//evil.example", "/\\evil.example", "/a\\b"),
        *("/\tx", "/a\nb", "/a b", "/á", "/a#refused=no_account", LONGEST + "a"),
        "/api/sign-in/oidc",  # it would go round and round
    ],
)
def test_nothing_else_is(address: str) -> None:
    assert departures.own_path(address) == "/"


def test_a_cookie_has_the_last_few_who_left_and_fits_a_browser() -> None:
    left = [
        Underway(Departure("", f"{number}" * 43, "n" * 43, "v" * 43), 1_800_000_000, LONGEST)
        for number in range(7)
    ]
    cookie = departures.write(SIGNER, left)
    assert len(cookie) < 4000
    assert departures.read(SIGNER, cookie, now=1_799_999_999.0) == left[2:]
    assert departures.read(SIGNER, cookie, now=1_800_000_000.0) == []


@pytest.mark.parametrize("cookie", [None, "", "x", "a.b.c.9999999999.L~.mac"])
def test_a_cookie_that_is_not_ours_has_nobody(cookie: str | None) -> None:
    assert departures.read(SIGNER, cookie, now=0.0) == []
