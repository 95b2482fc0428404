"""Squatting and spoofing: no client can suppress or impersonate another."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Doc, Text
from tests.harness.peer import connect_peer
from tests.harness.rooms import appended, create, join, text_of, url_of
from tests.harness.server import ServerProcess, server_process

from pizarra.collab.wire.codec import SyncStep, awareness_frame, sync_frame, var_bytes, var_uint


def squat(client: int, clock: int, length: int) -> bytes:
    """An update that claims clocks of a client id for nothing: whatever its owner types there is ignored by Yjs."""
    return b"\x01\x01" + var_uint(client) + var_uint(clock) + b"\0" + var_uint(length) + b"\0"


def forged_text(client: int) -> bytes:
    """A well-formed first edit under somebody's client id."""
    doc: Doc[Any] = Doc(client_id=client)
    doc.get("file:main.py", type=Text).insert(0, "forged")
    return doc.get_update()


@pytest.mark.parametrize("step", [SyncStep.UPDATE, SyncStep.STEP2])
@pytest.mark.parametrize("how", ["squat", "text", "ahead"])
async def test_nobody_writes_under_anothers_client_id(
    shared_server: ServerProcess, step: SyncStep, how: str
) -> None:
    session = create(shared_server, "")
    url = url_of(shared_server, session)
    async with (
        connect_peer(url, token=join(shared_server, session, name="Ann")) as ann,
        connect_peer(url, token=join(shared_server, session, name="Mallory")) as mallory,
    ):
        client = ann.doc.client_id
        await ann.wait_acknowledged(await ann.insert(0, "a"))
        await mallory.wait_text("a")
        forged = {
            "squat": squat(client, 1, 2**30),
            "text": forged_text(client),
            "ahead": squat(client, 500, 10),
        }[how]
        if how == "text":  # its first clock is taken, its others are not
            assert len("forged") > 1
        await mallory.socket.send(sync_frame(step, forged))
        assert await mallory.wait_closed() == 4400
        await ann.wait_acknowledged(await ann.insert(1, "b"))
    assert text_of(shared_server, session) == "ab"


def covered_by_a_snapshot(folder: Path) -> bool:
    """Tell whether the newest snapshot holds every edit."""
    with contextlib.closing(sqlite3.connect(folder / "pizarra.db")) as database:
        (newest,) = database.execute("SELECT max(seq) FROM snapshots").fetchone()
        (last,) = database.execute(
            "SELECT max(seq) FROM timeline_entries WHERE kind = 'edit'"
        ).fetchone()
    return newest is not None and newest >= last


async def test_an_id_stays_its_persons_after_they_left_and_after_a_restart(
    tmp_path: Path, runner_socket: Path
) -> None:
    with server_process(tmp_path, runner_socket=runner_socket, snapshot_updates=5) as server:
        session = create(server, "")
        url = url_of(server, session)
        anns, mallorys = join(server, session, name="Ann"), join(server, session, name="Mallory")
        async with connect_peer(url, token=anns) as ann:
            client, state = ann.doc.client_id, ann.doc
            written = 0
            # then nothing but the snapshot knows whose ids these are
            while not covered_by_a_snapshot(tmp_path):
                await ann.wait_acknowledged(await ann.insert(written, "a"))
                written += 1
                await asyncio.sleep(0.05 if written % 5 == 0 else 0)
        for restart in (False, True):
            if restart:
                server.kill()
                server.start()
            async with connect_peer(url, token=mallorys) as mallory:
                await mallory.socket.send(
                    sync_frame(SyncStep.UPDATE, squat(client, written, 2**30))
                )
                assert await mallory.wait_closed() == 4400
        # Ann is back with what she typed on the train.
        (update,) = appended(state, "!")
        async with connect_peer(url, token=anns) as again:
            await again.socket.send(sync_frame(SyncStep.STEP2, update))
            await again.wait_acknowledged(await again.edit(lambda text: None))
        assert text_of(server, session) == "a" * written + "!"


