"""Where web processes are: what a person names, and the addresses that a name has now."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from pizarra.kit.network import is_loopback_host

_PORTS = {"https": 443, "http": 80}
Address = tuple[str, int]


class BadServer(ValueError):
    """What somebody named is no server that may be dialled; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """A web server as a person names it."""

    host: str
    port: int
    is_secure: bool

    def url(self, path: str) -> str:
        """Return the address of a socket there."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.is_secure else 'ws'}://{host}:{self.port}{path}"

    def __str__(self) -> str:
        """Name it as it is typed."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "https" if self.is_secure else "http"
        port = "" if self.port == _PORTS[scheme] else f":{self.port}"
        return f"{scheme}://{host}{port}"


def server_of(text: str) -> Server:
    """Return the server that `text` names.

    Raises:
        BadServer: it is no address, or what is sent there could be read on the way.
    """
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise BadServer(
            f"{text} is no address of a server, such as https://pizarra.example.org."
        ) from None
    if parts.scheme not in _PORTS or not host or parts.path not in ("", "/"):
        raise BadServer(f"{text} is no address of a server, such as https://pizarra.example.org.")
    if parts.username is not None or parts.query or parts.fragment:
        raise BadServer("A server's address holds no name or secret: the token is in its file.")
    if parts.scheme == "http" and not is_loopback_host(host):
        raise BadServer(
            f"{text} is not encrypted: the token and every program could be read on the way. Name it with https, "
            "or run the worker on the server's own machine."
        )
    return Server(host, port or _PORTS[parts.scheme], parts.scheme == "https")


async def addresses_of(server: Server) -> list[Address]:
    """Return every address that a server's name has now; one that is not encrypted has this machine's alone.

    Raises:
        OSError: it has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    known = dict.fromkeys((str(place[0]), int(place[1])) for *_, place in found)
    if server.is_secure:
        return list(known)
    return [each for each in known if ipaddress.ip_address(each[0]).is_loopback]
