"""Absolute addresses, as people outside this process type them."""

from starlette.requests import HTTPConnection


def base_url(connection: HTTPConnection) -> str:
    """Return `scheme://host` without a slash at its end: the public one if there is one, else the request's own."""
    public: str | None = connection.app.state.services.settings.public_url
    if public is not None:
        return public
    scheme = "https" if connection.scope["scheme"] in ("https", "wss") else "http"
    for name, value in connection.scope[
        "headers"
    ]:  # to make them a mapping costs as much as a query
        if name == b"host":
            return f"{scheme}://{value.decode('latin-1')}"
    return f"{scheme}://localhost"


def invitation_url(connection: HTTPConnection, token: str) -> str:
    """Return the link of an invitation."""
    return f"{base_url(connection)}/j/{token}"


def replay_url(connection: HTTPConnection, token: str) -> str:
    """Return the address of a link that opens a replay."""
    return f"{base_url(connection)}/r/{token}"


def welcome_url(connection: HTTPConnection, secret: str) -> str:
    """Return a one-time link. Its secret follows `#`, which browsers send to nobody."""
    return f"{base_url(connection)}/welcome#{secret}"


def socket_url(connection: HTTPConnection, room_id: str) -> str:
    """Return the WebSocket address of a room."""
    return "ws" + base_url(connection).removeprefix("http") + f"/ws/{room_id}"