async def test_a_second_socket_of_the_same_person_waits_until_the_first_is_gone(
    sqlite_server: ServerProcess,
) -> None:
    """A laptop changes networks: its old socket hangs, its new one carries on with the same document."""
    session = create(sqlite_server, "")
    url = url_of(sqlite_server, session)
    async with connect_peer(url) as old:
        await old.wait_acknowledged(await old.insert(0, "a"))
        (update,) = appended(old.doc, "b")
        async with connect_peer(url) as new:
            await new.socket.send(sync_frame(SyncStep.STEP2, update))
            assert await new.wait_closed() == 1013  # transient: it comes back
    async with connect_peer(url) as new:
        await new.socket.send(sync_frame(SyncStep.STEP2, update))
        await new.wait_acknowledged(await new.edit(lambda text: None))
    assert text_of(sqlite_server, session) == "ab"


async def test_the_server_says_who_speaks(sqlite_server: ServerProcess) -> None:
    session = create(sqlite_server)
    url = url_of(sqlite_server, session)
    async with (
        connect_peer(url) as watcher,
        connect_peer(url, token=join(sqlite_server, session, name="Mallory")) as mallory,
    ):
        lie = b'{"user":{"name":"Host","role":"host","id":"1","color":"red"},"cursor":{"anchor":1}}'
        await mallory.socket.send(awareness_frame(b"\x01\x09\x01" + var_bytes(lie)))
        await watcher.wait_for(lambda: b'"color":"red"' in watcher.messages[-1].payload)
        state = watcher.messages[-1].payload
        assert b'"name":"Mallory"' in state
        assert b'"role":"candidate"' in state
        assert b"Host" not in state
        assert b'"cursor":{"anchor":1}' in state


@pytest.mark.parametrize(
    "state",
    [
        b"NaN",
        b'{"x":NaN}',
        b'{"x":1e999}',
        b'{"a":1,"a":2}',
        b"[1]",
        b"{",
        b'"',
        b"\xff",
        b'{"x":' * 3000,
    ],
)
async def test_presence_that_would_break_a_browser_is_refused(
    sqlite_server: ServerProcess, state: bytes
) -> None:
    """One state that does not parse would throw away everybody's in the same frame."""
    session = create(sqlite_server)
    async with connect_peer(url_of(sqlite_server, session)) as peer:
        await peer.socket.send(awareness_frame(b"\x01\x09\x01" + var_bytes(state)))
        assert await peer.wait_closed() == 4400


async def test_presence_cannot_be_spoken_for_others(sqlite_server: ServerProcess) -> None:
    """A client id belongs to the person who used it first."""
    session = create(sqlite_server)
    url = f"{sqlite_server.ws_url}/{session['room_id']}"
    async with (
        connect_peer(url) as watcher,
        connect_peer(url, token=join(sqlite_server, session, name="Ann")) as ann,
        connect_peer(url, token=join(sqlite_server, session, name="Mallory")) as mallory,
    ):
        await ann.socket.send(awareness_frame(b"\x01\x05\x01" + var_bytes(b'{"cursor":"Ann\'s"}')))
        await watcher.wait_for(
            lambda: any(b"Ann's" in message.payload for message in watcher.messages)
        )
        await mallory.socket.send(
            awareness_frame(b"\x01\x05\x09" + var_bytes(b'{"cursor":"stolen"}'))
        )
        await mallory.socket.send(awareness_frame(b"\x01\x05\x0a" + var_bytes(b"null")))
        await mallory.socket.send(
            awareness_frame(b"\x01\x06\x01" + var_bytes(b'{"cursor":"honest"}'))
        )
        await watcher.wait_for(
            lambda: any(b"honest" in message.payload for message in watcher.messages)
        )
        assert not any(b"stolen" in message.payload for message in watcher.messages)
        await watcher.socket.send(bytes((3,)))
        await watcher.wait_for(lambda: b"Ann's" in watcher.messages[-1].payload)
