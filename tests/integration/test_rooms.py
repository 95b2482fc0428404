"""Rooms through real sockets: record, apply, distribute, acknowledge; and everything that must not get in between."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
import websockets
from pycrdt import Doc, Text
from tests.harness.peer import Peer, connect_peer
from tests.harness.postgres import Postgres
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.codec import SyncStep, awareness_frame, sync_frame, var_bytes, var_uint


def create(server: ServerProcess, code: str = "hello") -> dict[str, Any]:
    return dict(httpx2.post(f"{server.url}/api/sessions", json={"initial_code": code}).json())


def text_of(server: ServerProcess, session: dict[str, Any]) -> str:
    return httpx2.get(f"{server.url}/api/sessions/{session['session_id']}/files/main.py").text


def edits_of(server: ServerProcess, session: dict[str, Any]) -> list[dict[str, Any]]:
    address = f"{server.url}/api/sessions/{session['session_id']}/timeline"
    return list(httpx2.get(address, params={"kinds": "edit", "limit": 1000}).json())


def join(server: ServerProcess, session: dict[str, Any], role: str = "candidate", name: str = "Zoë") -> str:
    invites = f"{server.url}/api/sessions/{session['session_id']}/invites"
    token = httpx2.post(invites, json={"role": role}).json()["token"]
    return str(httpx2.post(f"{server.url}/api/join", json={"token": token, "name": name}).json()["access_token"])


@pytest.fixture
def session(server: ServerProcess) -> dict[str, Any]:
    """A session with `hello` in it."""
    return create(server)


@pytest.fixture
def url(server: ServerProcess, session: dict[str, Any]) -> str:
    """Its room's address."""
    return f"{server.ws_url}/{session['room_id']}"


