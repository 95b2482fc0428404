"""A room that everybody left, and that was let go, leaves memory at once: no garbage collection has to come by.

The server collects seldom on purpose: what hung in a cycle stayed, some megabytes for every hundred rooms.
"""

import asyncio
import contextlib
import gc
import socket
import weakref
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn
from tests.harness.application import Application
from tests.harness.peer import connect_peer

from pizarra.collab.state.document import Document
from pizarra.config import Settings
from pizarra.realtime.socket_protocol import SocketProtocol


@pytest.fixture
def settings(tmp_path: Path, database_url: str | None) -> Settings:
    """Rooms that leave memory as soon as nobody is in them, and take snapshots often."""
    return Settings(
        data_dir=tmp_path,
        database_url=database_url,
        runner_socket=tmp_path / "none",
        log_level="error",
        room_idle_seconds=0,
        snapshot_updates=3,
    )


@pytest.fixture
def no_collection() -> Iterator[None]:
    """Inside, only what nobody refers to leaves memory."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(params=[SocketProtocol, "websockets-sansio"], ids=["ours", "plain"])
async def address(running: Application, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of sockets: uvicorn with our protocol class, and as others start it."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        running.app, ws=request.param, lifespan="off", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def test_a_document_dies_with_the_last_who_leaves(
    running: Application, address: str, no_collection: None
) -> None:
    async with running.client() as owner, running.client() as stranger:
        session = (await owner.post("/api/sessions", json={"initial_code": "x = 1\n"})).json()
        path = f"/api/sessions/{session['session_id']}"
        token = (await owner.post(f"{path}/invites", json={"role": "candidate"})).json()["token"]
        guest = (await stranger.post("/api/join", json={"token": token, "name": "Zoë"})).json()[
            "access_token"
        ]
        url = f"ws://{address}/ws/{session['room_id']}"
        gone = asyncio.Event()
        async with connect_peer(url, control=True) as one, connect_peer(url, token=guest) as two:
            room = running.services.hub.loaded(session["room_id"])
            assert room is not None
            watched = (room, room.document, room.document._doc)  # noqa: SLF001 - what holds the memory
            left = {type(part).__name__ for part in watched}

            def dies(name: str) -> None:
                left.discard(name)
                if not left:
                    gone.set()

            for part in watched:
                weakref.finalize(part, dies, type(part).__name__)
            del room, watched, part
            for number in range(5):
                await two.wait_acknowledged(await two.insert(0, f"line {number}\n"))
            await one.wait_text(str(two.text))
            assert (await owner.patch(path, json={"language": "java"})).status_code == 200
        await _wait(gone, left)
        # What was let go is still there for whoever comes back.
        assert (await owner.get(f"{path}/files/main.py")).text.startswith("line 4\n")


async def test_a_document_dies_after_an_edit_by_the_server(
    running: Application, no_collection: None
) -> None:
    async with running.client() as owner:
        session = (await owner.post("/api/sessions")).json()
        hub = running.services.hub
        await hub.room(session["room_id"])
        gone = asyncio.Event()
        room = hub.loaded(session["room_id"])
        assert room is not None
        weakref.finalize(room.document._doc, gone.set)  # noqa: SLF001
        del room

        def note(document: Document) -> None:
            document.put_file("notes.txt", "text", "a note")

        await hub.change(session["room_id"], note)
        await _wait(gone, "the document")


async def test_what_was_deleted_is_gone(
    running: Application, address: str, no_collection: None
) -> None:
    async with running.client() as owner:
        session = (await owner.post("/api/sessions")).json()
        gone = asyncio.Event()
        async with connect_peer(f"ws://{address}/ws/{session['room_id']}", control=True) as peer:
            room = running.services.hub.loaded(session["room_id"])
            assert room is not None
            weakref.finalize(room.document._doc, gone.set)  # noqa: SLF001
            del room
            await peer.wait_acknowledged(await peer.insert(0, "y"))
            await owner.delete(f"/api/sessions/{session['session_id']}")
            assert await peer.wait_closed() in (4404, 1013)
        await _wait(gone, "the document")


async def _wait(gone: asyncio.Event, what: object) -> None:
    try:
        async with asyncio.timeout(10):
            await gone.wait()
    except TimeoutError:
        raise AssertionError(f"still in memory: {what}") from None
