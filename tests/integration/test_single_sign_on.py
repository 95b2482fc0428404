"""OpenID Connect against a real provider: who comes in, who does not, and what cannot be replayed."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.harness.actors import add_team, browser, first_admin
from tests.harness.identity import server_with_provider, sign_in_there
from tests.harness.ports import free_port
from tests.harness.server import ServerProcess

START = "/api/sign-in/oidc"


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with an identity provider."""
    with server_with_provider(tmp_path_factory.mktemp("oidc"), runner_socket) as (process, _):
        yield process


@pytest.fixture(scope="module")
def admin(server: ServerProcess) -> Iterator[httpx2.Client]:
    """The first account."""
    with contextlib.closing(first_admin(server)) as client:
        yield client


def test_the_page_is_told_what_the_provider_is_called(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    assert admin.get("/api/me").json()["single_sign_on"] == "Example Login"


def test_somebody_new_comes_into_the_named_team(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    with browser(server) as client:
        ended = sign_in_there(client, f"{server.url}{START}", "greta")
        assert ended.url.path == "/", ended.text
        me = client.get("/api/me").json()["account"]
        assert (me["name"], me["team"], me["role"]) == (
            "greta@example.org",
            "Guests",
            "interviewer",
        )
        assert client.post("/api/sessions").status_code == 201
    with browser(server) as again:
        sign_in_there(again, f"{server.url}{START}", "greta")
        assert again.get("/api/me").json()["account"]["account_id"] == me["account_id"]


def test_a_verified_address_finds_its_account(server: ServerProcess, admin: httpx2.Client) -> None:
    team = add_team(admin, "Core")
    made = admin.post("/api/accounts", json={"name": "hugo@example.org", "team_id": team}).json()[
        "account"
    ]
    with browser(server) as client:
        sign_in_there(client, f"{server.url}{START}", "hugo")
        me = client.get("/api/me").json()["account"]
        assert (me["account_id"], me["team"]) == (made["account_id"], "Core")
        admin.patch(f"/api/accounts/{made['account_id']}", json={"disabled": True})
        assert client.get("/api/sessions").status_code == 401
        refused = sign_in_there(client, f"{server.url}{START}", "hugo")
        assert refused.status_code == 401


def test_an_unverified_address_is_nobodys(server: ServerProcess, admin: httpx2.Client) -> None:
    admin.post("/api/accounts", json={"name": "unverified@example.org"})
    with browser(server) as client:
        refused = sign_in_there(client, f"{server.url}{START}", "unverified")
        assert refused.status_code == 401
        assert "Ask an administrator" in refused.json()["detail"]


def test_what_came_back_cannot_be_used_elsewhere_or_again(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    with browser(server) as client, browser(server) as thief:
        left = client.get(START)
        assert left.status_code == 303
        query = parse_qs(urlsplit(left.headers["location"]).query)
        assert query["code_challenge_method"] == ["S256"]
        assert {"state", "nonce", "code_challenge"} <= set(query)
        callback = f"{START}/callback"
        state = query["state"][0]
        for refused in (
            # somebody else's browser: login CSRF
            thief.get(callback, params={"code": "x", "state": state}),
            client.get(callback, params={"code": "x", "state": "other"}),
            client.get(callback, params={"error": "access_denied", "state": state}),
            client.get(callback, params={"code": "forged", "state": state}),
        ):
            assert refused.status_code == 401, refused.text
        cookie = client.cookies["pizarra-oidc"]
        thief.cookies.set(
            "pizarra-oidc", cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), path=START
        )
        assert thief.get(callback, params={"code": "x", "state": state}).status_code == 401


def test_a_person_is_led_back_to_a_path_of_ours_alone(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    with browser(server) as client:
        client.headers["accept"] = "text/html,*/*;q=0.8"
        for asked, reached in (("/library?q=a%20b", "/library?q=a%20b"), ("//evil.example", "/")):
            left = client.get(START, params={"return_to": asked})
            state = parse_qs(urlsplit(left.headers["location"]).query)["state"][0]
            back = client.get(f"{START}/callback", params={"error": "denied", "state": state})
            assert back.status_code == 303
            assert back.headers["location"] == f"{reached}#refused=sign_in_called_off"


def test_a_provider_that_is_away_is_said(tmp_path: Path, runner_socket: Path) -> None:
    process = ServerProcess(
        tmp_path,
        runner_socket=runner_socket,
        auth="accounts",
        oidc_issuer=f"http://127.0.0.1:{free_port()}",
        oidc_client_id="pizarra",
    )
    process.start()
    try:
        answer = httpx2.get(f"{process.url}{START}")
        assert answer.status_code == 503
        assert "use a password" in answer.json()["detail"]
    finally:
        process.stop()
