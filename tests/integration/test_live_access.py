"""What is taken from somebody is taken within a second, on sockets that are open too; and what is typed is not lost."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.harness.actors import PASSWORD, add_account, add_team, browser, expire, first_admin, join
from tests.harness.peer import Peer, connect_peer
from tests.harness.postgres import Postgres
from tests.harness.program import pizarra
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.close_codes import CloseCode

_SECOND = 2.0  # one, and what a machine that runs two test processes adds


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, runner_socket: Path
) -> Iterator[ServerProcess]:
    """A server with accounts."""
    folder = tmp_path_factory.mktemp("live")
    with server_process(
        folder, runner_socket=runner_socket, auth="accounts", run_wall_seconds=5
    ) as process:
        yield process


@pytest.fixture(scope="module")
def admin(server: ServerProcess) -> Iterator[httpx2.Client]:
    """The first account."""
    with contextlib.closing(first_admin(server)) as client:
        yield client


async def test_it_holds_on_postgresql_too(
    tmp_path: Path, runner_socket: Path, cluster: Postgres
) -> None:
    url = cluster.create_migrated()
    with (
        server_process(tmp_path, url, runner_socket=runner_socket, auth="accounts") as server,
        contextlib.closing(first_admin(server)) as admin,
    ):
        session = admin.post("/api/sessions", json={"initial_code": "hello"}).json()
        async with (
            guest(server, admin, session) as (peer, joined),
            guest(server, admin, session) as (other, _),
        ):
            person = f"/api/sessions/{session['session_id']}/people/{joined['participant_id']}"
            admin.patch(person, json={"role": "observer"})
            await peer.wait_for(lambda: bool(peer.controls_of("you.changed")))
            admin.delete(person)
            assert await closes_within_a_second(peer) == CloseCode.NOT_ALLOWED
            admin.post(f"/api/sessions/{session['session_id']}/invites/rotate")
            assert await closes_within_a_second(other) == CloseCode.NOT_ALLOWED


@pytest.fixture
def session(admin: httpx2.Client) -> dict[str, Any]:
    """A new session of the administrator's."""
    return dict(admin.post("/api/sessions", json={"initial_code": "hello"}).json())


@contextlib.asynccontextmanager
async def guest(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any], role: str = "candidate"
) -> AsyncIterator[tuple[Peer, dict[str, Any]]]:
    """Somebody who came in by an invitation, at a socket."""
    client, joined = join(server, admin, session["session_id"], role, "Zoë")
    client.close()
    async with connect_peer(
        f"{server.ws_url}/{session['room_id']}", control=True, token=joined["access_token"]
    ) as peer:
        await peer.wait_for(lambda: bool(peer.controls_of("welcome")))
        yield peer, joined


async def closes_within_a_second(peer: Peer) -> int:
    started = time.monotonic()
    code = await peer.wait_closed()
    assert time.monotonic() - started < _SECOND
    return code


