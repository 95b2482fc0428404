"""What a request says of who it comes from: local trust, credentials of sessions, sign-ins. All to be verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from starlette.requests import HTTPConnection

from pizarra.access.identity import Actor
from pizarra.answers.codes import Code
from pizarra.errors import Forbidden
from pizarra.kit.network import host_name, is_loopback_host, neighbourhood

COOKIE_PREFIX = "pizarra_"
SIGN_IN_COOKIE = "pizarra-sign-in"
# over TLS: no other host of the domain can plant it
SECURE_SIGN_IN_COOKIE = "__Host-pizarra-sign-in"
_FORWARDING = frozenset(
    (
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"via",
    )
)
_MAX_CREDENTIALS = 50
# A request with none of these says nothing of who it comes from, as those of a program on this computer.
_TELLING = _FORWARDING | {b"authorization", b"cookie", b"origin", b"sec-fetch-site"}
# What Starlette's TestClient calls itself and us. No socket's peer has such a name: it is always an address, and what a
# proxy makes of it comes with a header that speaks against local trust.
_TEST_CLIENT, _TEST_SERVER = "testclient", "testserver"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request may come from.

    The owner is trusted, and so is `account`, once it was looked up. `credentials` were presented for this request,
    `cookies` come along with every one of this browser; both are still to be verified.
    """

    is_owner: bool
    credentials: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    bearer: str | None = None
    sign_in: str | None = None
    address: str = ""
    account: Actor | None = None
    own_origin: bool = True
    other_scheme: bool = False  # the owner's, but for an `Authorization` that is not ours

    @property
    def neighbourhood(self) -> str:
        """What their address is counted as."""
        return neighbourhood(self.address)

    def require_own_origin(self) -> None:
        """Refuse what another site has a browser do: to sign it in, or to let it join, would be an attack too.

        Raises:
            Forbidden: the request comes from another site's page.
        """
        if not self.own_origin:
            raise Forbidden("This request came from another site's page.", code=Code.FOREIGN_ORIGIN)

    @property
    def label(self) -> str:
        """What the audit calls them."""
        if self.account is not None:
            return self.account.name
        return "owner" if self.is_owner else "stranger"


def cookie_name(room_id: str) -> str:
    """Return the name of the cookie that opens a room; one each, so that two sessions do not push each other out."""
    return COOKIE_PREFIX + room_id


def identify(
    connection: HTTPConnection,
    own_origins: Sequence[str],
    *,
    trusts_local: bool = True,
    query_token: str | None = None,
) -> Caller:
    """Tell who `connection` comes from.

    A request from loopback, with a loopback `Host`, no forwarding header and no foreign `Origin` is the owner's, unless
    it carries a credential: then it acts with that, so that the candidate's link opened on the same laptop is a
    candidate. Cookies do not count in a request from a foreign origin: another site must not act for its visitor.
    Without `trusts_local` nobody is the owner.
    """
    client = connection.scope.get("client")
    address = client[0] if client else ""
    if query_token is None and not any(name in _TELLING for name, _ in connection.scope["headers"]):
        return _bare(trusts_local and _is_local(connection), address)
    bearer = _bearer(connection)
    credentials = [] if bearer is None else [bearer]
    if query_token is not None:
        credentials.append(query_token)
    own_origin = _has_own_origin(connection, own_origins)
    cookies = [
        value for name, value in connection.cookies.items() if name.startswith(COOKIE_PREFIX)
    ]
    # A request with a credential of any scheme is not the bare one of this computer's owner: a proxy may be between.
    is_bare = not credentials and not cookies
    trusted = trusts_local and is_bare and own_origin and _is_local(connection)
    other_scheme = trusted and "authorization" in connection.headers
    # Over TLS only what no other host of the domain can plant.
    secure = connection.scope["scheme"] in ("https", "wss")
    sign_in = connection.cookies.get(SECURE_SIGN_IN_COOKIE if secure else SIGN_IN_COOKIE)
    return Caller(
        is_owner=trusted and not other_scheme,
        credentials=tuple(credentials),
        cookies=tuple(cookies[:_MAX_CREDENTIALS]) if own_origin else (),
        bearer=bearer if bearer is not None else query_token,
        sign_in=sign_in if own_origin else None,
        address=address,
        own_origin=own_origin,
        other_scheme=other_scheme,
    )


@lru_cache(maxsize=1024)
def _bare(is_owner: bool, address: str) -> Caller:
    """Return who sends a request that says nothing of it: the same each time."""
    return Caller(is_owner=is_owner, address=address)


def _bearer(connection: HTTPConnection) -> str | None:
    """Return the bearer token, however empty. Other schemes are a proxy's in front of us: browsers send them along."""
    for authorization in connection.headers.getlist("authorization"):
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return token.strip()
    return None


def _is_local(connection: HTTPConnection) -> bool:
    client = connection.scope.get("client")
    if not client or not (is_loopback_host(client[0]) or client[0] == _TEST_CLIENT):
        return False
    if connection.scope.get("http_version") == "1.0":
        return False  # browsers and curl speak 1.1; a proxy that nobody configured does not
    headers = connection.scope["headers"]
    if any(name in _FORWARDING for name, _ in headers):
        return False
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1:
        return False
    name = host_name(hosts[0].decode("latin-1"))
    return is_loopback_host(name) or (name == _TEST_SERVER and client[0] == _TEST_CLIENT)


def _has_own_origin(connection: HTTPConnection, own_origins: Sequence[str]) -> bool:
    """Tell whether the request comes from our own page, from an allowed origin, or from no page at all."""
    origin = connection.headers.get("origin")
    if origin is None:
        # Browsers mark what other sites embed even where they send no Origin.
        return connection.headers.get("sec-fetch-site", "none") in (
            "none",
            "same-origin",
            "same-site",
        )
    if origin in own_origins:
        return True
    scheme, _, place = origin.partition("://")
    # Where TLS ends at a proxy that does not say so, ours is of https. Where we know of it, whoever is on the way can
    # make one of http.
    is_secure = connection.scope["scheme"] in ("https", "wss")
    own = ("https",) if is_secure else ("http", "https")
    return scheme in own and place == connection.headers.get("host")
