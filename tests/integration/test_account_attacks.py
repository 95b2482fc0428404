"""What somebody might try with an account's cookie, token or name that is not meant for it."""

import contextlib

import httpx2
import pytest
import websockets
from tests.harness.account_server import admin, server, stranger
from tests.harness.actors import PASSWORD
from tests.harness.server import ServerProcess

_COOKIE = "pizarra-sign-in"

__all__ = ["admin", "server", "stranger"]  # fixtures


def test_another_site_cannot_act_for_its_visitor(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    """CSRF: the cookie comes along, the origin is somebody else's."""
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://localhost:{server.port}"},
        {"origin": "http://localhost:5173"},  # trusted by default on one's own computer only
        {"sec-fetch-site": "cross-site"},
    ):
        assert admin.post("/api/sessions", headers=headers).status_code == 401, headers
        assert (
            admin.post("/api/accounts", json={"name": "evil"}, headers=headers).status_code == 401
        ), headers
        # Signing a visitor in to the attacker's account is an attack too.
        mine = {"name": "root", "password": PASSWORD}
        assert admin.post("/api/sign-in", json=mine, headers=headers).status_code == 403, headers
        assert admin.post("/api/sign-out", headers=headers).status_code == 403, headers
    assert admin.post("/api/sessions", headers={"origin": server.url}).status_code == 201


async def test_another_site_cannot_open_a_socket(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    session = admin.post("/api/sessions").json()
    headers = {"Cookie": f"{_COOKIE}={admin.cookies[_COOKIE]}", "Origin": "https://evil.example"}
    async with websockets.connect(
        f"{server.ws_url}/{session['room_id']}", additional_headers=headers
    ) as socket:
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4401


def test_a_role_in_the_address_is_nothing(
    server: ServerProcess, admin: httpx2.Client, stranger: httpx2.Client
) -> None:
    session = admin.post("/api/sessions").json()
    token = session["share_url"].rpartition("/")[2]
    joined = stranger.post(
        "/api/join?role=host&is_owner=true", json={"token": token, "name": "Eve"}
    ).json()
    assert joined["role"] == "candidate"
    path = f"/api/sessions/{session['session_id']}"
    assert stranger.post(f"{path}/end?role=host").status_code == 403
    assert stranger.get(f"{path}?your_role=host").json()["your_role"] == "candidate"
    extra = {"token": token, "name": "Eve", "role": "host"}
    assert stranger.post("/api/join", json=extra).status_code == 422


def test_secrets_are_not_interchangeable(
    server: ServerProcess, admin: httpx2.Client, stranger: httpx2.Client
) -> None:
    """A cookie's secret is no bearer token, an API token no cookie, an invitation neither."""
    token = admin.post("/api/me/tokens", json={"name": "x", "scope": "admin"}).json()["token"]
    invitation = admin.post("/api/sessions").json()["share_url"].rpartition("/")[2]
    for secret in (admin.cookies[_COOKIE], invitation, token + "x", token[:-1], "x"):
        assert stranger.get(
            "/api/sessions", headers={"authorization": f"Bearer {secret}"}
        ).status_code in (401, 403)
    for secret in (token, invitation):
        assert (
            stranger.get("/api/sessions", headers={"cookie": f"{_COOKIE}={secret}"}).status_code
            == 401
        )
    assert (
        stranger.get("/api/accounts", headers={"authorization": f"Bearer {token}"}).status_code
        == 200
    )


def test_nothing_that_opens_something_is_in_the_database(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    token = admin.post("/api/me/tokens", json={"name": "x", "scope": "read"}).json()["token"]
    link = (
        admin.post("/api/accounts", json={"name": "later"}).json()["link"]["url"].partition("#")[2]
    )
    share = admin.post("/api/sessions").json()["share_url"].rpartition(".")[2]
    stored = b"".join(path.read_bytes() for path in server.data_dir.glob("pizarra.db*"))
    for secret in (token, link, share, admin.cookies[_COOKIE], PASSWORD):
        assert secret.encode() not in stored
    assert b"$argon2id$" in stored


def test_oversized_cookies_and_headers_are_refused_or_ignored(
    server: ServerProcess, stranger: httpx2.Client
) -> None:
    for headers in (
        {"cookie": f"{_COOKIE}={'x' * 60_000}"},
        {"cookie": "; ".join(f"pizarra_{number}=x" for number in range(2000))},
        {"authorization": "Bearer " + "x" * 60_000},
    ):
        with contextlib.suppress(httpx2.HTTPError):
            assert stranger.get("/api/sessions", headers=headers).status_code in (
                400,
                401,
                403,
                431,
            )
    assert stranger.get("/health").status_code == 200


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a\r\nset-cookie: x=y", "../../../x", "%2e%2e/secret.key", "/etc/passwd"],
)
def test_file_names_lead_nowhere(admin: httpx2.Client, name: str) -> None:
    session = admin.post("/api/sessions").json()
    answer = admin.get(
        f"/api/sessions/{session['session_id']}/files/"
        + name.replace("\r", "%0d").replace("\n", "%0a")
    )
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers
