"""Names and addresses of computers."""

import ipaddress
import re
from functools import lru_cache

# What browsers send: a name or an address, and a port; no user before it, and nothing behind it.
_HOST = re.compile(
    r"(?:\[([0-9a-f:.]+)\]|([0-9a-z._-]+))(?::[0-9]{0,5})?", re.IGNORECASE | re.ASCII
)


@lru_cache(maxsize=1024)
def is_loopback_host(host: str) -> bool:
    """Tell whether a host name or address means this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Tell whether a host is an address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def neighbourhood(address: str) -> str:
    """Return what an address is counted as: itself, or in IPv6 the network of 2^64 that one machine has to itself."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


@lru_cache(maxsize=1024)
def host_name(host: str) -> str:
    """Return the name in a `Host` header, without its port; nothing if it is malformed."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]).lower() if found is not None else ""
