"""What a request says of who it comes from: local trust, credentials of sessions, sign-ins. All to be verified."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from pizarra.accounts.identity import Actor
from pizarra.errors import Forbidden
from pizarra.kit.network import host_name, is_loopback_host

COOKIE_PREFIX = "pizarra_"
SIGN_IN_COOKIE = "pizarra-sign-in"
SECURE_SIGN_IN_COOKIE = "__Host-pizarra-sign-in"  # over TLS: no other host of the domain can plant it
_FORWARDING_HEADERS = (
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "via",
)
_MAX_CREDENTIALS = 50


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

    def require_own_origin(self) -> None:
        """Refuse what another site has a browser do: to sign it in, or to let it join, would be an attack too.

        Raises:
            Forbidden: the request comes from another site's page.
        """
        if not self.own_origin:
            raise Forbidden("This request came from another site's page.")

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
    credentials = []
    authorization = connection.headers.get("authorization")
    bearer = None
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        credentials.append(bearer)
    if query_token is not None:
        credentials.append(query_token)
    own_origin = _has_own_origin(connection, own_origins)
    cookies = [value for name, value in connection.cookies.items() if name.startswith(COOKIE_PREFIX)]
    is_owner = trusts_local and not credentials and not cookies and own_origin and _is_local(connection)
    # Over TLS only what no other host of the domain can plant.
    secure = connection.scope["scheme"] in ("https", "wss")
    sign_in = connection.cookies.get(SECURE_SIGN_IN_COOKIE if secure else SIGN_IN_COOKIE)
    return Caller(
        is_owner=is_owner,
        credentials=tuple(credentials),
        cookies=tuple(cookies[:_MAX_CREDENTIALS]) if own_origin else (),
        bearer=bearer if bearer is not None else query_token,
        sign_in=sign_in if own_origin else None,
        address=connection.client.host if connection.client else "",
        own_origin=own_origin,
    )


def _is_local(connection: HTTPConnection) -> bool:
    client = connection.client
    if client is None or not is_loopback_host(client.host):
        return False
    if any(name in connection.headers for name in _FORWARDING_HEADERS):
        return False
    if connection.scope.get("http_version") == "1.0":
        return False  # browsers and curl speak 1.1; a proxy that nobody configured does not
    hosts = connection.headers.getlist("host")
    return len(hosts) == 1 and is_loopback_host(host_name(hosts[0]))


def _has_own_origin(connection: HTTPConnection, own_origins: Sequence[str]) -> bool:
    """Tell whether the request comes from our own page, from an allowed origin, or from no page at all."""
    origin = connection.headers.get("origin")
    if origin is None:
        # Browsers mark what other sites embed even where they send no Origin.
        return connection.headers.get("sec-fetch-site", "none") in ("none", "same-origin", "same-site")
    if origin in own_origins:
        return True
    scheme, _, place = origin.partition("://")
    return scheme in ("http", "https") and place == connection.headers.get("host")
