"""PostgreSQL's address as libpq writes it, for our driver: `postgresql://user@one,two/name?sslmode=verify-full&…`.

What the driver reads itself is handed to it, what it calls otherwise is translated, what changes nothing is left out.
The rest is refused by name: somebody who asks for a protection must not go without it unnoticed.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SESSIONS = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
_CHOICES = {"sslmode": _MODES, "target_session_attrs": _SESSIONS}
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_DRIVERS_OWN = frozenset(
    (
        *(
            "host",
            "port",
            "user",
            "password",
            "passfile",
            "dbname",
            "service",
            "krbsrvname",
            "gsslib",
        ),
        *(
            "sslmode",
            "sslnegotiation",
            "sslpassword",
            "ssl_min_protocol_version",
            "ssl_max_protocol_version",
        ),
        *("target_session_attrs", *_FILES),
        *(
            "application_name",
            "options",
        ),  # for the server: the driver passes on what is not its own
    )
)
_COUNTS = (
    "prepared_statement_cache_size",
    "statement_cache_size",
)  # of the driver: 0 behind some poolers
# What changes nothing with these values; with others the driver cannot do it.
_NO_CHANGE = {
    "channel_binding": ("disable", "prefer"),
    "gssencmode": ("disable", "prefer"),
    "gssdelegation": ("0",),
    "client_encoding": ("utf8", "utf-8", "auto"),
    "load_balance_hosts": ("disable",),
    "replication": ("false", "off", "no", "0"),
    "sslcompression": ("0",),
    "sslsni": ("1",),
    "keepalives": ("1",),
}
_MOST = 200  # characters of a value that a sentence repeats


class AddressError(ValueError):
    """The address asks for something that cannot be had; the message says what to write instead."""


def read_address(text: str) -> URL:
    """Return the parts of an address; several hosts stand in its query, as `host`.

    Raises:
        ArgumentError: it does not parse.
    """
    head, separator, rest = text.partition("://")
    end = min((rest.index(sign) for sign in "/?#" if sign in rest), default=len(rest))
    user, at, hosts = rest[:end].rpartition("@")
    if "," not in hosts:
        try:
            url = make_url(text)
        except ValueError as error:  # a port that is no number
            raise ArgumentError("the port is not a number") from error
        return url.set(host=unquote(url.host)) if url.host else url  # a socket's folder, as %2Frun
    url = make_url(f"{head}{separator}{user}{at}{rest[end:]}")
    return url.update_query_dict({"host": unquote(hosts)})


def describe(url: URL) -> str:
    """Return an address as people may see it: no password, no parameters."""
    hosts = url.query.get("host") or (
        f"{url.host or ''}:{url.port}" if url.port else url.host or ""
    )
    user = f"{url.username}@" if url.username else ""
    return f"postgresql://{user}{hosts if isinstance(hosts, str) else ','.join(hosts)}/{url.database or ''}"


def connect_arguments(url: URL) -> dict[str, Any]:
    """Return what `asyncpg.connect` takes to reach `url`.

    Raises:
        AddressError: a parameter has a value that it cannot have, or is one that the driver cannot do.
    """
    if "@" in (url.host or ""):
        raise AddressError(
            "The database URL has more than one @ before its host: write an @ in a name or password as %40."
        )
    query = {
        name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()
    }
    if "ssl" in query:  # the driver's own word, which some write
        mode = query.pop("ssl")
        query.setdefault("sslmode", {"true": "require", "false": "disable"}.get(mode.lower(), mode))
    if (fallback := query.pop("fallback_application_name", None)) is not None:
        query.setdefault("application_name", fallback)
    arguments: dict[str, Any] = {}
    if "connect_timeout" in query:
        arguments["timeout"] = _number("connect_timeout", query.pop("connect_timeout")) or None
    for name in _COUNTS:
        if name in query:
            arguments[name] = _number(name, query.pop(name))
    _refuse_unknown(query)
    if query.get("sslrootcert") == "system":
        arguments["ssl"] = _system_trust(query)
    for name in _FILES:
        if name in query and not Path(query[name]).is_file():
            raise AddressError(
                f"The database URL names {name}={query[name][:_MOST]}, and there is no such file."
            )
    kept = {name: value for name, value in query.items() if name in _DRIVERS_OWN}
    return {"dsn": _dsn(url, kept), **arguments}


def _refuse_unknown(query: Mapping[str, str]) -> None:
    for name, value in query.items():
        said = f"{name[:_MOST]}={'…' if 'password' in name else value[:_MOST]}"
        if (choices := _CHOICES.get(name)) is not None and value not in choices:
            raise AddressError(f"The database URL says {said}; write one of {', '.join(choices)}.")
        if name in _NO_CHANGE and value.lower() not in _NO_CHANGE[name]:
            raise AddressError(
                f"The database URL says {said}, which Pizarra's PostgreSQL driver cannot do. "
                f"Leave it out, or write {name}={_NO_CHANGE[name][0]}."
            )
        if name not in _NO_CHANGE and name not in _DRIVERS_OWN:
            raise AddressError(
                f"The database URL says {said}, which Pizarra's PostgreSQL driver does not know. Leave it out; "
                "a setting of the server goes into options=-c%20name%3Dvalue."
            )


def _system_trust(query: dict[str, str]) -> ssl.SSLContext:
    """Return a context that trusts what this machine trusts, as libpq's `sslrootcert=system` does."""
    del query["sslrootcert"]
    if query.pop("sslmode", "verify-full") != "verify-full":
        raise AddressError(
            "With sslrootcert=system the database URL says sslmode=verify-full, or no sslmode."
        )
    context = ssl.create_default_context()
    if "sslcert" in query:
        certificate, key = query.pop("sslcert"), query.pop("sslkey", None)
        try:
            context.load_cert_chain(certificate, key, query.pop("sslpassword", None))
        except OSError as error:
            raise AddressError(
                f"The database URL's sslcert and sslkey cannot be used: {error}."
            ) from error
    return context


def _number(name: str, value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise AddressError(f"The database URL says {name}={value[:_MOST]}; write a whole number.")
    return int(value)


def _dsn(url: URL, query: Mapping[str, str]) -> str:
    user = quote(url.username or "", safe="")
    password = f":{quote(str(url.password), safe='')}" if url.password else ""
    host = quote(url.host or "", safe=":")
    host = f"[{host}]" if ":" in host else host
    port = f":{url.port}" if url.port else ""
    at = "@" if user or password else ""
    name = f"/{quote(url.database, safe='')}" if url.database else ""
    parameters = f"?{urlencode(query)}" if query else ""
    return f"postgresql://{user}{password}{at}{host}{port}{name}{parameters}"