async def test_who_is_removed_goes(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    async with (
        guest(server, admin, session) as (peer, joined),
        guest(server, admin, session) as (other, _),
    ):
        admin.delete(f"/api/sessions/{session['session_id']}/people/{joined['participant_id']}")
        assert await closes_within_a_second(peer) == CloseCode.NOT_ALLOWED
        await other.wait_acknowledged(await other.insert(0, "still here "))
    headers = {"authorization": f"Bearer {joined['access_token']}"}
    assert (
        httpx2.get(
            f"{server.url}/api/sessions/{session['session_id']}", headers=headers
        ).status_code
        == 404
    )


async def test_rotation_sends_away_who_came_by_the_old_links(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    async with guest(server, admin, session) as (peer, _):
        rotated = admin.post(f"{path}/invites/rotate").json()
        assert await closes_within_a_second(peer) == CloseCode.NOT_ALLOWED
    assert rotated["url"] != session["share_url"]
    assert admin.get(path).json()["share_url"] == rotated["url"]
    with browser(server) as newcomer:
        old, new = (link.rpartition("/")[2] for link in (session["share_url"], rotated["url"]))
        assert newcomer.post("/api/join", json={"token": old, "name": "Zoë"}).status_code == 404
        assert newcomer.post("/api/join", json={"token": new, "name": "Zoë"}).status_code == 200


async def test_an_invitation_that_ends_ends_what_is_open(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    async with guest(server, admin, session) as (peer, joined):
        expire(server, joined["participant_id"])
        assert await closes_within_a_second(peer) == CloseCode.NOT_ALLOWED


async def test_another_role_holds_at_once_and_back(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    async with guest(server, admin, session) as (peer, joined):
        person = f"/api/sessions/{session['session_id']}/people/{joined['participant_id']}"
        started = time.monotonic()
        admin.patch(person, json={"role": "observer"})
        await peer.wait_for(lambda: bool(peer.controls_of("you.changed")))
        assert time.monotonic() - started < _SECOND
        assert peer.controls_of("you.changed")[-1]["you"]["role"] == "observer"
        admin.patch(person, json={"role": "candidate"})
        await peer.wait_for(lambda: len(peer.controls_of("you.changed")) == 2)
        await peer.wait_acknowledged(await peer.insert(0, "x"))
    kinds = admin.get(
        f"/api/sessions/{session['session_id']}/timeline", params={"kinds": "role"}
    ).json()
    assert [entry["data"]["role"] for entry in kinds] == ["observer", "candidate"]


async def test_locked_editing_counts_what_is_under_way_and_then_refuses(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    async with (
        guest(server, admin, session) as (peer, _),
        guest(server, admin, session, "interviewer") as (ida, _),
    ):
        admin.patch(path, json={"editing_locked": True})
        # the server knows for long; what was typed before the news was read counts
        under_way = time.monotonic() + 0.4
        while time.monotonic() < under_way:
            await peer.wait_acknowledged(await peer.insert(0, "under way "))
        await peer.wait_for(
            lambda: any(each["editing_locked"] for each in peer.controls_of("session.changed"))
        )
        await ida.wait_acknowledged(await ida.insert(0, "I may "))
        deadline = time.monotonic() + 3
        while peer.socket.close_code is None and time.monotonic() < deadline:
            number = await peer.insert(0, "late ")
            with contextlib.suppress(TimeoutError):
                await peer.wait_acknowledged(number, 0.1)
        assert peer.socket.close_code == CloseCode.READ_ONLY
        assert time.monotonic() < deadline
    admin.patch(path, json={"editing_locked": False})
    async with guest(server, admin, session) as (peer, _):
        await peer.wait_acknowledged(await peer.insert(0, "again "))


async def test_who_reads_that_editing_is_open_again_may_type_at_once(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    async with guest(server, admin, session) as (peer, _):
        admin.patch(path, json={"editing_locked": True})
        locked, number = time.monotonic() + 1.2, 0  # beyond the grace
        while time.monotonic() < locked:
            number += 1
            await peer.control(type="ping", id=number)
            await peer.wait_for(partial(_answered, peer, number))
        unlocking = asyncio.create_task(
            asyncio.to_thread(admin.patch, path, json={"editing_locked": False})
        )
        await peer.wait_for(
            lambda: peer.controls_of("session.changed")[-1]["editing_locked"] is False
        )
        await peer.wait_acknowledged(await peer.insert(0, "at once "))
        await unlocking


def _answered(peer: Peer, number: int) -> bool:
    return any(pong["id"] == number for pong in peer.controls_of("pong"))


async def test_a_lock_that_is_taken_back_at_once_locks_nobody(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    async with guest(server, admin, session) as (peer, _):
        admin.patch(path, json={"editing_locked": True})
        admin.patch(path, json={"editing_locked": False})
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            await peer.wait_acknowledged(await peer.insert(0, "x"))


def test_locked_running(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    path = f"/api/sessions/{session['session_id']}"
    client, _ = join(server, admin, session["session_id"], "candidate", "Zoë")
    with contextlib.closing(client):
        admin.patch(path, json={"running_locked": True})
        refused = client.post(f"{path}/runs")
        assert (refused.status_code, "locked" in refused.json()["detail"]) == (403, True)
        assert admin.post(f"{path}/runs").status_code == 202
        admin.patch(path, json={"running_locked": False})
        assert client.post(f"{path}/runs").status_code == 202


async def test_locked_running_leaves_what_runs_to_those_who_started_it(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    reads = "while True:\n    print('read', input(), flush=True)\n"
    session = admin.post("/api/sessions", json={"initial_code": reads}).json()
    path = f"/api/sessions/{session['session_id']}"
    async with guest(server, admin, session) as (peer, joined):
        bearer = {"Authorization": f"Bearer {joined['access_token']}"}
        with httpx2.Client(base_url=server.url, headers=bearer) as candidate:
            run_id = candidate.post(f"{path}/runs").json()["run_id"]
            admin.patch(path, json={"running_locked": True})
            await peer.control(type="run.start")
            await peer.wait_for(lambda: bool(peer.controls_of("refusal")))
            assert "locked running" in peer.controls_of("refusal")[0]["detail"]
            await peer.control(type="run.input", run_id=run_id, text="by socket\n")
            await peer.wait_for(partial(_printed, peer, "read by socket"))
            said = candidate.post(f"{path}/runs/{run_id}/stdin", json={"text": "by HTTP\n"})
            assert said.status_code == 204
            await peer.wait_for(partial(_printed, peer, "read by HTTP"))
            stopped = candidate.post(f"{path}/runs/{run_id}/stop")
            assert (stopped.status_code, stopped.json()["status"]) == (202, "stopped")
            assert len(peer.controls_of("refusal")) == 1


def _printed(peer: Peer, text: str) -> bool:
    return text in "".join(each["chunk"]["text"] for each in peer.controls_of("run.output"))


@pytest.mark.parametrize("how", ["page", "command line", "signed out", "other team"])
async def test_who_loses_an_account_loses_open_sockets(
    server: ServerProcess, admin: httpx2.Client, how: str
) -> None:
    name = f"leaving-{how.replace(' ', '-')}"
    teams = {team["name"]: team["team_id"] for team in admin.get("/api/teams").json()}
    one, two = (teams.get(each) or add_team(admin, each) for each in ("One", "Two"))
    with contextlib.closing(add_account(server, admin, name, one)) as client:
        session = client.post("/api/sessions").json()
        account = client.get("/api/me").json()["account"]["account_id"]
        cookie = f"pizarra-sign-in={client.cookies['pizarra-sign-in']}"
        room = f"{server.ws_url}/{session['room_id']}"
        async with connect_peer(room, additional_headers={"Cookie": cookie}) as peer:
            await peer.wait_acknowledged(await peer.insert(0, "x"))
            if how == "page":
                admin.patch(f"/api/accounts/{account}", json={"disabled": True})
            elif how == "other team":
                admin.patch(f"/api/accounts/{account}", json={"team_id": two})
            elif how == "signed out":
                client.post("/api/sign-out")
            else:
                assert (
                    pizarra("user", "disable", name, "--data-dir", server.data_dir).returncode == 0
                )
            assert await closes_within_a_second(peer) == CloseCode.NOT_ALLOWED
        with browser(server) as again:
            again.headers["cookie"] = cookie
            seen = again.get(f"/api/sessions/{session['session_id']}").status_code
            assert seen == 404
            answer = again.post(
                "/api/sign-in", json={"name": name, "password": PASSWORD}
            ).status_code
            assert answer == (401 if how in ("page", "command line") else 204)


async def test_a_revoked_token_ends_its_sockets(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    made = admin.post("/api/me/tokens", json={"name": "bot", "scope": "write"}).json()
    async with connect_peer(f"{server.ws_url}/{session['room_id']}", token=made["token"]) as peer:
        await peer.wait_acknowledged(await peer.insert(0, "x"))
        admin.delete(f"/api/me/tokens/{made['token_id']}")
        assert await closes_within_a_second(peer) == CloseCode.NOT_ALLOWED


async def test_the_waiting_room(server: ServerProcess, admin: httpx2.Client) -> None:
    session = admin.post(
        "/api/sessions", json={"waiting_room": True, "initial_code": "s3cret question"}
    ).json()
    path, room = f"/api/sessions/{session['session_id']}", f"{server.ws_url}/{session['room_id']}"
    token = session["share_url"].rpartition("/")[2]
    host_cookie = f"pizarra-sign-in={admin.cookies['pizarra-sign-in']}"
    async with (
        connect_peer(room, control=True, additional_headers={"Cookie": host_cookie}) as host,
        guest(server, admin, session, "interviewer") as (_, joined_at_once),
    ):
        assert joined_at_once["waiting"] is False
        with browser(server) as zoe:
            assert zoe.get(f"/api/invitations/{token}").json()["waiting_room"] is True
            joined = zoe.post("/api/join", json={"token": token, "name": "Zoë"}).json()
            assert joined["waiting"] is True
            await host.wait_for(lambda: bool(host.controls_of("waiting")))
            assert [each["name"] for each in host.controls_of("waiting")[-1]["people"]] == ["Zoë"]
            for rest in ("", "/files", "/files/main.py", "/timeline", "/download"):
                assert zoe.get(path + rest).status_code == 404
            assert zoe.get(f"{path}/admission").json() == {"state": "waiting"}
            async with connect_peer(room, token=joined["access_token"], sync=False) as early:
                assert await early.wait_closed() == CloseCode.NOT_ALLOWED
                assert "wait for the host" in (early.socket.close_reason or "")
                assert early.messages == []
            # Whoever closes the page that waits does not wait; it is theirs to come back, and to be let in.
            assert zoe.post(f"{path}/admission/leave").status_code == 204
            await host.wait_for(lambda: host.controls_of("waiting")[-1]["people"] == [])
            assert zoe.get(f"{path}/admission").json() == {"state": "waiting"}
            await host.wait_for(lambda: host.controls_of("waiting")[-1]["people"] != [])
            admin.patch(f"{path}/people/{joined['participant_id']}", json={"admitted": True})
            assert zoe.post(f"{path}/admission/leave").status_code == 204  # is in: nothing to leave
            assert zoe.get(f"{path}/admission").json() == {"state": "in"}
            await host.wait_for(lambda: host.controls_of("waiting")[-1]["people"] == [])
            async with connect_peer(room, token=joined["access_token"]) as let_in:
                await let_in.wait_text("s3cret question")
                assert let_in.controls == []
    people = {each["name"]: each["state"] for each in admin.get(f"{path}/people").json()}
    assert people["Zoë"] == "in"


async def test_turned_away_from_the_waiting_room(
    server: ServerProcess, admin: httpx2.Client
) -> None:
    session = admin.post("/api/sessions", json={"waiting_room": True}).json()
    path, token = f"/api/sessions/{session['session_id']}", session["share_url"].rpartition("/")[2]
    with browser(server) as eve:
        joined = eve.post("/api/join", json={"token": token, "name": "Eve"}).json()
        admin.delete(f"{path}/people/{joined['participant_id']}")
        assert eve.get(f"{path}/admission").json() == {"state": "out"}
        assert eve.post("/api/join", json={"token": token, "name": "EVE"}).status_code == 409


async def test_ending_cuts_live_editing_and_reopening_gives_it_back(
    server: ServerProcess, admin: httpx2.Client, session: dict[str, Any]
) -> None:
    path, room = f"/api/sessions/{session['session_id']}", f"{server.ws_url}/{session['room_id']}"
    async with guest(server, admin, session) as (peer, joined):
        admin.post(f"{path}/end")
        assert await closes_within_a_second(peer) == CloseCode.SESSION_ENDED
    admin.post(f"{path}/reopen")
    async with connect_peer(room, token=joined["access_token"]) as peer:
        await peer.wait_acknowledged(await peer.insert(0, "back "))
