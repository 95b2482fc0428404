"""Rooms through real sockets: record, apply, distribute, acknowledge; and everything that must not get in between."""

import contextlib
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from tests.harness.peer import Peer, connect_peer
from tests.harness.rooms import create, join, metric
from tests.harness.server import ServerProcess, server_process


async def test_a_full_room_asks_to_try_again(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(60):
            await stack.enter_async_context(connect_peer(url))
        async with connect_peer(url, sync=False) as one_more:
            assert await one_more.wait_closed() == 1013
    async with connect_peer(url) as later:
        assert str(later.text) == "hello"


@pytest.mark.parametrize("token", ["forged", "", "x.y.z"])
async def test_a_bad_credential_does_not_open_a_room(
    sqlite_server: ServerProcess, token: str
) -> None:
    session = create(sqlite_server)
    for room in (
        session["room_id"],
        "f" * 32,
    ):  # strangers cannot tell a real room from a made-up one
        async with connect_peer(f"{sqlite_server.ws_url}/{room}?token={token}", sync=False) as peer:
            assert await peer.wait_closed() == 4401


@pytest.mark.parametrize("presented", ["Bearer", "Bearer x.y.z", "Bearer pzt_revoked"])
async def test_a_bad_bearer_header_is_refused_as_one_in_the_address(
    server: ServerProcess, presented: str
) -> None:
    refused = 'pizarra_websocket_closes_total{code="4401"}'
    for room in (create(server)["room_id"], "f" * 32):
        before = metric(server, refused)
        headers = {"Authorization": presented}
        async with connect_peer(
            f"{server.ws_url}/{room}", sync=False, additional_headers=headers
        ) as peer:
            assert await peer.wait_closed() == 4401
        assert metric(server, refused) == before + 1
    assert server.log().count("socket.refused") == 2


async def test_a_credential_opens_its_own_room_only(sqlite_server: ServerProcess) -> None:
    mine, other = create(sqlite_server), create(sqlite_server)
    token = join(sqlite_server, mine)
    async with connect_peer(f"{sqlite_server.ws_url}/{mine['room_id']}", token=token) as peer:
        assert str(peer.text) == "hello"
    async with connect_peer(
        f"{sqlite_server.ws_url}/{other['room_id']}", token=token, sync=False
    ) as peer:
        assert await peer.wait_closed() == 4404


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"X-Forwarded-For": "203.0.113.5"}]
)
async def test_another_sites_socket_is_not_the_owners(
    sqlite_server: ServerProcess, headers: dict[str, str]
) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with connect_peer(url, sync=False, additional_headers=headers) as peer:
        assert await peer.wait_closed() == 4401
    own = {"Origin": sqlite_server.url}
    async with connect_peer(url, additional_headers=own) as peer:
        assert str(peer.text) == "hello"


@pytest.mark.parametrize(("action", "code"), [("end", 4410), ("delete", 4404)])
async def test_ending_and_deleting_cut_open_sockets(
    shared_server: ServerProcess, action: str, code: int
) -> None:
    server, session = shared_server, create(shared_server)
    url = f"{server.ws_url}/{session['room_id']}"
    path = f"{server.url}/api/sessions/{session['session_id']}"
    async with connect_peer(url) as ann, connect_peer(url, token=join(server, session)) as zoe:
        if action == "end":
            httpx2.post(f"{path}/end")
        else:
            httpx2.delete(path)
        assert await ann.wait_closed(2) == code
        assert await zoe.wait_closed(2) == code
    async with connect_peer(url, sync=False) as late:
        assert await late.wait_closed() == code
    if action == "end":
        httpx2.post(f"{path}/reopen")
        async with connect_peer(url) as again:
            assert str(again.text) == "hello"


async def test_who_looks_after_sockets_does_not_take_a_deleted_session_for_a_removal(
    tmp_path: Path, runner_socket: Path
) -> None:
    """It looks all the time here, so also between the commit and the moment in which the room is closed."""
    always: dict[str, Any] = {"runner_socket": runner_socket, "access_check_seconds": 0.001}
    with server_process(tmp_path, **always) as server:
        for _ in range(15):
            session = create(server)
            url = f"{server.ws_url}/{session['room_id']}"
            async with connect_peer(url, token=join(server, session)) as zoe:
                httpx2.delete(f"{server.url}/api/sessions/{session['session_id']}")
                assert await zoe.wait_closed(2) == 4404