@contextlib.asynccontextmanager
async def stalled(server: ServerProcess) -> AsyncIterator[None]:
    """Inside, nobody can commit: another program holds the lock that every append needs."""
    if server.database_url is None:
        locker = sqlite3.connect(server.data_dir / "pizarra.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        yield
        locker.execute("ROLLBACK")
        locker.close()
    else:
        connection = await asyncpg.connect(server.database_url)
        async with connection.transaction():
            await connection.execute("SELECT * FROM sessions FOR UPDATE")
            yield
        await connection.close()


async def test_nothing_is_seen_or_acknowledged_before_it_is_committed(shared_server: ServerProcess) -> None:
    url = f"{shared_server.ws_url}/{create(shared_server)['room_id']}"
    async with connect_peer(url) as ann, connect_peer(url) as bob:
        async with stalled(shared_server):
            number = await ann.insert(5, " world")
            with pytest.raises(TimeoutError):
                await ann.wait_acknowledged(number, seconds=0.4)
            assert str(bob.text) == "hello"
        await ann.wait_acknowledged(number)
        await bob.wait_text("hello world")


async def test_an_acknowledgement_covers_everything_sent_before(server: ServerProcess, url: str) -> None:
    async with connect_peer(url) as ann:
        last = 0
        for index in range(200):
            last = await ann.insert(5 + index, "x")
        await ann.wait_acknowledged(last)
        server.kill()
        server.start()
    async with connect_peer(url) as bob:
        assert str(bob.text) == "hello" + "x" * 200


async def test_a_database_that_goes_away_sends_clients_away_and_loses_nothing(
    server: ServerProcess, url: str, session: dict[str, Any], cluster: Postgres, database_url: str | None
) -> None:
    if database_url is None:
        pytest.skip("SQLite does not go away")
    async with connect_peer(url) as ann, connect_peer(url) as bob:
        cluster.stop()
        try:
            await ann.insert(5, "!")
            assert await ann.wait_closed(10) == 1013
            assert str(bob.text) == "hello"
            kept = ann.doc
        finally:
            cluster.start()
    async with connect_peer(url) as again:
        update = kept.get_update(again.doc.get_state())
        await again.socket.send(sync_frame(SyncStep.STEP2, update))
        await again.edit(lambda text: None)
        await again.wait_acknowledged(1)
    assert text_of(server, session) == "hello!"


async def test_many_first_joiners_of_a_cold_room_all_sync(shared_server: ServerProcess) -> None:
    url = f"{shared_server.ws_url}/{create(shared_server)['room_id']}"
    async with contextlib.AsyncExitStack() as stack:
        peers = await asyncio.gather(*(stack.enter_async_context(connect_peer(url)) for _ in range(60)))
        assert {str(peer.text) for peer in peers} == {"hello"}


async def test_the_starter_text_is_there_once_after_restarts(
    server: ServerProcess, url: str, session: dict[str, Any]
) -> None:
    async with connect_peer(url) as ann:
        server.kill()
        server.start()
        async with connect_peer(url) as bob:
            # Ann sends everything she has again, as a stock client does after reconnecting.
            await bob.socket.send(sync_frame(SyncStep.STEP2, ann.doc.get_update()))
            await bob.edit(lambda text: None)
            await bob.wait_acknowledged(1)
            assert str(bob.text) == "hello"
    assert len(edits_of(server, session)) == 1


async def test_what_was_recorded_is_not_recorded_again(shared_server: ServerProcess) -> None:
    server, session = shared_server, create(shared_server)
    url = f"{server.ws_url}/{session['room_id']}"
    async with connect_peer(url) as ann:
        await ann.edit(lambda text: text.__delitem__(slice(0, 2)))
        await ann.wait_acknowledged(1)
        before = edits_of(server, session)
        whole = ann.doc.get_update()
        for step in (SyncStep.UPDATE, SyncStep.STEP2):
            await ann.socket.send(sync_frame(step, whole))
        await ann.socket.send(sync_frame(SyncStep.UPDATE, b"\0\0"))
        await ann.edit(lambda text: None)
        await ann.wait_acknowledged(2)
        assert edits_of(server, session) == before


def appended(doc: Doc[Any], *pieces: str) -> list[bytes]:
    """Append pieces to main.py, each in a transaction; return their updates."""
    updates: list[bytes] = []
    text = doc.get("file:main.py", type=Text)
    subscription = doc.observe(lambda event: updates.append(event.update))
    for piece in pieces:
        text += piece
    doc.unobserve(subscription)
    return updates


async def test_updates_out_of_order_are_kept_until_the_gap_is_filled(
    server: ServerProcess, url: str, session: dict[str, Any]
) -> None:
    doc: Doc[Any] = Doc()
    async with connect_peer(url) as ann:
        doc.apply_update(ann.doc.get_update())
        updates = appended(doc, "A", "B", "C")
        await ann.socket.send(sync_frame(SyncStep.UPDATE, updates[2]))
        await ann.socket.send(sync_frame(SyncStep.UPDATE, updates[1]))
        await ann.edit(lambda text: None)
        await ann.wait_acknowledged(1)
    server.kill()
    server.start()
    async with connect_peer(url) as bob:
        await bob.socket.send(sync_frame(SyncStep.UPDATE, updates[0]))
        await bob.edit(lambda text: None)
        await bob.wait_acknowledged(1)
        assert text_of(server, session) == "helloABC"
    server.kill()
    server.start()
    assert text_of(server, session) == "helloABC"


async def test_a_gap_outlives_the_snapshot_taken_over_it(tmp_path: Path, runner_socket: Path) -> None:
    """A snapshot cannot hold what is not integrated yet: loading must apply the marked rows beside it."""
    with server_process(tmp_path, runner_socket=runner_socket, snapshot_updates=10) as server:
        session = create(server, "")
        url = f"{server.ws_url}/{session['room_id']}"
        updates = appended(Doc(), "first ", "second ")
        async with connect_peer(url) as ann:
            await ann.socket.send(sync_frame(SyncStep.UPDATE, updates[1]))
            for _ in range(15):
                number = await ann.insert(0, "x")
            await ann.wait_acknowledged(number)
        with sqlite3.connect(tmp_path / "pizarra.db") as database:
            assert database.execute("SELECT count(*) FROM snapshots").fetchone() != (0,)
        server.kill()
        server.start()
        async with connect_peer(url) as bob:
            await bob.socket.send(sync_frame(SyncStep.UPDATE, updates[0]))
            await bob.edit(lambda text: None)
            await bob.wait_acknowledged(1)
        assert "first second " in text_of(server, session)


PANIC = bytes((1, 0, 1, 0, 0))  # a client entry without structs: yrs 0.28 panics with a BaseException
HOSTILE = {
    "no message": b"",
    "unknown type": bytes((77, 0)),
    "unknown step": bytes((0, 3, 0)),
    "cut short": bytes((0, 2, 5, 1)),
    "empty update": sync_frame(SyncStep.UPDATE, b""),
    "trailing bytes": sync_frame(SyncStep.UPDATE, b"\0\0\0"),
    "panic": sync_frame(SyncStep.UPDATE, PANIC),
    "panic in step 2": sync_frame(SyncStep.STEP2, PANIC),
    "number without end": sync_frame(SyncStep.UPDATE, b"\xff" * 2000),
    "clock squatting": sync_frame(SyncStep.UPDATE, b"\x01\x01" + var_uint(7) + b"\0\0" + var_uint(2**31) + b"\0"),
    "a billion clients": sync_frame(SyncStep.UPDATE, var_uint(10**9) + b"\0"),
    "state vector of garbage": sync_frame(SyncStep.STEP1, b"\x05\x01"),
    "presence of a billion": awareness_frame(var_uint(10**9)),
    "presence too large": awareness_frame(b"\x01\x05\x01" + var_bytes(b'"' + b"x" * 5000 + b'"')),
    "presence clock": awareness_frame(b"\x01\x05" + var_uint(2**40) + var_bytes(b"{}")),
    "acknowledgement of garbage": bytes((102, 2, 255, 255)),
    "control without the subprotocol": bytes((110,)) + var_bytes(b'{"type":"ping","id":1}'),
}


@pytest.mark.parametrize("frame", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_frame_closes_its_sender_only(sqlite_server: ServerProcess, frame: bytes) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with connect_peer(url) as honest, connect_peer(url) as offender:
        await offender.socket.send(frame)
        assert await offender.wait_closed() == 4400
        number = await honest.insert(5, "!")
        await honest.wait_acknowledged(number)
    assert text_of(sqlite_server, session) == "hello!"


async def test_a_text_frame_is_malformed(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    async with connect_peer(f"{sqlite_server.ws_url}/{session['room_id']}") as peer:
        await peer.socket.send("hello")
        assert await peer.wait_closed() == 4400


async def test_a_frame_beyond_the_limit_is_1009(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    async with connect_peer(f"{sqlite_server.ws_url}/{session['room_id']}") as peer:
        with contextlib.suppress(websockets.ConnectionClosed):  # refused by its length, before it has all arrived
            await peer.socket.send(sync_frame(SyncStep.UPDATE, b"\0" * 2_200_000))
        assert await peer.wait_closed() == 1009


async def test_a_document_beyond_the_limit_is_refused_and_the_rest_goes_on(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with connect_peer(url) as honest, connect_peer(url) as greedy:
        await greedy.insert(5, "x" * 10_000)
        assert await greedy.wait_closed() == 4400
        assert "10,000 bytes" in str(greedy.socket.close_reason)
        number = await honest.insert(5, "y" * 9_000)
        await honest.wait_acknowledged(number)
    assert text_of(sqlite_server, session) == "hello" + "y" * 9_000


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


async def test_snapshots_and_the_tail_give_what_the_whole_log_gives(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    async with connect_peer(f"{sqlite_server.ws_url}/{session['room_id']}") as ann:
        for index in range(90):
            number = await ann.insert(index, "é" if index % 3 else "😀")
        await ann.edit(lambda text: text.__delitem__(slice(0, 4)))
        await ann.wait_acknowledged(number + 1)
        expected = str(ann.text)
    database = sqlite3.connect(sqlite_server.data_dir / "pizarra.db", isolation_level=None)
    (taken,) = database.execute("SELECT count(*) FROM snapshots").fetchone()
    assert taken >= 2
    sqlite_server.kill()
    sqlite_server.start()
    assert text_of(sqlite_server, session) == expected
    path = f"{sqlite_server.url}/api/sessions/{session['session_id']}/files/main.py"
    head = edits_of(sqlite_server, session)[-1]["seq"]
    with_snapshots = [httpx2.get(path, params={"at": seq}).text for seq in range(1, head + 1, 7)]
    database.execute("DELETE FROM snapshots")
    database.close()
    assert [httpx2.get(path, params={"at": seq}).text for seq in range(1, head + 1, 7)] == with_snapshots
    assert text_of(sqlite_server, session) == expected


async def test_an_observer_watches_and_cannot_write(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    watcher_token, writer_token = join(sqlite_server, session, "observer"), join(sqlite_server, session, "candidate")
    async with connect_peer(url, token=writer_token) as writer:
        for step in (SyncStep.UPDATE, SyncStep.STEP2):
            async with connect_peer(url, token=watcher_token) as watcher:
                number = await writer.insert(5, "!")
                await writer.wait_acknowledged(number)
                await watcher.wait_for(lambda seen=watcher: str(seen.text) == str(writer.text))  # type: ignore[misc]
                await watcher.socket.send(sync_frame(step, watcher.doc.get_update()))  # nothing new: no violation
                forged: Doc[Any] = Doc()
                forged.get("file:main.py", type=Text).insert(0, "forged")
                await watcher.socket.send(sync_frame(step, forged.get_update()))
                assert await watcher.wait_closed() == 4403
    assert text_of(sqlite_server, session) == "hello!!"


@pytest.mark.parametrize("token", ["forged", "", "x.y.z"])
async def test_a_bad_credential_does_not_open_a_room(sqlite_server: ServerProcess, token: str) -> None:
    session = create(sqlite_server)
    for room in (session["room_id"], "f" * 32):  # strangers cannot tell a real room from a made-up one
        async with connect_peer(f"{sqlite_server.ws_url}/{room}?token={token}", sync=False) as peer:
            assert await peer.wait_closed() == 4401


async def test_a_credential_opens_its_own_room_only(sqlite_server: ServerProcess) -> None:
    mine, other = create(sqlite_server), create(sqlite_server)
    token = join(sqlite_server, mine)
    async with connect_peer(f"{sqlite_server.ws_url}/{mine['room_id']}", token=token) as peer:
        assert str(peer.text) == "hello"
    async with connect_peer(f"{sqlite_server.ws_url}/{other['room_id']}", token=token, sync=False) as peer:
        assert await peer.wait_closed() == 4404


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"X-Forwarded-For": "203.0.113.5"}])
async def test_another_sites_socket_is_not_the_owners(sqlite_server: ServerProcess, headers: dict[str, str]) -> None:
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with connect_peer(url, sync=False, additional_headers=headers) as peer:
        assert await peer.wait_closed() == 4401
    own = {"Origin": sqlite_server.url}
    async with connect_peer(url, additional_headers=own) as peer:
        assert str(peer.text) == "hello"


@pytest.mark.parametrize(("action", "code"), [("end", 4410), ("delete", 4404)])
async def test_ending_and_deleting_cut_open_sockets(shared_server: ServerProcess, action: str, code: int) -> None:
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
                lambda: [p["name"] for p in host.controls_of("roster")[-1]["people"]] == ["Host", "Zoë"]
            )
            await zoe.control(type="ping", id=7)
            assert (await read_controls(zoe, "pong"))[0]["id"] == 7
            await zoe.control(type="run.start")
            (ended,) = await read_controls(host, "run.ended")
            assert (ended["status"], ended["exit_code"]) == ("exited", 0)
            assert "".join(message["chunk"]["text"] for message in host.controls_of("run.output")) == "42\n"
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
        for entry in httpx2.get(f"{sqlite_server.url}/api/sessions/{session['session_id']}/timeline").json()
    ]
    assert kinds.count("join") >= 2
    assert kinds.count("leave") >= 1


async def test_output_is_seen_while_the_program_runs_and_it_can_be_stopped(sqlite_server: ServerProcess) -> None:
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
    async with connect_peer(f"{sqlite_server.ws_url}/{session['room_id']}", control=True, token=token) as watcher:
        await watcher.control(type="run.start")
        (refusal,) = await read_controls(watcher, "refusal")
        assert refusal["code"] == "forbidden"
        assert not watcher.controls_of("run.started")


async def test_presence_cannot_be_spoken_for_others(sqlite_server: ServerProcess) -> None:
    """A client id belongs to the person who used it first."""
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with (
        connect_peer(url) as watcher,
        connect_peer(url, token=join(sqlite_server, session, name="Ann")) as ann,
        connect_peer(url, token=join(sqlite_server, session, name="Mallory")) as mallory,
    ):
        await ann.socket.send(awareness_frame(b"\x01\x05\x01" + var_bytes(b'{"user":"Ann"}')))
        await watcher.wait_for(lambda: any(b"Ann" in message.payload for message in watcher.messages))
        await mallory.socket.send(awareness_frame(b"\x01\x05\x09" + var_bytes(b'{"user":"Mallory"}')))
        await mallory.socket.send(awareness_frame(b"\x01\x05\x0a" + var_bytes(b"null")))
        await mallory.socket.send(awareness_frame(b"\x01\x06\x01" + var_bytes(b'{"user":"honest"}')))
        await watcher.wait_for(lambda: any(b"honest" in message.payload for message in watcher.messages))
        assert not any(b"Mallory" in message.payload for message in watcher.messages)
        await watcher.socket.send(bytes((3,)))
        await watcher.wait_for(lambda: b'{"user":"Ann"}' in watcher.messages[-1].payload)


async def test_an_overlong_handshake_path_is_an_unknown_room(sqlite_server: ServerProcess) -> None:
    with contextlib.suppress(websockets.InvalidStatus):
        async with connect_peer(f"{sqlite_server.ws_url}/{'x' * 3000}", sync=False) as peer:
            assert await peer.wait_closed() == 4404
