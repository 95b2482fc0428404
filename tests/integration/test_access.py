"""Who may do what: the owner by local trust, everybody else by invitation; strangers learn nothing."""

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.harness.application import Application, application
from tests.harness.server import ServerProcess

from pizarra.access.credentials import cookie_name
from pizarra.config import Settings


@pytest.fixture
def database_url() -> None:
    """Access does not depend on the database; SQLite will do."""
    return


@pytest.fixture
async def session(client: httpx2.AsyncClient) -> dict[str, Any]:
    """A session of the owner."""
    return dict((await client.post("/api/sessions")).json())


async def join(
    running: Application, token: str, name: str = "Zoë", **options: Any
) -> httpx2.Response:
    async with running.client(**options) as stranger:
        return await stranger.post("/api/join", json={"token": token, "name": name})


def token_of(session: dict[str, Any]) -> str:
    return str(session["share_url"]).rpartition("/")[2]


@pytest.fixture
async def candidate(
    running: Application, session: dict[str, Any]
) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who joined as candidate, with a bearer token, from this computer."""
    joined = (await join(running, token_of(session))).json()
    async with running.client() as guest:
        guest.headers["authorization"] = f"Bearer {joined['access_token']}"
        yield guest


async def test_join_answers_the_contract(running: Application, session: dict[str, Any]) -> None:
    answer = await join(running, token_of(session))
    assert answer.status_code == 200
    joined = answer.json()
    assert {"participant_id", "role", "room_id", "ws_url", "access_token"} <= set(joined)
    assert joined["role"] == "candidate"
    assert joined["room_id"] == session["room_id"]
    assert joined["ws_url"] == f"ws://127.0.0.1:8000/ws/{session['room_id']}"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{cookie_name(session['room_id'])}={joined['access_token']};")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_share_url_is_the_same_each_time(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    again = await client.get(f"/api/sessions/{session['session_id']}")
    assert again.json()["share_url"] == session["share_url"]


async def test_invitation_preview_says_what_is_recorded(
    client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    preview = (await client.get(f"/api/invitations/{token_of(session)}")).json()
    assert preview["role"] == "candidate"
    assert any("every edit" in item for item in preview["recorded"])
    assert "session_id" not in preview


# Each row: what a candidate may and may not do in the session they joined. The owner may do all of it.
CANDIDATE = [
    ("GET", "", None, 200),
    ("GET", "/files", None, 200),
    ("GET", "/files/main.py", None, 200),
    ("GET", "/timeline", None, 200),
    ("POST", "/runs?wait=true", {}, 200),
    ("PATCH", "", {"title": "mine"}, 403),
    ("POST", "/end", None, 403),
    ("POST", "/reopen", None, 403),
    ("POST", "/invites", {"role": "interviewer"}, 403),
    ("DELETE", "", None, 403),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), CANDIDATE)
async def test_a_candidate_may_take_part_not_host(
    client: httpx2.AsyncClient,
    candidate: httpx2.AsyncClient,
    session: dict[str, Any],
    method: str,
    path: str,
    body: Any,
    status: int,
) -> None:
    address = f"/api/sessions/{session['session_id']}{path}"
    refused = await candidate.request(method, address, json=body)
    assert refused.status_code == status, refused.text
    if status == 403:
        if path == "/reopen":
            await client.post(f"/api/sessions/{session['session_id']}/end")
        allowed = await client.request(method, address, json=body)
        # the same request succeeds for the owner: the refusal is about the role
        assert allowed.is_success, allowed.text


@pytest.mark.parametrize("path", ["", "/files", "/files/main.py", "/timeline", "/runs"])
async def test_strangers_and_other_candidates_get_404(
    running: Application,
    client: httpx2.AsyncClient,
    candidate: httpx2.AsyncClient,
    session: dict[str, Any],
    path: str,
) -> None:
    other = (await client.post("/api/sessions")).json()
    method = "POST" if path == "/runs" else "GET"
    unknown = "f" * 32
    for visitor in (candidate, running.client(address="203.0.113.5")):
        target = other if visitor is candidate else session
        real = await visitor.request(method, f"/api/sessions/{target['session_id']}{path}")
        made_up = await visitor.request(method, f"/api/sessions/{unknown}{path}")
        assert real.status_code == made_up.status_code == 404
        assert real.text.replace(target["session_id"], unknown) == made_up.text


async def test_a_candidate_cannot_list_or_create_even_from_this_computer(
    candidate: httpx2.AsyncClient,
) -> None:
    assert (await candidate.get("/api/sessions")).status_code == 403
    assert (await candidate.post("/api/sessions")).status_code == 403


async def test_a_cookie_makes_a_candidate_too(
    running: Application, session: dict[str, Any]
) -> None:
    async with running.client() as browser:
        assert (await browser.get("/api/sessions")).status_code == 200
        await browser.post("/api/join", json={"token": token_of(session), "name": "Zoë"})
        assert (await browser.get("/api/sessions")).status_code == 403
        assert (await browser.get(f"/api/sessions/{session['session_id']}")).status_code == 200
        assert (await browser.post(f"/api/sessions/{session['session_id']}/end")).status_code == 403
        await browser.post("/api/leave")
        assert (await browser.get("/api/sessions")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x-forwarded-for": "127.0.0.1"},
        {"origin": "http://evil.example"},
        {"authorization": "Basic b3duZXI6"},
        {"cookie": "pizarra_x=nonsense"},
    ],
)
async def test_local_trust_is_exactly_this_computers_owner(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await client.post("/api/sessions")).status_code == 201
    for method in ("GET", "POST"):
        refused = await client.request(method, "/api/sessions", headers=headers)
        assert refused.status_code in (401, 403), headers
        if headers.get("authorization", "").startswith("Basic"):
            assert "Leave the header out." in refused.json()["detail"]


def test_local_trust_is_not_for_a_proxy_that_nobody_configured(
    sqlite_server: ServerProcess,
) -> None:
    """nginx as it comes: its own Host, no forwarding header, HTTP/1.0."""
    for version, status in ((b"1.1", b"200"), (b"1.0", b"401")):
        with socket.create_connection(("127.0.0.1", sqlite_server.port)) as connection:
            host = f"127.0.0.1:{sqlite_server.port}".encode()
            request = b"GET /api/sessions HTTP/%s\r\nHost: %s\r\nConnection: close\r\n\r\n" % (
                version,
                host,
            )
            connection.sendall(request)
            assert connection.recv(4096).split()[1] == status


async def test_local_trust_is_not_for_other_addresses(running: Application) -> None:
    async with running.client(address="192.0.2.7") as stranger:
        answer = await stranger.get("/api/sessions")
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8000", "http://localhost:5173"])
async def test_our_own_page_and_the_development_page_act_as_the_owner(
    client: httpx2.AsyncClient, origin: str
) -> None:
    assert (await client.get("/api/sessions", headers={"origin": origin})).status_code == 200


async def test_invites_for_each_role_but_host(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    address = f"/api/sessions/{session['session_id']}/invites"
    for role in ("interviewer", "candidate", "observer"):
        invite = (await client.post(address, json={"role": role})).json()
        assert set(invite) == {"url", "token", "role", "expires_at"}
        assert invite["url"].endswith(invite["token"])
        assert (await join(running, invite["token"])).json()["role"] == role
    assert (await client.post(address, json={"role": "host"})).status_code == 422
    assert (await client.post(address, json={"role": "admin"})).status_code == 422


async def test_an_observer_cannot_run(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    invite = (await client.post(f"{path}/invites", json={"role": "observer"})).json()
    joined = (await join(running, invite["token"])).json()
    headers = {"authorization": f"Bearer {joined['access_token']}"}
    assert (await client.get(path, headers=headers)).status_code == 200
    assert (await client.post(f"{path}/runs", headers=headers)).status_code == 403
    assert (await client.post(f"{path}/runs?wait=true")).status_code == 200


async def test_forged_and_altered_invitations_open_nothing(
    running: Application, session: dict[str, Any]
) -> None:
    token = token_of(session)
    session_id, _, *rest = token.split(".")
    for forged in (".".join((session_id, "i", *rest)), "", "é" * 10):
        answer = await join(running, forged)
        assert answer.status_code == 404, forged
    access = (await join(running, token)).json()["access_token"]
    assert (await join(running, access)).status_code == 404  # one kind of token is not another


@pytest.mark.parametrize(
    "name", ["", "   ", "\u0000", "x" * 81, "\u2060", "\u202e \u200d", "\U000e0041"]
)
async def test_join_needs_a_name(running: Application, session: dict[str, Any], name: str) -> None:
    answer = await join(running, token_of(session), name)
    assert answer.status_code == 422
    assert "name" in answer.json()["detail"]


async def test_a_name_has_no_marks_that_nobody_sees(
    running: Application, client: httpx2.AsyncClient, session: dict[str, Any]
) -> None:
    # Two people who look the same, or one who is read from the right, would be taken for somebody else.
    for name in ("\u202eZoë\u200b  R\u2060.\ufeff", "👩🏽\u200d💻 می\u200cخواهم"):
        assert (await join(running, token_of(session), name)).status_code == 200
    people = (await client.get(f"/api/sessions/{session['session_id']}/people")).json()
    assert [each["name"] for each in people][-2:] == ["Zoë R.", "👩🏽\u200d💻 می\u200cخواهم"]


@pytest.mark.parametrize(("keeps", "opens"), [("timeline", 200), ("code", 200), ("nothing", 409)])
async def test_a_link_opens_after_the_end_what_was_promised(
    running: Application, client: httpx2.AsyncClient, keeps: str, opens: int
) -> None:
    body = {"candidate_keeps": keeps, "initial_code": "print(42)\n"}
    session = (await client.post("/api/sessions", json=body)).json()
    await client.post(f"/api/sessions/{session['session_id']}/end")
    joined = await join(running, token_of(session))
    assert joined.status_code == opens
    if opens == 200:  # a device that was never here
        async with running.client() as device:
            device.headers["authorization"] = f"Bearer {joined.json()['access_token']}"
            files = f"/api/sessions/{session['session_id']}/files/main.py"
            assert (await device.get(files)).text == "print(42)\n"
            assert (
                await device.get(f"/api/sessions/{session['session_id']}/download")
            ).status_code == 200
            timeline = await device.get(f"/api/sessions/{session['session_id']}/timeline")
            assert timeline.status_code == (200 if keeps == "timeline" else 403)


async def test_invitations_expire(settings: Settings) -> None:
    now = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    async with application(settings, lambda: now) as running, running.client() as owner:
        session = (await owner.post("/api/sessions")).json()
        assert (await join(running, token_of(session))).status_code == 200
        now += timedelta(days=settings.invitation_days, seconds=-1)
        assert (await join(running, token_of(session))).status_code == 200
        now += timedelta(seconds=1)
        expired = await join(running, token_of(session))
        assert expired.status_code == 404
        assert "Ask for a new link" in expired.json()["detail"]
        # The host who looks now is shown one that works, and the same each time.
        again = [
            (await owner.get(f"/api/sessions/{session['session_id']}")).json() for _ in range(2)
        ]
        assert token_of(again[0]) == token_of(again[1]) != token_of(session)
        assert (await join(running, token_of(again[0]))).status_code == 200


async def test_a_stolen_database_opens_no_room(settings: Settings) -> None:
    """Everything an invitation needs but the key is in the database; the key is not."""
    async with application(settings) as running, running.client() as owner:
        token = token_of((await owner.post("/api/sessions")).json())
        stored = (
            settings.sqlite_path.read_bytes()
            + settings.sqlite_path.with_name("pizarra.db-wal").read_bytes()
        )
        assert token.rpartition(".")[2].encode() not in stored
    key = settings.data_dir / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    async with application(settings) as running:
        assert (await join(running, token)).status_code == 404