async def read_controls(peer: Peer, kind: str, count: int = 1) -> list[dict[str, Any]]:
    await peer.wait_for(lambda: len(peer.controls_of(kind)) >= count, seconds=10)
    return peer.controls_of(kind)


def roster(peer: Peer) -> list[str]:
    return [person["name"] for person in peer.controls_of("roster")[-1]["people"]]


async def test_control_messages_are_for_those_who_ask(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server, "print(6 * 7)")
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    token = join(sqlite_server, session)
    async with connect_peer(url, control=True) as host, connect_peer(url) as stock:
        assert host.socket.subprotocol == "pizarra.v1"
        assert stock.socket.subprotocol is None
        (welcome,) = await read_controls(host, "welcome")
        assert welcome["session_id"] == session["session_id"]
        assert welcome["you"]["role"] == "host"
        assert welcome["run"] is None
        async with connect_peer(url, control=True, token=token) as zoe:
            await host.wait_for(
                lambda: (
                    [p["name"] for p in host.controls_of("roster")[-1]["people"]] == ["Host", "Zoë"]
                )
            )
            await zoe.control(type="ping", id=7)
            assert (await read_controls(zoe, "pong"))[0]["id"] == 7
            await zoe.control(type="run.start")
            (ended,) = await read_controls(host, "run.ended")
            assert (ended["status"], ended["exit_code"]) == ("exited", 0)
            assert (
                "".join(message["chunk"]["text"] for message in host.controls_of("run.output"))
                == "42\n"
            )
            assert (
                host.controls_of("run.started")[0]["run"]["participant_id"]
                == zoe.controls_of("welcome")[0]["you"]["participant_id"]
            )
        await host.wait_for(lambda: roster(host) == ["Host"])
        async with connect_peer(url, control=True) as late:
            (seen,) = await read_controls(late, "welcome")
            assert seen["run"]["status"] == "exited"
            assert "".join(chunk["text"] for chunk in seen["run"]["output"]) == "42\n"
        assert stock.controls == []
    kinds = [
        entry["kind"]
        for entry in httpx2.get(
            f"{sqlite_server.url}/api/sessions/{session['session_id']}/timeline"
        ).json()
    ]
    assert kinds.count("join") >= 2
    assert kinds.count("leave") >= 1


async def test_output_is_seen_while_the_program_runs_and_it_can_be_stopped(
    sqlite_server: ServerProcess,
) -> None:
    session = create(sqlite_server, "import time\nprint('first')\ntime.sleep(60)")
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with connect_peer(url, control=True) as ann, connect_peer(url, control=True) as bob:
        await ann.control(type="run.start")
        (output,) = await read_controls(bob, "run.output")
        assert output["chunk"]["text"] == "first\n"
        assert not bob.controls_of("run.ended")
        await bob.control(type="run.stop", run_id=output["run_id"])
        (ended,) = await read_controls(ann, "run.ended")
        assert ended["status"] == "stopped"


async def test_an_observer_cannot_run_over_the_socket(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server, "print(1)")
    token = join(sqlite_server, session, "observer")
    async with connect_peer(
        f"{sqlite_server.ws_url}/{session['room_id']}", control=True, token=token
    ) as watcher:
        await watcher.control(type="run.start")
        (refusal,) = await read_controls(watcher, "refusal")
        assert refusal["code"] == "forbidden"
        assert not watcher.controls_of("run.started")


@pytest.mark.parametrize("path", ["/", "/ws", "/ws/", "/ws/x/", "/api/sessions", "/assets/x.js"])
async def test_a_socket_anywhere_else_is_an_unknown_room(
    sqlite_server: ServerProcess, path: str
) -> None:
    async with websockets.connect(f"{sqlite_server.ws_url.removesuffix('/ws')}{path}") as socket:
        await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (4404, "no such room")


async def test_an_overlong_handshake_path_is_an_unknown_room(sqlite_server: ServerProcess) -> None:
    with contextlib.suppress(websockets.InvalidStatus):
        async with connect_peer(f"{sqlite_server.ws_url}/{'x' * 3000}", sync=False) as peer:
            assert await peer.wait_closed() == 4404
