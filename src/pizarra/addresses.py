"""Absolute addresses, as people outside this process type them."""

from starlette.requests import HTTPConnection

from pizarra.config import Settings


def base_url(connection: HTTPConnection, settings: Settings) -> str:
    """Return `scheme://host` without a slash at its end."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = "https" if connection.scope["scheme"] in ("https", "wss") else "http"
    return f"{scheme}://{connection.headers.get('host', 'localhost')}"


def invitation_url(connection: HTTPConnection, settings: Settings, token: str) -> str:
    """Return the link of an invitation."""
    return f"{base_url(connection, settings)}/j/{token}"


def socket_url(connection: HTTPConnection, settings: Settings, room_id: str) -> str:
    """Return the WebSocket address of a room."""
    return "ws" + base_url(connection, settings).removeprefix("http") + f"/ws/{room_id}"
