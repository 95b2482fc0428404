"""`auth=local`: who counts as the owner of this computer, and which credentials a request carries."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

COOKIE_PREFIX = "pizarra_"
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
    """Who a request may come from. The owner is trusted; credentials are still to be verified."""

    is_owner: bool
    credentials: tuple[str, ...]


def cookie_name(room_id: str) -> str:
    """Return the name of the cookie that opens a room; one each, so that two sessions do not push each other out."""
    return COOKIE_PREFIX + room_id


def identify(connection: HTTPConnection, own_origins: Sequence[str], *, query_token: str | None = None) -> Caller:
    """Tell who `connection` comes from.

    A request from loopback, with a loopback `Host`, no forwarding header and no foreign `Origin` is the owner's, unless
    it carries a credential: then it acts with that, so that the candidate's link opened on the same laptop is a
    candidate. Cookies do not count in a request from a foreign origin: another site must not act for its visitor.
    """
    credentials = []
    authorization = connection.headers.get("authorization")
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        credentials.append(token.strip() if scheme.lower() == "bearer" else "")
    if query_token is not None:
        credentials.append(query_token)
    own_origin = _has_own_origin(connection, own_origins)
    cookies = [value for name, value in connection.cookies.items() if name.startswith(COOKIE_PREFIX)]
    if own_origin:
        credentials += cookies
    is_owner = not credentials and not cookies and own_origin and _is_local(connection)
    return Caller(is_owner, tuple(credentials[:_MAX_CREDENTIALS]))


@lru_cache(maxsize=1024)
def is_loopback_host(host: str) -> bool:
    """Tell whether a host name or address means this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_local(connection: HTTPConnection) -> bool:
    client = connection.client
    if client is None or not is_loopback_host(client.host):
        return False
    if any(name in connection.headers for name in _FORWARDING_HEADERS):
        return False
    hosts = connection.headers.getlist("host")
    return len(hosts) == 1 and is_loopback_host(_host_name(hosts[0]))


def _has_own_origin(connection: HTTPConnection, own_origins: Sequence[str]) -> bool:
    """Tell whether the request comes from our own page, from an allowed origin, or from no page at all."""
    origin = connection.headers.get("origin")
    if origin is None:
        # Browsers mark what other sites embed even where they send no Origin.
        return connection.headers.get("sec-fetch-site", "none") in ("none", "same-origin", "same-site")
    if origin in own_origins:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc == connection.headers.get("host")


@lru_cache(maxsize=1024)
def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
